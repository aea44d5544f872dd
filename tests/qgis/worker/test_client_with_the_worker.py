"""The client with the real worker: what the dock builds on."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from msa_model.protocol import methods
from msa_model.protocol.hit_table import HitTable
from msa_model.protocol.messages import (
    RasterRef,
    ScanRequest,
    ScanSettings,
    SearchRequest,
    ThumbnailRequest,
    TileRef,
)
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.state import WorkerState
from tests.present import present
from tests.qgis.outcomes import Outcomes
from tests.qgis.scene import write_scene

pytestmark = pytest.mark.slow
LIMIT_MS = 120_000


@pytest.fixture
def client(real_worker: str) -> Iterator[WorkerClient]:
    client = WorkerClient(lambda: Settings(worker_command=real_worker, device="cpu"))
    yield client
    client.stop()


@pytest.fixture
def request_of_scan(tmp_path: Path) -> ScanRequest:
    """About 500 tiles."""
    raster = RasterRef(str(write_scene(tmp_path / "scene.tif", 3072)))
    return ScanRequest(raster, settings=ScanSettings((128.0,), 0.5), index=str(tmp_path / "scene.gpkg"))


def build(client: WorkerClient, request: ScanRequest, outcomes: Outcomes) -> int:
    return client.call(
        methods.BUILD,
        request,
        outcomes.keep,
        outcomes.failed.append,
        progress=outcomes.progress.append,
    )


def search(client: WorkerClient, request: ScanRequest, outcomes: Outcomes) -> int:
    question = SearchRequest("blue metal roofs", (str(request.index),), 5)
    return client.call(methods.RANK, question, outcomes.keep, outcomes.failed.append)


def wait_for_tiles(qtbot: QtBot, outcomes: Outcomes, count: int) -> None:
    def some() -> bool:
        return bool(outcomes.progress) and outcomes.progress[-1].done >= count

    qtbot.waitUntil(some, timeout=LIMIT_MS)


def test_a_scan_whose_worker_is_killed_goes_on_without_loss(
    qtbot: QtBot, client: WorkerClient, request_of_scan: ScanRequest
) -> None:
    first, second = Outcomes(), Outcomes()
    said: list[str] = []
    client.restarted.connect(said.append)
    build(client, request_of_scan, first)
    wait_for_tiles(qtbot, first, 100)
    os.kill(present(client.initialized).pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: bool(first.failed), timeout=LIMIT_MS)
    assert first.failed[0].kind == "worker_died"
    assert said == [f"{first.failed[0].sentence} It was started again."]
    known = first.progress[-1].done
    build(client, request_of_scan, second)
    qtbot.waitUntil(lambda: second.count == 1, timeout=LIMIT_MS)
    summary = second.done[0][0]
    assert summary.reused >= known - 64  # at most the batch in flight is lost
    assert summary.reused + summary.encoded + summary.skipped == summary.tiles
    assert client.state is WorkerState.READY


def test_a_search_is_answered_in_the_middle_of_a_scan_with_pictures(
    qtbot: QtBot, client: WorkerClient, request_of_scan: ScanRequest
) -> None:
    scan, found, pictures = Outcomes(), Outcomes(), Outcomes()
    call_id = build(client, request_of_scan, scan)
    wait_for_tiles(qtbot, scan, 64)
    search(client, request_of_scan, found)
    qtbot.waitUntil(lambda: found.count == 1, timeout=LIMIT_MS)
    table = HitTable.of(*found.done[0])
    hits = [table.hit(row) for row in range(len(table))]
    tiles = tuple(TileRef(hit.index, hit.factor, hit.row, hit.col) for hit in hits)
    client.call(methods.THUMBNAILS, ThumbnailRequest(tiles, 96), pictures.keep, pictures.failed.append)
    qtbot.waitUntil(lambda: pictures.count == 1, timeout=LIMIT_MS)
    assert scan.count == 0
    client.cancel(call_id)
    qtbot.waitUntil(lambda: scan.count == 1, timeout=LIMIT_MS)
    assert scan.failed[0].kind == "cancelled"
    assert [hit.rank for hit in hits] == [1, 2, 3, 4, 5]
    assert len(pictures.done[0][1]) == 5 * 96 * 96 * 3
