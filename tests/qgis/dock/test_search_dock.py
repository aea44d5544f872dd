from __future__ import annotations

from pathlib import Path

import pytest
from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QObject, Qt, pyqtSignal
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QListView,
    QProgressBar,
    QToolButton,
    QWidget,
)

from msa_model.protocol import rpc
from msa_model.protocol.errors import WorkerDied, WorkerMissing
from msa_model.protocol.messages import Progress, Ready, ThumbnailReply
from qgis_msa_plugin.dock.layer_choice import LayerChoice
from qgis_msa_plugin.dock.search_dock import SearchDock
from qgis_msa_plugin.dock.worker_strip import worker_text
from qgis_msa_plugin.search.controller import LONG_SCAN_S, SETTLE_MS
from qgis_msa_plugin.search.state import WorkerView
from qgis_msa_plugin.session import Session
from qgis_msa_plugin.settings import PAGE_NAME, Settings
from qgis_msa_plugin.worker.state import WorkerState
from tests.present import present
from tests.qgis.dock.desk import Asked, Client, Desk, Square, answer, plan
from tests.qgis.dock.tables import rank_reply


def part(dock: SearchDock, kind: type, name: str) -> QObject:
    found = dock.findChild(kind, name)
    assert found is not None, name
    return found


def type_and_enter(dock: SearchDock, text: str) -> None:
    query = part(dock, QLineEdit, "msaQuery")
    query.clear()
    QTest.keyClicks(query, text)
    QTest.keyClick(query, Qt.Key.Key_Return)


def click(widget: QWidget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def searched(dock: SearchDock, client: Client, hits: int = 3) -> None:
    type_and_enter(dock, "blue roofs")
    client.answer(rpc.PLAN, plan(missing=0))
    client.answer(rpc.RANK, *rank_reply(hits))


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (QLineEdit, "msaQuery"),
        (QAbstractButton, "msaSearch"),
        (LayerChoice, "msaLayer"),
        (QComboBox, "msaArea"),
        (QLabel, "msaCost"),
        (QAbstractButton, "msaConsent"),
        (QProgressBar, "msaProgress"),
        (QLabel, "msaProgressText"),
        (QAbstractButton, "msaCancel"),
        (QLabel, "msaWorker"),
        (QAbstractButton, "msaWorkerButton"),
        (QListView, "msaResults"),
        (QAbstractButton, "msaDescribe"),
        (QListView, "msaPhrases"),
        (QComboBox, "msaDescribeScale"),
    ],
)
def test_every_part_has_its_name(dock: SearchDock, kind: type, name: str) -> None:
    part(dock, kind, name)


def test_without_a_raster_the_dock_says_what_to_do_first(dock: SearchDock) -> None:
    assert "Add a raster layer" in part(dock, QLabel, "msaCost").text()


def test_the_raster_in_the_project_is_chosen_by_itself(town: QgsRasterLayer, dock: SearchDock) -> None:
    assert part(dock, LayerChoice, "msaLayer").layers() == (town,)


def test_enter_in_the_query_searches(town: QgsRasterLayer, dock: SearchDock, client: Client) -> None:
    type_and_enter(dock, "blue roofs")
    client.answer(rpc.PLAN, plan(missing=0))
    assert client.waiting(rpc.RANK)[0].params.query == "blue roofs"


def test_the_button_searches(town: QgsRasterLayer, dock: SearchDock, client: Client) -> None:
    QTest.keyClicks(part(dock, QLineEdit, "msaQuery"), "blue roofs")
    click(part(dock, QAbstractButton, "msaSearch"))
    assert len(client.waiting(rpc.PLAN)) == 1


def test_an_empty_query_is_explained_in_dock_and_message_bar(
    town: QgsRasterLayer, dock: SearchDock, desk: Desk
) -> None:
    click(part(dock, QAbstractButton, "msaSearch"))
    assert "for example" in part(dock, QLabel, "msaNotice").text()
    assert part(dock, QLabel, "msaNotice").isVisible()
    assert desk.bar.currentItem() is not None


def test_the_cost_stands_in_the_dock_before_the_first_search(
    town: QgsRasterLayer, dock: SearchDock, client: Client
) -> None:
    QTest.qWait(SETTLE_MS + 100)
    client.answer(rpc.PLAN, plan(tiles=5310, missing=5310, seconds=160))
    text = part(dock, QLabel, "msaCost").text()
    assert "5,310 tiles" in text
    assert "3 min" in text
    assert "disk" in text


