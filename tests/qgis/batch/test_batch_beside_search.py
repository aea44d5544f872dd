"""A search over a raster that is not indexed, while a batch scan has the worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from qgis.core import QgsApplication, QgsRasterLayer

from msa_model.protocol.rpc import BUILD, PLAN
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.settings import Settings
from tests.qgis.batch.batch_requests import request
from tests.qgis.dock.desk import Client, plan


@pytest.fixture
def controller(
    client: Client, scene: QgsRasterLayer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SearchController]:
    monkeypatch.setattr(QgsApplication, "qgisSettingsDirPath", lambda: f"{tmp_path}/")
    controller = SearchController(client, Settings)
    controller.choose_layers([scene])
    yield controller
    controller.release()


def notice(controller: SearchController) -> str:
    return controller.state.notice.sentence if controller.state.notice is not None else ""


def test_a_scan_that_queues_behind_a_batch_says_so(controller: SearchController, client: Client) -> None:
    controller.batches.add("ponds", request())
    controller.search("blue roofs")
    client.answer(PLAN, plan())
    assert len(client.waiting(BUILD)) == 1
    assert "batch scan is running" in notice(controller)


def test_without_a_batch_nothing_is_said(controller: SearchController, client: Client) -> None:
    assert not controller.batches.running
    controller.search("blue roofs")
    client.answer(PLAN, plan())
    assert len(client.waiting(BUILD)) == 1
    assert not notice(controller)
