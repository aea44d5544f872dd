"""Coordinates between the wire (rings, authority ids, WKT) and QGIS."""

from __future__ import annotations

import math
from typing import Optional

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsDistanceArea,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsWkbTypes,
)

from msa_model.protocol.messages import Aoi, Bounds, Ring

WGS84 = "EPSG:4326"

_SEGMENTS_PER_SIDE = 8
_MERCATOR_HALF = 20037508.342789244


def crs_text(crs: QgsCoordinateReferenceSystem) -> str:
    """The CRS as the worker reads it: 'EPSG:3857', or WKT where no authority knows it."""
    authority_id = crs.authid()
    return authority_id if authority_id and not authority_id.startswith("USER") else crs.toWkt()


def crs_of(text: str) -> QgsCoordinateReferenceSystem:
    """The CRS that `crs_text` or the worker spelled."""
    if "[" in text:
        return QgsCoordinateReferenceSystem.fromWkt(text)
    return QgsCoordinateReferenceSystem(text)


def ring_of(bounds: Bounds) -> Ring:
    """The corners of a box, from its upper left clockwise."""
    left, bottom, right, top = bounds
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def polygon_of(ring: Ring) -> QgsGeometry:
    """The polygon of an open ring."""
    return QgsGeometry.fromPolygonXY([[QgsPointXY(x, y) for x, y in ring]])


def to_crs(
    geometry: QgsGeometry, source: QgsCoordinateReferenceSystem, target: QgsCoordinateReferenceSystem
) -> QgsGeometry:
    """A copy of the geometry in `target`; its sides are bent where the projection bends them.

    Raises:
        QgsCsException: the geometry lies where `target` has no coordinates.
    """
    if source == target:
        return QgsGeometry(geometry)
    bent = geometry.densifyByCount(_SEGMENTS_PER_SIDE)
    outcome = bent.transform(QgsCoordinateTransform(source, target, QgsProject.instance()))
    if outcome != Qgis.GeometryOperationResult.Success:
        raise QgsCsException("A geometry cannot be transformed.")
    return _unbroken(bent, target)


def _unbroken(geometry: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> QgsGeometry:
    """A polygon that a transformation tore apart at the date line, in one piece that reaches beyond it."""
    half = _half_world(crs)
    if half is None or geometry.boundingBox().width() <= half:
        return geometry
    polygons = geometry.asMultiPolygon() if geometry.isMultipart() else [geometry.asPolygon()]
    whole = [[_unbroken_ring(ring, half) for ring in polygon] for polygon in polygons]
    if any(ring is None for polygon in whole for ring in polygon):
        return geometry  # it goes all the way round
    return (
        QgsGeometry.fromMultiPolygonXY(whole)
        if geometry.isMultipart()
        else QgsGeometry.fromPolygonXY(whole[0])
    )


def _unbroken_ring(ring: list[QgsPointXY], half: float) -> Optional[list[QgsPointXY]]:
    xs = [ring[0].x()]
    for point in ring[1:]:
        step = point.x() - xs[-1]
        xs.append(point.x() - 2 * half * math.floor((step + half) / (2 * half)))
    if abs(xs[-1] - xs[0]) > half:
        return None
    return [QgsPointXY(x, point.y()) for x, point in zip(xs, ring)]


def _half_world(crs: QgsCoordinateReferenceSystem) -> Optional[float]:
    if crs.isGeographic():
        return 180.0
    return _MERCATOR_HALF if crs.authid() == "EPSG:3857" else None


def point_to_crs(
    point: QgsPointXY, source: QgsCoordinateReferenceSystem, target: QgsCoordinateReferenceSystem
) -> QgsPointXY:
    """The point in `target`.

    Raises:
        QgsCsException: the point lies where `target` has no coordinates.
    """
    return QgsCoordinateTransform(source, target, QgsProject.instance()).transform(point)


def square_around(point: QgsPointXY, crs: QgsCoordinateReferenceSystem, side_m: float) -> Ring:
    """The corners, in WGS 84, of the square of `side_m` metres on the ground around a point in `crs`.

    Raises:
        QgsCsException: the point lies where there are no geographic coordinates.
    """
    centre = point_to_crs(point, crs, QgsCoordinateReferenceSystem(WGS84))
    ground = QgsDistanceArea()
    if not ground.setEllipsoid("WGS84"):
        raise QgsCsException("QGIS does not know the ellipsoid WGS84.")
    corners = (
        ground.computeSpheroidProject(centre, side_m / math.sqrt(2), math.radians(azimuth))
        for azimuth in (315, 45, 135, 225)
    )
    return tuple((corner.x(), corner.y()) for corner in corners)


def flat(geometry: QgsGeometry) -> QgsGeometry:
    """A copy without curves, heights and measures: what the worker reads; null where `geometry` is."""
    copy = QgsGeometry(geometry)
    if copy.isNull():
        return copy
    if copy.constGet().hasCurvedSegments():
        copy = QgsGeometry(copy.constGet().segmentize())
    copy.get().dropZValue()
    copy.get().dropMValue()
    return copy


def area_text(geometry: QgsGeometry) -> str:
    """The geometry as WKT that the worker reads: flat, without curves; several points as their middle."""
    shape = flat(geometry)
    if shape.isNull():
        return ""
    is_point = shape.type() == QgsWkbTypes.GeometryType.PointGeometry
    return str((shape.centroid() if is_point else shape).asWkt())


def aoi_of(geometry: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> Aoi:
    """The geometry as an area of interest."""
    return Aoi(geometry.asWkt(), crs_text(crs))
