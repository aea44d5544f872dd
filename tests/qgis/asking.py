"""What the tests of the client have in common."""

from __future__ import annotations

import os
from collections.abc import Mapping

from pytestqt.qtbot import QtBot

from msa_model.protocol import methods
from msa_model.protocol.messages import (
    RasterRef,
    ScanRequest,
    SearchRequest,
)
from qgis_msa_plugin.worker.calls import SILENCE_S
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.state import WorkerState
from tests.qgis.conftest import MakeClient
from tests.qgis.outcomes import Outcomes

READY_MS = 10_000


def search(client: WorkerClient, outcomes: Outcomes, query: str) -> int:
    request = SearchRequest(query, ("x.gpkg",))
    return client.call(methods.RANK, request, outcomes.keep, outcomes.failed.append)


def build(client: WorkerClient, outcomes: Outcomes, index: str = "x.gpkg") -> int:
    request = ScanRequest(RasterRef("x.tif"), index=index)
    return client.call(
        methods.BUILD, request, outcomes.keep, outcomes.failed.append, outcomes.progress.append
    )


def finish(qtbot: QtBot, outcomes: Outcomes, count: int = 1) -> None:
    qtbot.waitUntil(lambda: outcomes.count >= count, timeout=READY_MS)


def process_is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def ready_client(
    qtbot: QtBot,
    client_of: MakeClient,
    mode: str = "good",
    silence_s: Mapping[str, float] = SILENCE_S,
) -> WorkerClient:
    client = client_of(mode, silence_s=silence_s)
    client.start()
    qtbot.waitUntil(lambda: client.state is WorkerState.READY, timeout=READY_MS)
    return client
