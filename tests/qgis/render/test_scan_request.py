"""Which layers go by their path, and which are drawn."""

from __future__ import annotations

from pathlib import Path

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsHillshadeRenderer,
    QgsProject,
    QgsRasterLayer,
    QgsSingleBandPseudoColorRenderer,
)
from qgis.PyQt.QtCore import QObject

from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.messages import Aoi, Example, RasterRef, ScanPlan, ScanRequest, ScanSettings
from qgis_msa_plugin.gis.raster_source import raster_ref
from qgis_msa_plugin.search.permitted_sources import with_own_rasters
from qgis_msa_plugin.search.question import Question
from qgis_msa_plugin.search.target import fetches_much, scan_request
from tests.present import as_a
from tests.qgis.render.conftest import added, area_of
from tests.refusals import raises_kind

SETTINGS = ScanSettings()


@pytest.fixture
def scene(raster: Path, qgis_new_project: None) -> QgsRasterLayer:
    return added(QgsRasterLayer(str(raster), "scene"))


@pytest.fixture
def area(raster: Path, qgis_app: QObject) -> Aoi:
    return area_of(raster)


def request_of(layer: QgsRasterLayer, area: Aoi | None = None, gsd_m: float | None = None) -> ScanRequest:
    return scan_request(layer, area, SETTINGS, gsd_m)


def test_a_file_goes_by_its_path_whatever_pixel_size_other_layers_are_drawn_at(scene: QgsRasterLayer) -> None:
    assert isinstance(request_of(scene).raster, RasterRef)
    assert request_of(scene, gsd_m=5.0) == request_of(scene)


def test_a_file_of_a_worker_elsewhere_is_drawn_in_its_own_pixels(scene: QgsRasterLayer) -> None:
    request = scan_request(scene, None, SETTINGS, 5.0, shares_files=False)
    assert isinstance(request.raster, DrawnLayer)
    assert (request.raster.width, request.raster.transform[0], request.raster.most) == (1024, 0.5, 0)


def test_a_style_that_works_out_the_picture_is_drawn_as_it_is_shown(scene: QgsRasterLayer) -> None:
    scene.setRenderer(QgsHillshadeRenderer(scene.dataProvider(), 1, 315, 45))
    assert isinstance(request_of(scene).raster, DrawnLayer)
    scene.setRenderer(QgsSingleBandPseudoColorRenderer(scene.dataProvider(), 1))
    assert isinstance(request_of(scene).raster, DrawnLayer)


def test_a_crs_that_only_qgis_knows_goes_along_with_the_pixels(scene: QgsRasterLayer) -> None:
    scene.setCrs(QgsCoordinateReferenceSystem("EPSG:32644"))
    request = request_of(scene)
    assert isinstance(request.raster, DrawnLayer)
    assert request.raster.crs == "EPSG:32644"


def test_a_server_is_asked_for_so_many_tiles_and_no_more(tiles: QgsRasterLayer, area: Aoi) -> None:
    request = request_of(tiles, area)
    assert isinstance(request.raster, DrawnLayer)
    assert request.raster.most == 20_000
    assert request.raster.transform[0] == 0.5
    assert as_a(DrawnLayer, request_of(tiles, area, 2.0).raster).transform[0] == 2.0


def test_a_server_whose_terms_forbid_bulk_is_left_alone(area: Aoi, qgis_app: QObject) -> None:
    url = "type=xyz&url=https://tile.openstreetmap.org/{z}/{x}/{y}.png&zmin=0&zmax=19"
    with raises_kind("bulk_forbidden", match=r"tile\.openstreetmap\.org"):
        request_of(QgsRasterLayer(url, "streets", "wms"), area)


def test_many_pictures_of_a_server_are_asked_about_first(
    tiles: QgsRasterLayer, scene: QgsRasterLayer, area: Aoi
) -> None:
    few, many = (ScanPlan("i.gpkg", 9, 9, 1.0, 1, 0.5, (), blocks=count) for count in (5, 50))
    served = request_of(tiles, area)
    assert fetches_much(served, many)
    assert not fetches_much(served, few)
    assert not fetches_much(scan_request(scene, None, SETTINGS, shares_files=False), many)


def test_an_example_in_a_file_is_drawn_for_a_worker_that_does_not_see_it(scene: QgsRasterLayer) -> None:
    middle = scene.extent().center()
    place = (middle.x(), middle.y())
    example = Example(raster=raster_ref(scene), crs=scene.crs().authid(), point=place)
    question = Question("", examples=(example,))
    near, far = (with_own_rasters(question, QgsProject.instance(), shares) for shares in (True, False))
    assert near == question
    assert as_a(DrawnLayer, far.examples[0].raster).address.startswith("qgis:gdal:")
    assert far.examples[0].point == place
