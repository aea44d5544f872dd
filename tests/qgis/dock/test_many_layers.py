"""Searches over several layers, and over layers that are no files."""

from __future__ import annotations

import pytest
from qgis.core import QgsProject, QgsRasterLayer

from msa_model.protocol import rpc
from msa_model.protocol.errors import Cancelled, RasterUnreadable
from msa_model.protocol.messages import Aoi, Progress, ScanPlan, ScanSummary
from qgis_msa_plugin.search.controller import LONG_SCAN_S, SearchController
from qgis_msa_plugin.search.state import ScanPhase
from tests.present import present
from tests.qgis.dock.conftest import MakeRaster
from tests.qgis.dock.desk import Client, Square, answer, plan


@pytest.fixture
def ready(controller: SearchController, town: QgsRasterLayer) -> SearchController:
    controller.choose_layer(town)
    return controller


@pytest.fixture
def both(controller: SearchController, town: QgsRasterLayer, make_raster: MakeRaster) -> SearchController:
    port = QgsRasterLayer(str(make_raster("port.tif")), "port")
    QgsProject.instance().addMapLayer(port)
    controller.choose_layers([town, port])
    return controller


def progress(done: int, total: int) -> Progress:
    return Progress(1, done, total, 10.0, 1.0)


def summary(name: str) -> ScanSummary:
    return ScanSummary(f"/nowhere/{name}.msa.gpkg", 100, 100, 0, 0, 3.0)


def test_several_layers_are_planned_together_and_asked_in_one_question(
    both: SearchController, client: Client
) -> None:
    both.search("blue roofs")
    client.answer(rpc.PLAN, plan(missing=0))
    assert both.state.plan is None
    client.answer(rpc.PLAN, plan(missing=0, name="port"))
    assert present(both.state.plan).tiles == 200
    assert [each.tiles for each in both.state.plans] == [100, 100]
    request = client.waiting(rpc.RANK)[0].params
    assert request.indexes == ("/nowhere/town.msa.gpkg", "/nowhere/port.msa.gpkg")


def test_several_layers_are_scanned_one_after_the_other_with_one_progress(
    both: SearchController, client: Client
) -> None:
    both.search("blue roofs")
    client.answer(rpc.PLAN, plan())
    client.answer(rpc.PLAN, plan(name="port"))
    (build,) = client.waiting(rpc.BUILD)
    assert build.params.raster.path.endswith("town.tif")
    present(build.progress)(progress(30, 100))
    assert (present(both.state.progress).done, present(both.state.progress).total) == (30, 200)
    assert "town" in present(both.state.progress).label
    assert client.answer(rpc.RANK, *answer(Square(1000, 2000))).params.indexes == ("/nowhere/town.msa.gpkg",)
    client.answer(rpc.BUILD, summary("town"))
    (build,) = client.waiting(rpc.BUILD)
    assert build.params.raster.path.endswith("port.tif")
    present(build.progress)(progress(10, 100))
    assert present(both.state.progress).done == 110
    client.answer(rpc.RANK, *answer(Square(1000, 2000)))
    client.answer(rpc.BUILD, summary("port"))
    assert both.state.phase is ScanPhase.IDLE
    assert (present(both.state.plan).tiles, present(both.state.plan).missing) == (200, 0)
    assert len(client.waiting(rpc.RANK)[0].params.indexes) == 2


def test_the_consent_is_to_the_cost_of_all_layers(both: SearchController, client: Client) -> None:
    both.search("blue roofs")
    client.answer(rpc.PLAN, plan(seconds=0.6 * LONG_SCAN_S))
    client.answer(rpc.PLAN, plan(seconds=0.6 * LONG_SCAN_S, name="port"))
    assert both.state.phase is ScanPhase.CONSENT
    both.consent()
    assert both.state.phase is ScanPhase.SCANNING


def test_a_layer_that_cannot_be_read_stops_no_other(both: SearchController, client: Client) -> None:
    both.search("blue roofs")
    client.refuse(rpc.PLAN, RasterUnreadable("town.tif is truncated."))
    client.answer(rpc.PLAN, plan(missing=0, name="port"))
    assert "town.tif is truncated" in present(both.state.notice).sentence
    assert client.answer(rpc.RANK, *answer()).params.indexes == ("/nowhere/port.msa.gpkg",)


