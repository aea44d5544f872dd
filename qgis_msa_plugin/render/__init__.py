"""Layers that only QGIS can read, drawn block after block for the worker, off the GUI thread."""
