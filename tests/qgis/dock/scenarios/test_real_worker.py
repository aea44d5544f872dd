"""The dock with the real worker: real pixels, real index, real signals."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsPointXY, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QLineEdit, QListView

from msa_model.protocol.match import match_of
from msa_model.protocol.messages import Progress
from qgis_msa_plugin.describe.describer import Describer
from qgis_msa_plugin.dock.search_dock import SearchDock
from qgis_msa_plugin.gis.marks import is_heat_layer, is_result_layer
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.examples import ExampleGeometry
from qgis_msa_plugin.search.question import Judgement
from qgis_msa_plugin.search.showing import rank_of
from qgis_msa_plugin.search.state import ScanPhase
from qgis_msa_plugin.session import Session
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.widgets.observed import Notice
from qgis_msa_plugin.worker.client import WorkerClient
from tests.present import present
from tests.qgis.conftest import REAL_WORKER
from tests.qgis.dock.conftest import MakeRaster
from tests.qgis.dock.desk import Desk, refused_as
from tests.qgis.dock.test_search_dock import part, type_and_enter

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not REAL_WORKER.exists(), reason="the worker's environment is not set up"),
]

LONG_MS = 300_000
SETTINGS = Settings(worker_command=f'"{REAL_WORKER}" worker', overlap=0.75)


@pytest.fixture(scope="module")
def client(qgis_app: object) -> Iterator[WorkerClient]:
    client = WorkerClient(lambda: SETTINGS)
    yield client
    client.stop()


@pytest.fixture
def session(client: WorkerClient, qgis_new_project: None) -> Iterator[Session]:
    session = Session(client, lambda: SETTINGS)
    yield session
    session.release()


def totals_told(controller: SearchController) -> list[int]:
    """The whole that each progress from now on tells."""
    totals: list[int] = []

    def follow(progress: Progress | None) -> None:
        if progress is not None:
            totals.append(progress.total)

    controller.state.progress_changed.connect(follow)
    return totals


@pytest.fixture
def raster(make_raster: MakeRaster, qgis_new_project: None) -> QgsRasterLayer:
    layer = QgsRasterLayer(str(make_raster(side=1024)), "town")
    QgsProject.instance().addMapLayer(layer)
    return layer


@pytest.fixture
def dock(raster: QgsRasterLayer, session: Session, desk: Desk) -> Iterator[SearchDock]:
    dock = SearchDock(session, desk)
    desk.add(dock)
    yield dock
    dock.release()


def settled(controller: SearchController) -> bool:
    """Consents to a long scan on the way."""
    state = controller.state
    controller.consent()
    return state.phase is ScanPhase.IDLE and not state.searching and state.results is not None


def consented(controller: SearchController) -> bool:
    controller.consent()
    return True


def test_a_query_becomes_a_layer_and_a_list_with_pictures(
    dock: SearchDock, controller: SearchController, raster: QgsRasterLayer, qtbot: QtBot
) -> None:
    type_and_enter(dock, "green grass field")
    qtbot.waitUntil(lambda: settled(controller), timeout=LONG_MS)
    controller.show_doubtful(True)
    (layer,) = filter(is_result_layer, QgsProject.instance().mapLayers().values())
    assert 0 < layer.featureCount() == len(controller.state.shown.rows) <= SETTINGS.k
    qtbot.waitUntil(lambda: controller.state.verdict is not None, timeout=LONG_MS)
    assert all(isinstance(feature["match_score"], float) for feature in layer.getFeatures())
    assert all(feature["match"] == match_of(feature["match_score"]) for feature in layer.getFeatures())
    assert raster.extent().buffered(0.01).contains(layer.extent())
    scores = [feature["score"] for feature in layer.getFeatures()]
    assert scores == sorted(scores, reverse=True)
    assert len({feature["scale_m"] for feature in layer.getFeatures()}) >= 1
    assert next(layer.getFeatures())["source"] == raster.source()
    row = part(dock, QListView, "msaResults").model().index(0, 0)
    qtbot.waitUntil(lambda: row.data(Qt.ItemDataRole.DecorationRole) is not None, timeout=LONG_MS)
    assert present(controller.state.plan).missing == 0


def test_a_cancelled_scan_goes_on_where_it_stopped(
    dock: SearchDock, controller: SearchController, qtbot: QtBot
) -> None:
    cancelled: list[Progress] = []

    def cancel(progress: Progress | None) -> None:
        if progress is not None and progress.done > 0 and not cancelled:
            cancelled.append(progress)
            controller.cancel()

    controller.state.progress_changed.connect(cancel)  # at once: a busy machine looks too late
    type_and_enter(dock, "a parking lot")
    qtbot.waitUntil(lambda: consented(controller) and bool(cancelled), timeout=LONG_MS)
    qtbot.waitUntil(lambda: controller.state.phase is ScanPhase.IDLE, timeout=LONG_MS)
    assert "the next search goes on from there" in present(controller.state.notice).sentence
    kept = present(controller.state.plan).tiles - present(controller.state.plan).missing
    assert 0 < kept < present(controller.state.plan).tiles
    type_and_enter(dock, "a parking lot")
    totals = totals_told(controller)
    qtbot.waitUntil(lambda: settled(controller), timeout=LONG_MS)
    assert max(totals) <= present(controller.state.plan).tiles - kept
    assert present(controller.state.plan).missing == 0


def test_a_place_is_described(
    dock: SearchDock, describer: Describer, raster: QgsRasterLayer, qtbot: QtBot
) -> None:
    centre = raster.extent().center()
    describer.describe_at(QgsPointXY(centre.x() + 3, centre.y()), raster.crs())
    qtbot.waitUntil(lambda: describer.description is not None, timeout=LONG_MS)
    reply = present(describer.description).reply
    assert len(reply.phrases) == 10
    scores = [phrase.match_score for phrase in reply.phrases]
    assert scores == sorted(scores, reverse=True)
    assert [phrase.match for phrase in reply.phrases] == [match_of(score) for score in scores]
    left, bottom, right, top = reply.bounds
    assert (left + right) / 2 == pytest.approx(centre.x() + 3, abs=0.5)
    assert (bottom + top) / 2 == pytest.approx(centre.y(), abs=0.5)


def test_a_layer_of_map_tiles_is_described_from_what_qgis_draws(
    dock: SearchDock, session: Session, served: QgsRasterLayer, qtbot: QtBot
) -> None:
    describer = session.describer
    session.search.choose_layer(served)
    describer.describe_at(QgsPointXY(1256, 1744), served.crs())
    qtbot.waitUntil(lambda: describer.description is not None, timeout=LONG_MS)
    reply = present(describer.description).reply
    assert len(reply.phrases) == 10
    assert reply.scales
    assert reply.scale_m < min(scale.scale_m for scale in reply.scales)  # told once


def test_a_query_in_another_script_is_explained(
    dock: SearchDock, controller: SearchController, qtbot: QtBot
) -> None:
    query = part(dock, QLineEdit, "msaQuery")
    query.setText("नीली छतें")  # no keyboard of Qt's tests has these letters
    QTest.keyClick(query, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: consented(controller) and controller.state.notice is not None, timeout=LONG_MS)
    assert refused_as(controller.state) == "query_not_understood"
    controller.cancel()
    qtbot.waitUntil(lambda: controller.state.phase is ScanPhase.IDLE, timeout=LONG_MS)


def test_a_worker_killed_in_mid_scan_loses_nothing(
    dock: SearchDock, controller: SearchController, client: WorkerClient, qtbot: QtBot
) -> None:
    dead: list[tuple[int, int]] = []
    notices: list[Notice] = []

    def kill(progress: Progress | None) -> None:
        if progress is not None and progress.done > 0 and not dead:
            dead.append((present(client.initialized).pid, progress.done))
            controller.state.notice_changed.connect(notices.append)
            os.kill(present(client.initialized).pid, signal.SIGKILL)

    controller.state.progress_changed.connect(kill)
    type_and_enter(dock, "a river")
    qtbot.waitUntil(lambda: consented(controller) and bool(dead), timeout=LONG_MS)
    ((killed, done),) = dead
    qtbot.waitUntil(lambda: bool(notices), timeout=LONG_MS)
    assert "the scan goes on" in notices[0].sentence
    assert controller.state.phase is ScanPhase.SCANNING
    totals = totals_told(controller)
    qtbot.waitUntil(lambda: settled(controller), timeout=LONG_MS)
    assert present(client.initialized).pid != killed
    assert totals[0] <= present(controller.state.plan).tiles - done
    assert present(controller.state.plan).missing == 0


def test_a_place_a_judged_hit_and_the_heat_map_come_from_the_index(
    dock: SearchDock,
    controller: SearchController,
    describer: Describer,
    raster: QgsRasterLayer,
    qtbot: QtBot,
) -> None:
    centre = raster.extent().center()
    controller.search_at(ExampleGeometry.at(centre, raster.crs(), describer.scale_m))
    qtbot.waitUntil(lambda: settled(controller), timeout=LONG_MS)
    assert present(controller.state.results).tiles == present(controller.state.plan).tiles
    before = controller.state.results
    controller.judge(40, Judgement.ACCEPTED)
    controller.refine()
    qtbot.waitUntil(lambda: bool(present(controller.state.results).question.feedback), timeout=LONG_MS)
    assert present(rank_of(present(controller.state.results), present(before).table.tile(39))) < 40
    controller.show_heatmap()
    qtbot.waitUntil(lambda: not controller.state.heatmap_busy, timeout=LONG_MS)
    (heat,) = filter(is_heat_layer, QgsProject.instance().mapLayers().values())
    assert heat.isValid()
    assert heat.extent().intersects(raster.extent())


def test_two_rasters_answer_one_question(
    dock: SearchDock,
    controller: SearchController,
    raster: QgsRasterLayer,
    make_raster: MakeRaster,
    qtbot: QtBot,
) -> None:
    other = QgsRasterLayer(str(make_raster("port.tif", side=768)), "port")
    QgsProject.instance().addMapLayer(other)
    controller.choose_layers([raster, other])
    controller.search("a car park")
    qtbot.waitUntil(lambda: settled(controller), timeout=LONG_MS)
    assert len(present(controller.state.results).table.reply.indexes) == 2
    assert set(present(controller.state.results).table.indexes) == {0, 1}
