"""The session: each panel its own controller, and what ties them together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsApplication, QgsCoordinateReferenceSystem, QgsPointXY, QgsRasterLayer

from msa_model.protocol.errors import WorkerDied
from msa_model.protocol.rpc import DESCRIBE, LIST, PLAN
from qgis_msa_plugin.session import Session
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.widgets.observed import NoticeLevel
from qgis_msa_plugin.worker.state import WorkerState
from tests.qgis.dock.desk import Client, plan
from tests.qgis.scene import CRS, LEFT, TOP

SOON_MS = 3000
UTM = QgsCoordinateReferenceSystem(f"EPSG:{CRS}")
INSIDE = QgsPointXY(LEFT + 50, TOP - 50)


@pytest.fixture
def unreleased(
    client: Client, scene: QgsRasterLayer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Session:
    monkeypatch.setattr(QgsApplication, "qgisSettingsDirPath", lambda: f"{tmp_path}/")
    session = Session(client, Settings)
    session.search.activate()
    session.search.choose_layers([scene])
    return session


@pytest.fixture
def session(unreleased: Session) -> Iterator[Session]:
    yield unreleased
    unreleased.release()


def test_the_first_layer_that_is_searched_is_the_one_described(
    session: Session, client: Client, scene: QgsRasterLayer
) -> None:
    session.describer.describe_at(INSIDE, UTM)
    assert client.waiting(DESCRIBE)[0].params.raster.path == scene.source()
    session.search.choose_layers([])
    assert session.describer.layer is None
    assert not session.describer.describing


def test_windows_of_the_sides_that_are_searched_can_be_described(
    session: Session, client: Client, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: bool(client.waiting(PLAN)), timeout=SOON_MS)
    planned = plan()
    client.answer(PLAN, planned)
    assert session.describer.scales == tuple(scale.scale_m for scale in planned.scales) != ()


def test_choosing_the_same_layer_again_keeps_the_sides_once_it_is_planned_again(
    session: Session, client: Client, scene: QgsRasterLayer, qtbot: QtBot
) -> None:
    for _ in range(2):
        session.search.choose_layers([scene])
        qtbot.waitUntil(lambda: bool(client.waiting(PLAN)), timeout=SOON_MS)
        client.answer(PLAN, plan())
        assert session.describer.scales


def test_what_goes_wrong_in_describing_is_told_where_everything_is_told(session: Session) -> None:
    session.search.choose_layers([])
    session.describer.describe_at(INSIDE, UTM)
    assert session.state.notice is not None
    assert session.state.notice.level is NoticeLevel.ERROR
    assert "no raster layer to describe" in session.state.notice.sentence


def test_a_new_question_about_a_place_clears_what_was_said_before(session: Session) -> None:
    session.state.say(NoticeLevel.INFO, "Said before.")
    session.describer.describe_at(INSIDE, UTM)
    assert session.state.notice is None


def test_after_a_release_no_part_says_or_asks_anything(
    unreleased: Session, client: Client, qtbot: QtBot
) -> None:
    told: list[object] = []
    unreleased.search.search("blue roofs")
    unreleased.describer.describe_at(INSIDE, UTM)
    unreleased.index_files.refresh()
    asked = [call.method for call in client.open]
    assert {PLAN, DESCRIBE, LIST} <= set(asked)
    unreleased.state.notice_changed.connect(told.append)
    unreleased.release()
    for method in (PLAN, DESCRIBE):
        client.refuse(method, WorkerDied("The worker was stopped."))
    client.enter(WorkerState.FAILED)
    client.enter(WorkerState.READY)
    qtbot.wait(100)
    assert told == []
    assert {call.method for call in client.open} <= {LIST}
