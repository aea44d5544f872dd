"""A raster without overviews: told before the scan, built on request, and the cost told anew."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsRasterLayer
from qgis.PyQt.QtWidgets import QLabel, QMessageBox, QPushButton

from msa_model.protocol import rpc
from msa_model.protocol.messages import ScanPlan
from msa_model.protocol.plan_parts import OverviewGain
from qgis_msa_plugin.dock.search_dock import SearchDock
from qgis_msa_plugin.gis.overviews import overview_file
from qgis_msa_plugin.search.controller import LONG_SCAN_S
from tests.qgis.dock.desk import Client, plan
from tests.qgis.dock.test_search_dock import click, part, type_and_enter

GAIN = OverviewGain(0.66, 90.0, 30.0)


def bare_plan(gain: OverviewGain = GAIN) -> ScanPlan:
    return dataclasses.replace(plan(seconds=LONG_SCAN_S + 60), overviews=gain)


@pytest.fixture
def asking(town: QgsRasterLayer, dock: SearchDock, client: Client) -> SearchDock:
    type_and_enter(dock, "blue roofs")
    client.answer(rpc.PLAN, bare_plan())
    return dock


@pytest.fixture
def file(town: QgsRasterLayer) -> Path:
    return overview_file(Path(town.source()))


def confirm(dock: SearchDock, name: str) -> QMessageBox:
    click(part(dock, QPushButton, "msaOverviews"))
    box = part(dock, QMessageBox, "msaOverviewsConfirm")
    if name:
        part(box, QPushButton, name).click()
    return box


def test_what_they_would_spare_is_told_before_a_scan(asking: SearchDock) -> None:
    text = part(asking, QLabel, "msaCost").text()
    assert "no overviews: with them a scan reads 66 % fewer pixels (30 s less)" in text


def test_where_reading_costs_nothing_that_is_told(
    town: QgsRasterLayer, dock: SearchDock, client: Client
) -> None:
    type_and_enter(dock, "blue roofs")
    client.answer(rpc.PLAN, bare_plan(OverviewGain(0.66, 9.0, 0.0)))
    assert "it would hardly be faster" in part(dock, QLabel, "msaCost").text()


def test_they_are_built_once_the_user_agrees_and_the_question_waits_on(
    asking: SearchDock, file: Path, client: Client, qtbot: QtBot
) -> None:
    box = confirm(asking, "")
    assert str(file) in box.text()
    assert not file.exists()
    part(box, QPushButton, "msaOverviewsConfirmed").click()
    qtbot.waitUntil(lambda: bool(client.waiting(rpc.PLAN)))
    assert file.is_file()
    client.answer(rpc.PLAN, plan(seconds=LONG_SCAN_S + 30))
    assert not part(asking, QPushButton, "msaOverviews").isVisible()
    assert part(asking, QPushButton, "msaConsent").isVisible()
    assert "overviews" not in part(asking, QLabel, "msaCost").text()


def test_nothing_is_built_of_what_the_user_declines(asking: SearchDock, file: Path) -> None:
    confirm(asking, "").reject()
    assert not file.exists()


def test_why_they_cannot_be_built_is_told(asking: SearchDock, file: Path) -> None:
    file.write_bytes(b"somebody's")
    click(part(asking, QPushButton, "msaOverviews"))
    assert str(file) in part(asking, QLabel, "msaNotice").text()
    assert asking.findChild(QMessageBox, "msaOverviewsConfirm") is None


def test_rasters_with_overviews_have_no_button(
    town: QgsRasterLayer, dock: SearchDock, client: Client
) -> None:
    type_and_enter(dock, "blue roofs")
    client.answer(rpc.PLAN, plan(seconds=LONG_SCAN_S + 60))
    assert not part(dock, QPushButton, "msaOverviews").isVisible()
