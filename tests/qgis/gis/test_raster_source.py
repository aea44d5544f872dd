from __future__ import annotations

from pathlib import Path

import pytest
from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsMultiBandColorRenderer,
    QgsProject,
    QgsRasterLayer,
    QgsSingleBandGrayRenderer,
)

from msa_model.protocol.errors import MsaError, RasterMissing
from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.messages import RasterRef, ScanSettings
from qgis_msa_plugin.gis.raster_source import LayerNotAFile, as_in_project, raster_ref
from qgis_msa_plugin.search.target import scan_request
from tests.map_server import map_server
from tests.qgis.scene import write_scene


def test_a_file_is_its_path_and_the_bands_shown(scene: QgsRasterLayer, tmp_path: Path) -> None:
    assert raster_ref(scene) == RasterRef(str(tmp_path / "scene.tif"), (1, 2, 3))


def test_the_analysts_own_band_choice_is_what_the_model_sees(tmp_path: Path, qgis_app: object) -> None:
    layer = QgsRasterLayer(str(write_scene(tmp_path / "four.tif", 64, 4)), "four")
    layer.setRenderer(QgsMultiBandColorRenderer(layer.dataProvider(), 4, 1, 2))
    assert raster_ref(layer).bands == (4, 1, 2)


def test_a_layer_shown_in_one_band_leaves_the_choice_to_the_worker(tmp_path: Path, qgis_app: object) -> None:
    layer = QgsRasterLayer(str(write_scene(tmp_path / "four.tif", 64, 4)), "four")
    layer.setRenderer(QgsSingleBandGrayRenderer(layer.dataProvider(), 2))
    assert raster_ref(layer).bands == ()


def test_open_options_of_qgis_are_no_part_of_the_path(tmp_path: Path, qgis_app: object) -> None:
    path = write_scene(tmp_path / "scene with spaces.tif", 64)
    layer = QgsRasterLayer(f"{path}|option:NUM_THREADS=2", "scene")
    assert layer.isValid()
    assert raster_ref(layer).path == str(path)


def test_a_relative_path_becomes_absolute(
    tmp_path: Path, qgis_app: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_scene(tmp_path / "scene.tif", 64)
    monkeypatch.chdir(tmp_path)
    assert raster_ref(QgsRasterLayer("scene.tif", "scene")).path == str(tmp_path / "scene.tif")


def test_a_subdataset_keeps_its_name(tmp_path: Path, qgis_app: object) -> None:
    source = gdal.Open(str(write_scene(tmp_path / "scene.tif", 64)))
    for number, option in ((1, "RASTER_TABLE=one"), (2, "RASTER_TABLE=two")):
        options = [option] + (["APPEND_SUBDATASET=YES"] if number > 1 else [])
        gdal.GetDriverByName("GPKG").CreateCopy(str(tmp_path / "s.gpkg"), source, options=options)
    name = f"GPKG:{tmp_path / 's.gpkg'}:two"
    assert raster_ref(QgsRasterLayer(name, "two")).path == name


def test_a_broken_layer_is_named_with_its_source(qgis_app: object) -> None:
    with pytest.raises(RasterMissing, match=r"'town' is broken.*/nowhere/town\.tif"):
        raster_ref(QgsRasterLayer("/nowhere/town.tif", "town"))


def test_an_online_layer_is_refused_with_a_way_out(qgis_app: object) -> None:
    url = "type=xyz&url=https://tiles.invalid/{z}/{x}/{y}.png"
    with pytest.raises(LayerNotAFile, match="no local raster file") as caught:
        raster_ref(QgsRasterLayer(url, "map", "wms"))
    assert isinstance(caught.value, MsaError)


def test_a_raster_in_memory_is_refused(tmp_path: Path, qgis_app: object) -> None:
    source = gdal.Open(str(write_scene(tmp_path / "scene.tif", 64)))
    gdal.GetDriverByName("GTiff").CreateCopy("/vsimem/scene.tif", source)
    with pytest.raises(LayerNotAFile):
        raster_ref(QgsRasterLayer("/vsimem/scene.tif", "scene"))
    gdal.Unlink("/vsimem/scene.tif")


def test_a_raster_whose_crs_only_qgis_knows_is_drawn_by_qgis(scene: QgsRasterLayer) -> None:
    assert raster_ref(scene).path == scene.source()
    scene.setCrs(QgsCoordinateReferenceSystem("EPSG:32644"))
    with pytest.raises(LayerNotAFile, match="not the one in its file"):
        raster_ref(scene)


def test_a_raster_named_without_secrets_is_the_projects_layer_of_that_address(
    tmp_path: Path, qgis_app: object
) -> None:
    with map_server(lambda *_: b"") as server:
        server.files["/scene.tif"] = write_scene(tmp_path / "scene.tif", 64).read_bytes()
        source = f"/vsicurl/http://127.0.0.1:{server.port}/scene.tif?v=1&token=abc"
        project = QgsProject()
        layer = QgsRasterLayer(source, "scene")
        assert layer.isValid()
        project.addMapLayer(layer)
        kept = RasterRef(RasterRef(source).address, (3,))
        assert "abc" not in kept.path
        assert as_in_project(kept, project) == RasterRef(source, (3,))
        other = RasterRef(kept.path.replace("v=1", "v=2"))
        assert as_in_project(other, project) == other


def test_a_format_that_the_worker_lacks_is_drawn_by_qgis(tmp_path: Path, qgis_app: object) -> None:
    driver = gdal.GetDriverByName("PDF")
    if driver is None:
        pytest.skip("this GDAL is built without PDF")
    path = tmp_path / "map.pdf"
    driver.CreateCopy(str(path), gdal.Open(str(write_scene(tmp_path / "scene.tif", 256))))
    layer = QgsRasterLayer(str(path), "map")
    if not layer.isValid():
        pytest.skip("this GDAL writes PDF only")
    with pytest.raises(LayerNotAFile, match="PDF"):
        raster_ref(layer)
    request = scan_request(layer, None, ScanSettings())
    assert isinstance(request.raster, DrawnLayer)
    assert (request.raster.width, request.raster.height) == (layer.width(), layer.height())
