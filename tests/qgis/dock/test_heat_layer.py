"""Heat maps on the map: how they look, which are shown, and which files go."""

from __future__ import annotations

import os
from pathlib import Path
from struct import pack

import pytest
from osgeo import gdal
from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QSize, Qt

from qgis_msa_plugin.gis.marks import is_heat_layer
from qgis_msa_plugin.map import heat_layer
from qgis_msa_plugin.map.heat_layer import HeatLayers
from qgis_msa_plugin.map.map_link import MapLink
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.state import Heatmap
from tests.present import present
from tests.qgis.dock.desk import Client
from tests.qgis.dock.test_result_layer import MERCATOR, searched


def test_a_heat_map_is_clear_where_cold_and_one_per_question(town: QgsRasterLayer, tmp_path: Path) -> None:
    heat = HeatLayers(QgsProject.instance())
    for number in range(2):
        path = tmp_path / f"heat{number}.tif"
        _write_heat(path)
        heat.show(Heatmap("blue roofs", "/nowhere/town.tif", "town", str(path), 0.1, 0.3))
    (layer,) = [layer for layer in QgsProject.instance().mapLayers().values() if is_heat_layer(layer)]
    picture = layer.previewAsImage(QSize(40, 10), Qt.GlobalColor.transparent)
    assert picture.pixelColor(2, 5).alpha() < 20
    assert 100 < picture.pixelColor(37, 5).alpha() < 200  # what is below can still be seen
    assert picture.pixelColor(37, 5).red() > 150


def test_old_heat_maps_go_and_what_the_user_keeps_beside_them_stays(
    town: QgsRasterLayer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heat_layer, "heat_folder", lambda: tmp_path)
    monkeypatch.setattr(heat_layer, "_MOST_FILES", 1)
    names = (f"{0:032x}.tif", f"{1:032x}.tif", "mine.tif")
    old, other, mine = (tmp_path / name for name in names)
    _write_heat(old)
    _write_heat(mine)
    other.write_bytes(b"II*\0 a picture of the user's")
    for file in (old, other, mine):
        os.utime(file, (1, 1))
    new = tmp_path / "new" / "heat.tif"
    new.parent.mkdir()
    _write_heat(new)
    HeatLayers(QgsProject.instance()).show(Heatmap("ponds", "/nowhere/town.tif", "town", str(new), 0.1, 0.3))
    assert not old.exists()
    assert other.exists()
    assert mine.exists()


def test_a_copy_of_a_heat_map_layer_is_the_users(town: QgsRasterLayer, tmp_path: Path) -> None:
    heat, copies = HeatLayers(QgsProject.instance()), []
    for number in range(2):
        _write_heat(tmp_path / f"heat{number}.tif")
        path = str(tmp_path / f"heat{number}.tif")
        layer = heat.show(Heatmap("blue roofs", "/nowhere/town.tif", "town", path, 0.1, 0.3))
        copies.append(QgsProject.instance().addMapLayer(present(layer).clone()).id())
    assert all(copy in QgsProject.instance().mapLayers() for copy in copies)


def test_another_questions_answer_hides_the_heat_maps_of_those_before(
    link: MapLink, controller: SearchController, client: Client, tmp_path: Path
) -> None:
    searched(controller, client, 6)
    _write_heat(tmp_path / "heat.tif")
    heat = Heatmap("blue roofs", "/nowhere/town.tif", "town", str(tmp_path / "heat.tif"), 0.1, 0.3)
    controller.state.heatmap = heat
    (layer,) = [layer for layer in QgsProject.instance().mapLayers().values() if is_heat_layer(layer)]
    node = QgsProject.instance().layerTreeRoot().findLayer(layer.id())
    searched(controller, client, 6)
    assert node.isVisible()
    searched(controller, client, 6, query="green field")
    assert not node.isVisible()


def _write_heat(path: Path) -> None:
    data = gdal.GetDriverByName("GTiff").Create(str(path), 4, 1, 1, gdal.GDT_Float32)
    data.SetGeoTransform((1000.0, 100.0, 0.0, 2000.0, 0.0, -100.0))
    data.SetProjection(MERCATOR.toWkt())
    data.GetRasterBand(1).SetDescription("mean score")  # as the worker does
    data.GetRasterBand(1).WriteRaster(0, 0, 4, 1, pack("4f", 0.1, 0.15, 0.25, 0.3))
    data.FlushCache()
