"""Polygons from one CRS into another, as QGIS brings them."""

from __future__ import annotations

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsRectangle

from qgis_msa_plugin.gis.geometry import to_crs

UTM60S = QgsCoordinateReferenceSystem("EPSG:32760")
LONLAT = QgsCoordinateReferenceSystem("EPSG:4326")
MERCATOR = QgsCoordinateReferenceSystem("EPSG:3857")


@pytest.mark.parametrize(("target", "side"), [(LONLAT, 0.002), (MERCATOR, 223.0)])
def test_a_tile_on_the_date_line_stays_in_one_piece(
    qgis_app: object, target: QgsCoordinateReferenceSystem, side: float
) -> None:
    tile = QgsGeometry.fromRect(QgsRectangle(179.999, -17.001, 180.001, -16.999))
    tile = to_crs(tile, LONLAT, UTM60S)
    placed = to_crs(tile, UTM60S, target)
    assert placed.isGeosValid()
    assert placed.boundingBox().width() == pytest.approx(side, rel=0.05)
    assert placed.area() == pytest.approx(side * placed.boundingBox().height(), rel=0.1)


def test_what_is_as_wide_as_the_world_stays_so(qgis_app: object) -> None:
    world = QgsGeometry.fromRect(QgsRectangle(-179, -80, 179, 80))
    assert to_crs(world, LONLAT, MERCATOR).boundingBox().width() > 39_000_000
