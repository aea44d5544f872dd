"""Where the pixels of a drawn layer lie, and what it is called."""

from __future__ import annotations

from pathlib import Path

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsPointXY, QgsRasterLayer, QgsRectangle
from qgis.PyQt.QtCore import QObject

from msa_model.protocol.errors import AoiInvalid, RasterMissing, RasterWithoutCrs
from msa_model.protocol.messages import Aoi
from qgis_msa_plugin.gis.geometry import aoi_of
from qgis_msa_plugin.render.grid import GSDS_M, gsd_choices, pixel_grid, usual_gsd
from qgis_msa_plugin.render.style import host_of, shown_source, version_of
from tests.map_server import MapServer
from tests.qgis.render.conftest import area_of
from tests.refusals import raises_kind

LONLAT = QgsCoordinateReferenceSystem("EPSG:4326")


def around(longitude: float, latitude: float, side: float = 0.01) -> Aoi:
    box = QgsRectangle.fromCenterAndSize(QgsPointXY(longitude, latitude), side, side)
    return aoi_of(QgsGeometry.fromRect(box), LONLAT)


def test_tiles_without_end_are_drawn_in_metres_on_the_ground(tiles: QgsRasterLayer) -> None:
    grid = pixel_grid(tiles, around(85.5, 27.6), 0.5)
    assert grid.crs == "EPSG:32645"
    assert grid.transform[0] == -grid.transform[4] == 0.5
    assert pixel_grid(tiles, around(8.5, -47.0), 0.5).crs == "EPSG:32732"
    assert pixel_grid(tiles, around(10.0, 85.0), 0.5).crs == "EPSG:32661"


def test_the_grid_does_not_move_with_the_view(tiles: QgsRasterLayer) -> None:
    assert pixel_grid(tiles, around(85.5, 27.6), 0.5) == pixel_grid(tiles, around(85.9, 27.1, 0.2), 0.5)


def test_a_raster_keeps_its_own_pixels(raster: Path, qgis_app: QObject) -> None:
    layer = QgsRasterLayer(str(raster), "scene")
    grid = pixel_grid(layer)
    assert (grid.width, grid.height, grid.crs) == (layer.width(), layer.height(), "EPSG:32645")
    assert grid.transform == (0.5, 0.0, 500_000.0, 0.0, -0.5, 3_060_000.0)


def test_a_raster_is_drawn_at_another_pixel_size_in_its_own_metres(raster: Path, qgis_app: QObject) -> None:
    grid = pixel_grid(QgsRasterLayer(str(raster), "scene"), gsd_m=2.0)
    assert (grid.crs, grid.transform[0], grid.width) == ("EPSG:32645", 2.0, 256)


def test_an_endless_layer_needs_an_area(tiles: QgsRasterLayer) -> None:
    with raises_kind("too_many_tiles", match="tiles"):
        pixel_grid(tiles)


def test_layers_that_cannot_be_placed_are_refused(
    qgis_app: QObject, raster: Path, tiles: QgsRasterLayer
) -> None:
    with pytest.raises(RasterMissing):
        pixel_grid(QgsRasterLayer("/nowhere/at/all.tif", "gone"))
    placeless = QgsRasterLayer(str(raster), "scene")
    placeless.setCrs(QgsCoordinateReferenceSystem())
    with pytest.raises(RasterWithoutCrs):
        pixel_grid(placeless)
    with pytest.raises(AoiInvalid):
        pixel_grid(tiles, Aoi("POLYGON EMPTY", "EPSG:4326"))


def test_no_pixel_size_is_offered_that_the_server_does_not_hold(server: MapServer, qgis_app: QObject) -> None:
    coarse = QgsRasterLayer(server.xyz.replace("zmax=19", "zmax=15"), "tiles", "wms")
    assert gsd_choices(coarse, around(0, 0)) == (5.0, 10.0, 20.0)
    assert gsd_choices(coarse, around(0, 75))[0] == 1.0
    assert usual_gsd(gsd_choices(coarse, around(0, 0))) == 5.0


def test_any_pixel_size_is_offered_of_a_wms_and_none_of_a_file(wms: QgsRasterLayer, raster: Path) -> None:
    assert gsd_choices(wms) == GSDS_M
    assert usual_gsd(GSDS_M) == 0.5
    assert gsd_choices(QgsRasterLayer(str(raster), "scene")) == gsd_choices(None) == ()


def test_a_layer_of_another_look_has_another_version(raster: Path, qgis_app: QObject) -> None:
    layer, same = (QgsRasterLayer(str(raster), name) for name in ("scene", "renamed"))
    assert version_of(layer) == version_of(same) == version_of(layer)
    layer.setOpacity(0.5)
    assert version_of(layer) == version_of(same)
    layer.renderer().setRedBand(2)
    assert version_of(layer) != version_of(same)


def test_names_of_layers_tell_no_secrets(qgis_app: QObject) -> None:
    source = "type=xyz&url=https://me:pw@a.b/%7Bz%7D.png?token%3Dabc%26x%3D1&http-header:X-Key=abc&zmax=3"
    layer, signed_anew = (
        QgsRasterLayer(text, "tiles", "wms") for text in (source, source.replace("abc", "d"))
    )
    assert (
        shown_source(layer)
        == shown_source(signed_anew)
        == "qgis:wms:type=xyz&url=https://a.b/{z}.png?x=1&zmax=3"
    )
    assert version_of(layer) == version_of(signed_anew)


def test_the_server_of_a_layer_is_known(tiles: QgsRasterLayer, wms: QgsRasterLayer, raster: Path) -> None:
    assert host_of(tiles) == host_of(wms) == "127.0.0.1"
    assert host_of(QgsRasterLayer(str(raster), "scene")) == ""


def test_the_area_decides_the_zone_not_the_layer(wms: QgsRasterLayer, raster: Path) -> None:
    assert pixel_grid(wms, area_of(raster), 1.0).crs == "EPSG:32645"
