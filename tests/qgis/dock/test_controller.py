from __future__ import annotations

import dataclasses

import pytest
from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtTest import QTest

from msa_model.protocol import rpc
from msa_model.protocol.errors import (
    AoiInvalid,
    Cancelled,
    IndexMissing,
    QueryNotUnderstood,
    RasterUnreadable,
    WorkerDied,
)
from msa_model.protocol.messages import Aoi, Progress, ScanSummary
from qgis_msa_plugin.search.controller import LONG_SCAN_S, SETTLE_MS, SearchController
from qgis_msa_plugin.search.scanning import REFRESH_MS
from qgis_msa_plugin.search.state import ScanPhase
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.widgets.observed import NoticeLevel
from qgis_msa_plugin.worker.state import WorkerState
from tests.present import present
from tests.qgis.dock.conftest import MakeRaster
from tests.qgis.dock.desk import Client, Square, answer, plan, refused_as

SUMMARY = ScanSummary("/nowhere/town.msa.gpkg", 100, 98, 0, 2, 3.0)


@pytest.fixture
def ready(controller: SearchController, town: QgsRasterLayer) -> SearchController:
    controller.choose_layer(town)
    return controller


def progress(done: int, total: int = 100) -> Progress:
    return Progress(1, done, total, 33.0, (total - done) / 33.0)


def scan(controller: SearchController, client: Client, query: str = "blue roofs") -> None:
    controller.search(query)
    client.answer(rpc.PLAN, plan())
    assert controller.state.phase is ScanPhase.SCANNING


@pytest.mark.parametrize("text", ["", "   ", "\t\n "])
def test_an_empty_query_is_refused_without_asking_the_worker(
    ready: SearchController, client: Client, text: str
) -> None:
    ready.search(text)
    assert refused_as(ready.state) == "query_empty"
    assert client.open == []


def test_a_search_without_layer_says_what_to_do(controller: SearchController, client: Client) -> None:
    controller.search("blue roofs")
    assert "raster layer" in present(controller.state.notice).sentence
    assert client.open == []


def test_a_layer_without_crs_is_named(
    controller: SearchController, client: Client, make_raster: MakeRaster
) -> None:
    layer = QgsRasterLayer(str(make_raster("lost.tif", crs=0)), "lost")
    controller.choose_layer(layer)
    controller.search("blue roofs")
    assert refused_as(controller.state) == "raster_without_crs"
    assert "lost" in present(controller.state.notice).sentence
    assert client.open == []


def test_a_layer_of_the_whole_world_is_refused_in_words(controller: SearchController, client: Client) -> None:
    layer = QgsRasterLayer("type=xyz&url=http://127.0.0.1:9/{z}/{x}/{y}.png&zmax=19&zmin=0", "tiles", "wms")
    controller.choose_layer(layer)
    controller.search("blue roofs")
    assert refused_as(controller.state) == "too_many_tiles"
    assert "tiles" in present(controller.state.notice).sentence
    assert client.open == []


def test_the_cost_is_known_before_anything_is_searched(ready: SearchController, client: Client) -> None:
    QTest.qWait(SETTLE_MS + 100)
    asked = client.answer(rpc.PLAN, plan(missing=60))
    assert asked.params.raster.path.endswith("town.tif")
    assert present(ready.state.plan).missing == 60
    assert ready.state.phase is ScanPhase.IDLE
    assert client.waiting(rpc.BUILD) == []


def test_a_plan_is_asked_for_once_however_often_the_choice_changes(
    ready: SearchController, client: Client
) -> None:
    for _ in range(5):
        ready.area_moved()
    QTest.qWait(SETTLE_MS + 100)
    assert len(client.waiting(rpc.PLAN)) == 1


def test_an_inactive_dock_does_not_start_the_worker(client: Client, town: QgsRasterLayer) -> None:
    controller = SearchController(client, Settings)
    controller.choose_layer(town)
    QTest.qWait(SETTLE_MS + 100)
    controller.release()
    assert client.open == []