def test_a_long_scan_waits_for_the_consent_button(
    town: QgsRasterLayer, dock: SearchDock, client: Client
) -> None:
    consent = part(dock, QAbstractButton, "msaConsent")
    assert not consent.isVisible()
    type_and_enter(dock, "blue roofs")
    client.answer(rpc.PLAN, plan(seconds=LONG_SCAN_S + 60))
    assert consent.isVisible()
    click(consent)
    assert len(client.waiting(rpc.BUILD)) == 1
    assert not consent.isVisible()


def test_progress_shows_count_rate_and_time_left_and_cancel_stops(
    town: QgsRasterLayer, dock: SearchDock, client: Client
) -> None:
    progress, cancel = part(dock, QProgressBar, "msaProgress"), part(dock, QAbstractButton, "msaCancel")
    assert not progress.isVisible()
    type_and_enter(dock, "blue roofs")
    client.answer(rpc.PLAN, plan())
    build = client.waiting(rpc.BUILD)[0]
    present(build.progress)(Progress(build.id, 40, 100, 33.0, 90.0))
    assert progress.isVisible()
    assert progress.value() == 40
    assert part(dock, QLabel, "msaProgressText").text() == "40 of 100 · 33 tiles/s · 2 min left"
    click(cancel)
    assert build.id in client.cancelled
    assert not cancel.isEnabled()


def asked_of_all(dock: SearchDock, client: Client) -> Asked:
    """The request of a question on a layer that is indexed."""
    type_and_enter(dock, "blue roofs")
    client.answer(rpc.PLAN, plan(missing=0))
    (asked,) = client.waiting(rpc.RANK)
    return asked


def test_the_first_opening_of_an_index_of_millions_of_tiles_is_told_and_can_be_called_off(
    town: QgsRasterLayer, dock: SearchDock, client: Client
) -> None:
    bar, cancel = part(dock, QProgressBar, "msaProgress"), part(dock, QAbstractButton, "msaCancel")
    first = asked_of_all(dock, client)
    present(first.progress)(Progress(first.id, 0, 0, 0.0, None))  # an example's layer is being drawn
    assert not bar.isVisible()
    present(first.progress)(Progress(first.id, 1_000_000, 3_600_000, 92_000.0, 28.0))
    assert (bar.value(), bar.maximum(), cancel.isEnabled()) == (1_000_000, 3_600_000, True)
    told = part(dock, QLabel, "msaProgressText").text()
    assert told.startswith("Opening the index for the first time: 1,000,000 of 3,600,000 · 92,000 tiles/s · ")
    cancel.click()
    assert client.cancelled == [first.id]
    assert not bar.isVisible()
    assert not dock._session.state.searching
    type_and_enter(dock, "blue roofs")
    second = client.waiting(rpc.RANK)[-1]
    present(second.progress)(Progress(second.id, 3_600_000, 3_600_000, 92_000.0, 0.0))
    assert bar.isVisible()
    second.done(*answer(Square(1000, 2000)))
    assert not bar.isVisible()


def test_consent_is_asked_for_without_the_opening_for_the_question_before(
    town: QgsRasterLayer, dock: SearchDock, client: Client
) -> None:
    bar, consent = part(dock, QProgressBar, "msaProgress"), part(dock, QAbstractButton, "msaConsent")
    first = asked_of_all(dock, client)
    present(first.progress)(Progress(first.id, 1_000_000, 3_600_000, 92_000.0, 28.0))
    assert bar.isVisible()
    dock._session.search._flow.reconsider()
    type_and_enter(dock, "green roofs")
    client.answer(rpc.PLAN, plan(seconds=LONG_SCAN_S + 60, name="port"))
    assert (consent.isVisible(), bar.isVisible(), client.cancelled) == (True, False, [first.id])
    dock._session.search.cancel()
    assert not consent.isVisible()


