"""Layers of QGIS: rasters as the worker's files, results as vector layers, outlines above the map."""