def test_a_failed_worker_is_not_revived_by_mere_choices(ready: SearchController, client: Client) -> None:
    client.enter(WorkerState.FAILED, WorkerDied("The worker crashed."))
    ready.choose_area(lambda: None)
    QTest.qWait(SETTLE_MS + 100)
    assert client.open == []


def test_an_indexed_raster_is_searched_without_scanning(ready: SearchController, client: Client) -> None:
    QTest.qWait(SETTLE_MS + 100)
    client.answer(rpc.PLAN, plan(missing=0))
    ready.search("  blue   roofs ")
    asked = client.answer(rpc.RANK, *answer(Square(1000, 2000)))
    assert asked.params.query == "blue roofs"
    assert asked.params.indexes == ("/nowhere/town.msa.gpkg",)
    assert [asked.method for asked in client.open] == [rpc.VERDICT]
    assert len(present(ready.state.results).table) == 1
    assert not ready.state.searching


def test_missing_tiles_are_scanned_first(ready: SearchController, client: Client) -> None:
    scan(ready, client)
    assert client.waiting(rpc.BUILD)[0].params.raster.path.endswith("town.tif")


def test_a_long_scan_asks_first_and_searches_what_is_there(ready: SearchController, client: Client) -> None:
    ready.search("blue roofs")
    client.answer(rpc.PLAN, plan(missing=60, seconds=LONG_SCAN_S + 1))
    assert ready.state.phase is ScanPhase.CONSENT
    assert client.waiting(rpc.BUILD) == []
    client.answer(rpc.RANK, *answer(Square(1000, 2000)))
    ready.consent()
    assert ready.state.phase is ScanPhase.SCANNING
    assert len(client.waiting(rpc.BUILD)) == 1


def test_a_long_scan_that_is_declined_does_not_run(ready: SearchController, client: Client) -> None:
    ready.search("blue roofs")
    client.answer(rpc.PLAN, plan(seconds=LONG_SCAN_S + 1))
    ready.cancel()
    ready.consent()
    assert ready.state.phase is ScanPhase.IDLE
    assert client.waiting(rpc.BUILD) == []


def test_hits_appear_while_the_scan_goes_on(ready: SearchController, client: Client) -> None:
    scan(ready, client)
    present(client.waiting(rpc.BUILD)[0].progress)(progress(10))
    client.answer(rpc.RANK, *answer(Square(1000, 2000), tiles=10))
    assert ready.state.phase is ScanPhase.SCANNING
    assert len(present(ready.state.results).table) == 1
    QTest.qWait(REFRESH_MS + 200)
    client.answer(rpc.RANK, *answer(Square(1000, 2000), Square(1010, 2000), tiles=50))
    assert len(present(ready.state.results).table) == 2
    client.answer(rpc.BUILD, SUMMARY)
    client.answer(rpc.RANK, *answer(Square(1000, 2000), Square(1010, 2000), Square(1020, 2000)))
    assert len(present(ready.state.results).table) == 3
    assert ready.state.phase is ScanPhase.IDLE
    assert "2 of 100 tiles were left out" in ready.state.notice.sentence
    assert ready.state.plan.missing == 0


def test_an_index_that_is_only_just_made_is_no_failure(ready: SearchController, client: Client) -> None:
    scan(ready, client)
    present(client.waiting(rpc.BUILD)[0].progress)(progress(1))
    client.refuse(rpc.RANK, IndexMissing("There is no index yet."))
    assert ready.state.notice is None
    assert ready.state.searching


def test_another_query_in_mid_scan_is_answered_at_once(ready: SearchController, client: Client) -> None:
    scan(ready, client)
    present(client.waiting(rpc.BUILD)[0].progress)(progress(10))
    client.answer(rpc.RANK, *answer(Square(1000, 2000)))
    ready.search("green field")
    client.answer(rpc.RANK, *answer(Square(1100, 1900), query="green field"))
    assert present(ready.state.results).query == "green field"
    QTest.qWait(REFRESH_MS + 200)
    assert client.waiting(rpc.RANK)[0].params.query == "green field"
    assert len(client.waiting(rpc.BUILD)) == 1


