"""Layers, CRSs and geometries as QGIS has them; nothing of searches."""
