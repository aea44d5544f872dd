"""Polygons as users have them, made into one area that the worker can use."""

from __future__ import annotations

from collections.abc import Iterable

from qgis.core import QgsGeometry, QgsWkbTypes


def united(geometries: Iterable[QgsGeometry]) -> QgsGeometry:
    """The polygonal parts of all, repaired where they are invalid, as one geometry; perhaps empty."""
    whole = (geometry if geometry.isGeosValid() else geometry.makeValid() for geometry in geometries)
    parts = [
        part
        for geometry in whole
        if not geometry.isNull()
        for part in geometry.asGeometryCollection()
        if part.type() == QgsWkbTypes.GeometryType.PolygonGeometry and part.area() > 0
    ]
    return QgsGeometry.unaryUnion(parts) if parts else QgsGeometry()
