"""Menu entries besides the dock's own, and the offer to resume what QGIS left behind."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsApplication
from qgis.PyQt.QtWidgets import QAction, QDialog, QPushButton

from msa_model.protocol.rpc import BATCH
from qgis_msa_plugin.batch.job import JobState
from qgis_msa_plugin.batch.offer import ResumeOffer, offer_text
from qgis_msa_plugin.batch.queue import BatchQueue
from qgis_msa_plugin.menu import MenuEntries, add_actions
from qgis_msa_plugin.session import Session
from qgis_msa_plugin.settings import Settings
from tests.qgis.batch.batch_requests import as_kept, progress, request, summary
from tests.qgis.dock.desk import Client
from tests.qgis.window import Window


@pytest.fixture
def jobs(tmp_path: Path) -> Path:
    return tmp_path / "jobs"


def interrupt(jobs: Path, client: Client, *names: str, done: int = 0) -> None:
    """What is left behind when QGIS goes down while these jobs are queued."""
    queue = BatchQueue(client, jobs)
    for name in names:
        queue.add(name, request(name))
    if done:
        report = client.waiting(BATCH)[0].progress
        assert report is not None
        report(progress(done))
    queue.release()
    client.open.clear()


def offers(window: Window) -> list[str]:
    return [item.text() for item in window.bar.items() if item.objectName() == "msaBatchOffer"]


def test_an_interrupted_scan_is_offered_with_its_name_and_tiles(
    window: Window, client: Client, jobs: Path
) -> None:
    interrupt(jobs, client, "ponds", done=30)
    ResumeOffer(window.bar, client, jobs).show()
    assert offers(window) == ["The batch scan 'ponds' was interrupted at 30 of 90 tiles."]


def test_several_are_offered_at_once_and_resumed_by_one_button(
    window: Window, client: Client, jobs: Path, qtbot: QtBot
) -> None:
    interrupt(jobs, client, "ponds", "mills")
    resumed: list[str] = []
    offer = ResumeOffer(window.bar, client, jobs)
    offer.accepted.connect(lambda found: resumed.extend(job.name for job in found))
    offer.show()
    gc.collect()
    assert offers(window) == ["2 batch scans were interrupted."]
    window.bar.findChild(QPushButton, "msaBatchOfferResume").click()
    qtbot.waitUntil(lambda: resumed == ["ponds", "mills"])
    assert offers(window) == []


def test_nothing_is_offered_where_all_is_done(window: Window, client: Client, jobs: Path) -> None:
    queue = BatchQueue(client, jobs)
    queue.add("ponds", request())
    client.answer(BATCH, summary())
    queue.release()
    ResumeOffer(window.bar, client, jobs).show()
    assert offers(window) == []


def test_a_scan_that_had_not_begun_is_offered_without_numbers(client: Client, jobs: Path) -> None:
    interrupt(jobs, client, "ponds")
    queue = BatchQueue(client, jobs)
    assert offer_text(queue.interrupted) == "The batch scan 'ponds' was interrupted."


class Parts:
    """What the entries need of the plugin."""

    def __init__(self, window: Window, client: Client) -> None:
        self.iface = window
        self._session = Session(client, Settings)
        self.shown: list[bool] = []

    def session(self) -> Session:
        return self._session

    def show_dock(self, visible: bool) -> None:
        self.shown.append(visible)


@pytest.fixture
def parts(window: Window, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parts]:
    monkeypatch.setattr(QgsApplication, "qgisSettingsDirPath", lambda: f"{tmp_path}/")
    parts = Parts(window, client)
    yield parts
    parts.session().release()


@pytest.fixture
def entries(parts: Parts) -> Iterator[MenuEntries]:
    entries = add_actions(parts)
    yield entries
    entries.remove()


def action(window: Window, name: str) -> QAction:
    return next(action for action in window.menu.actions() if action.objectName() == name)


def test_the_batch_entry_shows_the_dock(entries: MenuEntries, parts: Parts, window: Window) -> None:
    action(window, "mActionMsaBatch").trigger()
    assert parts.shown == [True]


def test_the_index_entry_opens_one_window_however_often(
    entries: MenuEntries, window: Window, client: Client
) -> None:
    for _ in range(2):
        action(window, "mActionMsaIndexes").trigger()
    assert len(window.window.findChildren(QDialog, "msaIndexes")) == 1


def test_removing_leaves_no_entry_behind(parts: Parts, window: Window) -> None:
    entries = add_actions(parts)
    assert len(window.menu.actions()) == 2
    entries.remove()
    assert window.menu.actions() == []


def test_removing_takes_the_offer_back(
    parts: Parts, window: Window, client: Client, tmp_path: Path, qtbot: QtBot
) -> None:
    interrupt(tmp_path / "msa_search" / "batch", client, "ponds")
    entries = add_actions(parts)
    qtbot.waitUntil(lambda: bool(offers(window)))
    entries.remove()
    assert offers(window) == []


def test_the_start_of_qgis_offers_and_the_button_resumes(
    parts: Parts, window: Window, client: Client, tmp_path: Path, qtbot: QtBot
) -> None:
    interrupt(tmp_path / "msa_search" / "batch", client, "ponds")
    entries = add_actions(parts)
    qtbot.waitUntil(lambda: bool(offers(window)))
    window.bar.findChild(QPushButton, "msaBatchOfferResume").click()
    qtbot.waitUntil(lambda: parts.shown == [True])
    assert [job.state for job in parts.session().batches.jobs] == [JobState.RUNNING]
    assert as_kept(client.waiting(BATCH)[0].params) == request("ponds")
    entries.remove()