def test_a_scan_that_fails_is_followed_by_the_next_layers(both: SearchController, client: Client) -> None:
    both.search("blue roofs")
    client.answer(rpc.PLAN, plan())
    client.answer(rpc.PLAN, plan(name="port"))
    client.refuse(rpc.BUILD, RasterUnreadable("A block cannot be decoded."))
    assert "'town' could not be scanned" in present(both.state.notice).sentence
    assert client.waiting(rpc.BUILD)[0].params.raster.path.endswith("port.tif")


def test_cancel_ends_the_scans_of_all_layers(both: SearchController, client: Client) -> None:
    both.search("blue roofs")
    client.answer(rpc.PLAN, plan())
    client.answer(rpc.PLAN, plan(name="port"))
    both.cancel()
    client.refuse(rpc.BUILD, Cancelled("Cancelled."))
    assert both.state.phase is ScanPhase.IDLE
    assert client.waiting(rpc.BUILD) == []


def test_a_layer_removed_in_mid_scan_leaves_the_others_to_be_scanned(
    both: SearchController, client: Client, town: QgsRasterLayer
) -> None:
    both.search("blue roofs")
    client.answer(rpc.PLAN, plan())
    client.answer(rpc.PLAN, plan(name="port"))
    build = client.waiting(rpc.BUILD)[0]
    QgsProject.instance().removeMapLayer(town.id())
    assert build.id in client.cancelled
    client.refuse(rpc.BUILD, Cancelled("Cancelled."))
    assert "'town' was removed" in present(both.state.notice).sentence
    assert client.waiting(rpc.BUILD)[0].params.raster.path.endswith("port.tif")


def test_a_layer_renamed_in_mid_scan_goes_on_under_its_old_name(
    ready: SearchController, client: Client, town: QgsRasterLayer
) -> None:
    ready.search("blue roofs")
    client.answer(rpc.PLAN, plan())
    town.setName("city")
    present(client.waiting(rpc.BUILD)[0].progress)(progress(30, 100))
    client.answer(rpc.RANK, *answer(Square(1000, 2000)))
    assert present(ready.state.results).title == "town"


def test_a_layer_that_is_no_file_is_planned_in_pixels_of_the_size_that_was_picked(
    controller: SearchController, client: Client, served: QgsRasterLayer
) -> None:
    controller.choose_layer(served)
    controller.choose_area(lambda: Aoi("POLYGON ((0 0, 300 0, 300 300, 0 300, 0 0))", "EPSG:3857"))
    widths = []
    for gsd_m in (1.0, 2.0):
        controller.choose_gsd(gsd_m)
        controller.search("blue roofs")
        widths.append(client.answer(rpc.PLAN, drawn_plan()).params.raster.width)
        assert [asked.method for asked in client.open] == [rpc.RANK]
        client.answer(rpc.RANK, *answer())
    assert widths[0] == pytest.approx(2 * widths[1], rel=0.1)


def test_many_pictures_of_a_server_are_asked_for_first(
    controller: SearchController, client: Client, served: QgsRasterLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qgis_msa_plugin.search.planner.fetches_much", lambda request, plan: True)
    controller.choose_layer(served)
    controller.choose_area(lambda: Aoi("POLYGON ((0 0, 300 0, 300 300, 0 300, 0 0))", "EPSG:3857"))
    controller.search("blue roofs")
    client.answer(rpc.PLAN, drawn_plan(missing=100))
    assert controller.state.phase is ScanPhase.CONSENT


def drawn_plan(missing: int = 0) -> ScanPlan:
    return ScanPlan("/nowhere/served.msa.gpkg", 100, missing, 1.0, 1000, 1.0, (), blocks=missing and 2)


def test_a_layer_that_was_removed_is_searched_no_more(
    both: SearchController, client: Client, town: QgsRasterLayer
) -> None:
    QgsProject.instance().removeMapLayer(town.id())
    both.search("blue roofs")
    (asked,) = client.waiting(rpc.PLAN)
    assert asked.params.raster.path.endswith("port.tif")
    assert len(both.state.layers) == 1