def test_a_missing_worker_is_a_state_with_a_way_out(
    dock: SearchDock, client: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    button = part(dock, QToolButton, "msaWorkerButton")
    assert not button.isVisible()
    client.enter(WorkerState.MISSING, WorkerMissing("The worker's program is not there: msa"))
    assert button.isVisible()
    assert button.text() == "Set up…"
    assert "not there: msa" in part(dock, QLabel, "msaWorker").text()
    actions = {action.objectName(): action for action in button.menu().actions()}
    actions["msaWorkerOptions"].trigger()
    assert desk.options_pages == [PAGE_NAME]
    kept: list[Settings] = []
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/somewhere/msa", ""))
    monkeypatch.setattr("qgis_msa_plugin.session.keep_settings", kept.append)
    actions["msaChooseWorker"].trigger()
    assert kept[0].worker_command == "/somewhere/msa"
    assert client.starts == 1


def test_a_failed_worker_can_be_tried_again(dock: SearchDock, client: Client) -> None:
    client.enter(WorkerState.FAILED, WorkerDied("The worker crashed (code 3)."))
    button = part(dock, QToolButton, "msaWorkerButton")
    assert button.text() == "Retry"
    assert "crashed (code 3)" in part(dock, QLabel, "msaWorker").text()
    click(button)
    assert client.starts == 1


def test_the_device_in_use_is_named(dock: SearchDock) -> None:
    assert part(dock, QLabel, "msaWorker").text() == "Ready · CPU"


def test_an_unused_gpu_is_told() -> None:
    ready = Ready("cpu", "a processor", True, "msa-small", "0" * 64, 4, 0.0)
    assert "GPU not used" in worker_text(WorkerView(WorkerState.READY, ready))
    ready = Ready("cuda:0", "NVIDIA T4", False, "msa-small", "0" * 64, 4, 0.0)
    assert worker_text(WorkerView(WorkerState.READY, ready)) == "Ready · NVIDIA T4"


def test_rows_ask_for_their_pictures_once(town: QgsRasterLayer, dock: SearchDock, client: Client) -> None:
    searched(dock, client, hits=3)
    QTest.qWait(50)
    pixels = bytes([200, 30, 30]) * (96 * 96 * 3)
    asked = client.answer(rpc.THUMBNAILS, ThumbnailReply(3, 96), pixels)
    assert [tile.col for tile in asked.params.tiles] == [1, 2, 3]
    model = part(dock, QListView, "msaResults").model()
    picture = model.index(2, 0).data(Qt.ItemDataRole.DecorationRole)
    assert picture.pixelColor(40, 40).getRgb()[:3] == (200, 30, 30)
    QTest.qWait(50)
    assert client.waiting(rpc.THUMBNAILS) == []


def test_pictures_are_fetched_for_visible_rows_only(
    town: QgsRasterLayer, dock: SearchDock, client: Client
) -> None:
    searched(dock, client, hits=200)
    QTest.qWait(50)
    asked = sum(len(call.params.tiles) for call in client.waiting(rpc.THUMBNAILS))
    assert 0 < asked < 30


def test_the_dock_goes_narrow(town: QgsRasterLayer, dock: SearchDock, desk: Desk, client: Client) -> None:
    type_and_enter(dock, "blue roofs")
    client.answer(rpc.PLAN, plan(seconds=LONG_SCAN_S + 60))
    assert dock.minimumSizeHint().width() <= 300


def test_a_layer_removed_in_mid_scan_leaves_an_empty_choice(
    town: QgsRasterLayer, dock: SearchDock, client: Client
) -> None:
    type_and_enter(dock, "blue roofs")
    client.answer(rpc.PLAN, plan())
    build = client.waiting(rpc.BUILD)[0]
    QgsProject.instance().removeMapLayer(town.id())
    assert build.id in client.cancelled
    assert part(dock, LayerChoice, "msaLayer").layers() == ()


def test_the_shown_dock_starts_planning_and_a_hidden_one_does_not(
    town: QgsRasterLayer, client: Client, desk: Desk, tmp_path: Path
) -> None:
    session = Session(client, Settings)
    dock = SearchDock(session, desk)
    QTest.qWait(SETTLE_MS + 100)
    assert client.open == []
    desk.add(dock)
    QTest.qWait(SETTLE_MS + 100)
    assert len(client.waiting(rpc.PLAN)) == 1
    dock.release()
    session.release()


def test_a_click_reaches_its_verb_once(dock: SearchDock) -> None:
    page = dock.search
    senders = (page.query, page.tools, page.tools.saved, page.target, page.cost, page.progress, page.review)
    heard = {
        name: sender.receivers(getattr(sender, name))
        for sender in senders
        for name, value in vars(type(sender)).items()
        if isinstance(value, pyqtSignal)
    }
    assert heard["coverage_wanted"] == 1
    assert {name: count for name, count in heard.items() if count > 1} == {}