def test_another_area_in_mid_scan_is_scanned_afterwards(ready: SearchController, client: Client) -> None:
    scan(ready, client)
    whole = client.waiting(rpc.BUILD)[0].params
    area = Aoi("POLYGON ((0 0, 1 0, 1 1, 0 0))", "EPSG:3857")
    ready.choose_area(lambda: area)
    ready.search("green field")
    client.answer(rpc.PLAN, plan(tiles=10, missing=5))
    client.answer(rpc.RANK, *answer(Square(1100, 1900), query="green field"))
    assert [asked.params for asked in client.waiting(rpc.BUILD)] == [whole]
    assert "scanned after it" in present(ready.state.notice).sentence
    client.answer(rpc.BUILD, SUMMARY)
    client.answer(rpc.PLAN, plan(tiles=10, missing=5))
    assert client.waiting(rpc.BUILD)[0].params.aoi == area


def test_cancel_also_drops_what_was_to_follow(ready: SearchController, client: Client) -> None:
    scan(ready, client)
    ready.choose_area(lambda: Aoi("POLYGON ((0 0, 1 0, 1 1, 0 0))", "EPSG:3857"))
    ready.search("green field")
    client.answer(rpc.PLAN, plan(tiles=10, missing=5))
    ready.cancel()
    client.refuse(rpc.BUILD, Cancelled("Cancelled."))
    QTest.qWait(SETTLE_MS + 100)
    client.answer(rpc.PLAN, plan(tiles=10, missing=5))
    assert client.waiting(rpc.BUILD) == []


def test_cancel_keeps_what_is_done_and_says_so(ready: SearchController, client: Client) -> None:
    ready.search("blue roofs")
    client.answer(rpc.PLAN, plan(tiles=5310, missing=5300))
    build = client.waiting(rpc.BUILD)[0]
    present(build.progress)(progress(0, 0))  # the worker looks at the raster
    present(build.progress)(progress(1194, 5300))
    ready.cancel()
    assert ready.state.phase is ScanPhase.CANCELLING
    assert client.cancelled[-1] == build.id
    client.refuse(rpc.BUILD, Cancelled("Cancelled."))
    assert ready.state.phase is ScanPhase.IDLE
    # The worker's last batch comes after its last progress: the cost alone tells how many tiles there are.
    assert ready.state.notice.sentence == "What is indexed stays; the next search goes on from there."
    assert ready.state.notice.level is NoticeLevel.INFO
    assert ready.state.plan.missing == 5310 - 1204


def test_a_scan_survives_the_death_of_its_worker(ready: SearchController, client: Client) -> None:
    scan(ready, client)
    present(client.waiting(rpc.BUILD)[0].progress)(progress(40))
    client.enter(WorkerState.STARTING)
    client.restarted.emit("The worker crashed (code 9). It was started again.")
    client.refuse(rpc.BUILD, WorkerDied("The worker crashed (code 9)."))
    assert ready.state.phase is ScanPhase.SCANNING
    assert "the scan goes on" in present(ready.state.notice).sentence
    present(client.waiting(rpc.BUILD)[0].progress)(progress(10, 60))
    client.answer(rpc.BUILD, SUMMARY)
    assert ready.state.phase is ScanPhase.IDLE


def test_a_worker_that_dies_twice_ends_the_scan(ready: SearchController, client: Client) -> None:
    scan(ready, client)
    client.enter(WorkerState.STARTING)
    client.refuse(rpc.BUILD, WorkerDied("The worker crashed (code 9)."))
    client.enter(WorkerState.FAILED, WorkerDied("The worker crashed (code 9)."))
    client.refuse(rpc.BUILD, WorkerDied("The worker crashed (code 9)."))
    assert ready.state.phase is ScanPhase.IDLE
    assert refused_as(ready.state) == "worker_died"
    assert client.waiting(rpc.BUILD) == []


