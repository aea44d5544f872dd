"""A search over a raster that is not indexed, while a batch scan has the worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from qgis.core import QgsApplication, QgsRasterLayer

from msa_model.protocol.rpc import BUILD, PLAN
from qgis_msa_plugin.session import Session
from qgis_msa_plugin.settings import Settings
from tests.qgis.batch.batch_requests import request
from tests.qgis.dock.desk import Client, plan


@pytest.fixture
def session(
    client: Client, scene: QgsRasterLayer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Session]:
    monkeypatch.setattr(QgsApplication, "qgisSettingsDirPath", lambda: f"{tmp_path}/")
    session = Session(client, Settings)
    session.search.choose_layers([scene])
    yield session
    session.release()


def notice(session: Session) -> str:
    return session.state.notice.sentence if session.state.notice is not None else ""


def test_a_scan_that_queues_behind_a_batch_says_so(session: Session, client: Client) -> None:
    session.batches.add("ponds", request())
    session.search.search("blue roofs")
    client.answer(PLAN, plan())
    assert len(client.waiting(BUILD)) == 1
    assert "batch scan is running" in notice(session)


def test_without_a_batch_nothing_is_said(session: Session, client: Client) -> None:
    assert not session.batches.running
    session.search.search("blue roofs")
    client.answer(PLAN, plan())
    assert len(client.waiting(BUILD)) == 1
    assert not notice(session)
