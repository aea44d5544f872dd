"""Polygons as users have them, made into one area that the worker can use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from qgis.core import Qgis, QgsCoordinateReferenceSystem, QgsGeometry, QgsRectangle, QgsWkbTypes

_MERCATOR_HALF = 20037508.342789244
_HIGH = 1e9  # above any coordinate


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


def within_world(area: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> QgsGeometry:
    """The area with what lies beyond the antimeridian (longitude 190) brought to its other side (-170)."""
    half = _half_world(crs)
    box = area.boundingBox()
    if half is None or (box.xMinimum() >= -half and box.xMaximum() <= half):
        return area
    world = QgsGeometry.fromRect(QgsRectangle(-half, -_HIGH, half, _HIGH))
    pieces = []
    for turns in (-1, 0, 1):
        piece = QgsGeometry(area)
        if piece.translate(2 * half * turns, 0) == Qgis.GeometryOperationResult.Success:
            pieces.append(piece.intersection(world))
    return united(pieces)


def _half_world(crs: QgsCoordinateReferenceSystem) -> Optional[float]:
    if crs.isGeographic():
        return 180.0
    return _MERCATOR_HALF if crs.authid() == "EPSG:3857" else None
