from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.worker.client import WorkerClient
from tests.qgis.outcomes import Outcomes

ROOT = Path(__file__).resolve().parents[2]
ODD_WORKER = Path(__file__).with_name("odd_worker.py")
REAL_WORKER = ROOT / ".venv" / "worker" / "bin" / "msa"

MakeClient = Callable[..., WorkerClient]


@pytest.fixture
def outcomes() -> Outcomes:
    return Outcomes()


def odd_command(mode: str) -> str:
    return f'"{sys.executable}" "{ODD_WORKER}" "{mode}"'


@pytest.fixture
def client_of(qgis_app: object) -> Iterator[MakeClient]:
    """Makes clients of the odd worker and lets them go afterwards."""
    clients = []

    def make(mode: str = "good", **options: Any) -> WorkerClient:  # noqa: ANN401
        client = WorkerClient(lambda: Settings(worker_command=odd_command(mode)), **options)
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.stop()
        client.deleteLater()