def test_a_stopped_worker_is_not_revived_by_its_scan(ready: SearchController, client: Client) -> None:
    scan(ready, client)
    client.enter(WorkerState.STOPPED)
    client.refuse(rpc.BUILD, WorkerDied("The worker was stopped."))
    assert client.waiting(rpc.BUILD) == []


def test_removing_the_layer_stops_its_scan(
    ready: SearchController, client: Client, town: QgsRasterLayer
) -> None:
    scan(ready, client)
    build = client.waiting(rpc.BUILD)[0]
    QgsProject.instance().removeMapLayer(town.id())
    assert build.id in client.cancelled
    client.refuse(rpc.BUILD, Cancelled("Cancelled."))
    assert "'town' was removed" in present(ready.state.notice).sentence


def test_a_raster_that_cannot_be_planned_is_shown_as_refusal_until_someone_searches(
    ready: SearchController, client: Client
) -> None:
    QTest.qWait(SETTLE_MS + 100)
    client.refuse(rpc.PLAN, RasterUnreadable("town.tif is truncated."))
    assert ready.state.notice is None
    assert present(ready.state.refusal).sentence == "town.tif is truncated."
    ready.search("blue roofs")
    client.refuse(rpc.PLAN, RasterUnreadable("town.tif is truncated."))
    assert refused_as(ready.state) == "raster_unreadable"
    assert not ready.state.searching


def test_a_query_in_another_script_is_told_while_the_scan_goes_on(
    ready: SearchController, client: Client
) -> None:
    scan(ready, client, "синие крыши")
    present(client.waiting(rpc.BUILD)[0].progress)(progress(1))
    client.refuse(rpc.RANK, QueryNotUnderstood("The query is not in Latin letters."))
    assert refused_as(ready.state) == "query_not_understood"
    assert ready.state.phase is ScanPhase.SCANNING


def test_the_area_is_read_when_the_search_starts(ready: SearchController, client: Client) -> None:
    areas = [Aoi("POLYGON ((0 0, 1 0, 1 1, 0 0))", "EPSG:3857")]
    ready.choose_area(lambda: areas[-1])
    areas.append(dataclasses.replace(areas[0], wkt="POLYGON ((0 0, 2 0, 2 2, 0 0))"))
    ready.search("blue roofs")
    assert client.answer(rpc.PLAN, plan(missing=0)).params.aoi == areas[1]
    assert client.answer(rpc.RANK, *answer()).params.aoi == areas[1]


def test_an_area_that_cannot_be_used_is_told(ready: SearchController, client: Client) -> None:
    def nothing_selected() -> None:
        raise AoiInvalid("No polygon is selected.")

    ready.choose_area(nothing_selected)
    ready.search("blue roofs")
    assert refused_as(ready.state) == "aoi_invalid"


def test_an_answer_to_an_older_plan_does_not_start_a_scan(
    ready: SearchController, client: Client, make_raster: MakeRaster
) -> None:
    ready.search("blue roofs")
    old = client.waiting(rpc.PLAN)[0]
    ready.choose_layer(QgsRasterLayer(str(make_raster("other.tif")), "other"))
    old.done(plan(), b"")
    assert client.waiting(rpc.BUILD) == []
    assert ready.state.plan is None


def test_after_a_release_nothing_is_said_or_asked(client: Client, town: QgsRasterLayer) -> None:
    controller = SearchController(client, Settings)
    controller.activate()
    controller.choose_layer(town)
    scan(controller, client)
    told: list[object] = []
    controller.state.notice_changed.connect(told.append)
    controller.release()
    client.refuse(rpc.BUILD, WorkerDied("The worker was stopped."))
    QTest.qWait(SETTLE_MS + 100)
    assert told == []
    assert client.open == []
