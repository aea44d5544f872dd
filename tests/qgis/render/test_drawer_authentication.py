"""Layers behind authentication configurations of QGIS open, and are searched, as QGIS opens them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsApplication, QgsAuthMethodConfig, QgsCoordinateReferenceSystem, QgsRasterLayer
from qgis.PyQt.QtCore import QObject

from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.messages import ScanSettings
from qgis_msa_plugin.search.target import scan_request
from tests.map_server import MapServer
from tests.qgis.render.conftest import area_of
from tests.qgis.render.test_drawer import block, drawn


@pytest.fixture
def configuration(qgis_app: QObject) -> Iterator[str]:
    """The id of a configuration with a name and a password, in a database that the test unlocks."""
    manager = QgsApplication.authManager()
    if manager.isDisabled() or not manager.setMasterPassword("tests", True):
        pytest.skip("this QGIS keeps no authentication configurations")
    config = QgsAuthMethodConfig("Basic")
    config.setName("map server of a test")
    config.setConfig("username", "analyst")
    config.setConfig("password", "s3cret")
    assert manager.storeAuthenticationConfig(config)
    yield config.id()
    manager.removeAuthenticationConfig(config.id())


def test_tiles_behind_a_login_are_drawn_and_tell_no_secret(
    qtbot: QtBot, server: MapServer, configuration: str, qgis_new_project: None, raster: Path
) -> None:
    server.login = "analyst:s3cret"
    layer = QgsRasterLayer(f"{server.xyz}&authcfg={configuration}", "closed", "wms")
    picture = drawn(qtbot, layer, block(gsd=0.5))
    assert picture.problem == ""
    assert picture.rgba[3::4].count(0) == 0
    request = scan_request(layer, area_of(raster), ScanSettings(), 0.5)
    assert isinstance(request.raster, DrawnLayer)
    assert "s3cret" not in repr(request)
    assert "analyst" not in repr(request)


def test_without_the_login_the_refusal_is_named(
    qtbot: QtBot, server: MapServer, qgis_new_project: None
) -> None:
    server.login = "analyst:s3cret"
    layer = QgsRasterLayer(server.xyz, "closed", "wms")
    assert drawn(qtbot, layer, block(gsd=0.5)).problem == "HTTP 401"


def test_a_file_behind_a_login_is_drawn_in_its_own_pixels(
    qtbot: QtBot, server: MapServer, configuration: str, qgis_new_project: None, raster: Path
) -> None:
    server.login = "analyst:s3cret"
    server.files["/scene.tif"] = raster.read_bytes()
    source = f"/vsicurl/http://127.0.0.1:{server.port}/scene.tif authcfg='{configuration}'"
    layer = QgsRasterLayer(source, "closed file", "gdal")
    assert layer.isValid(), layer.error().message()
    request = scan_request(layer, None, ScanSettings())
    assert isinstance(request.raster, DrawnLayer)
    assert (request.raster.width, request.raster.crs) == (1024, "EPSG:32645")
    assert QgsCoordinateReferenceSystem(request.raster.crs) == layer.crs()
    assert drawn(qtbot, layer, block(gsd=0.5)).problem == ""
