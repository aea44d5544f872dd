"""What is asked again: after a cancel, after the death of a worker, before an answer has come."""

from __future__ import annotations

import pytest
from qgis.core import QgsProject, QgsRasterLayer

from msa_model.protocol import rpc
from msa_model.protocol.changing import DatesReply
from msa_model.protocol.errors import Cancelled, WorkerDied
from msa_model.protocol.messages import Progress
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.question import Dates
from qgis_msa_plugin.search.state import ScanPhase
from qgis_msa_plugin.worker.state import WorkerState
from tests.present import present
from tests.qgis.dock.conftest import MakeRaster
from tests.qgis.dock.desk import Client, Square, answer, plan


@pytest.fixture
def ready(controller: SearchController, town: QgsRasterLayer) -> SearchController:
    controller.choose_layer(town)
    return controller


def test_a_search_right_after_a_cancel_scans_the_rest(ready: SearchController, client: Client) -> None:
    ready.search("blue roofs")
    client.answer(rpc.PLAN, plan())
    present(client.waiting(rpc.BUILD)[0].progress)(Progress(1, 40, 100, 33.0, 2.0))
    client.answer(rpc.RANK, *answer(Square(1000, 2000)))
    ready.cancel()
    ready.search("green field")
    client.answer(rpc.RANK, *answer(Square(1100, 1900), query="green field"))
    assert ready.state.phase is ScanPhase.CANCELLING
    client.refuse(rpc.BUILD, Cancelled("Cancelled."))
    client.answer(rpc.PLAN, plan(missing=60))
    assert len(client.waiting(rpc.BUILD)) == 1
    assert ready.state.phase is ScanPhase.SCANNING
    assert ready.state.notice is None  # that the next search goes on has come true


def test_a_worker_that_fails_is_no_longer_said_to_be_started_again(
    ready: SearchController, client: Client
) -> None:
    client.restarted.emit("The worker crashed. It was started again.")
    assert "started again" in present(ready.state.notice).sentence
    client.enter(WorkerState.FAILED, WorkerDied("The worker crashed."))
    assert ready.state.notice is None


def test_the_selected_tile_stays_selected_when_its_rank_changes(
    ready: SearchController, client: Client
) -> None:
    ready.search("blue roofs")
    client.answer(rpc.PLAN, plan(missing=0))
    first, second = Square(1000, 2000), Square(1010, 2000)
    client.answer(rpc.RANK, *answer(first, second))
    ready.select_hit(2)
    ready.search("blue roofs")
    better = Square(1200, 1800)
    client.answer(rpc.RANK, *answer(better, first, second))
    assert ready.state.selected_rank == 3


def test_two_dates_asked_of_while_a_series_is_on_its_way_count_alone(
    controller: SearchController, client: Client, make_raster: MakeRaster
) -> None:
    layers = [QgsRasterLayer(str(make_raster(f"{name}.tif", side=64)), name) for name in ("old", "new")]
    QgsProject.instance().addMapLayers(layers)
    controller.choose_layers(layers)
    controller.compare("a lake", Dates(many=("2010", "2020")))
    controller.compare("appeared: a lake", Dates())
    client.answer(rpc.CHANGE_DATES, DatesReply(("2010", "2020")))
    assert len(client.waiting(rpc.CHANGE_PAIR)) == 1
