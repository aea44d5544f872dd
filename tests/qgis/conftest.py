from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ODD_WORKER = Path(__file__).with_name("odd_worker.py")
REAL_WORKER = ROOT / ".venv" / "worker" / "bin" / "msa"


@dataclass
class Outcomes:
    """What became of calls, in the order of arrival."""

    done: list = field(default_factory=list)
    failed: list = field(default_factory=list)
    progress: list = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.done) + len(self.failed)

    def keep(self, value: object, attachment: bytes) -> None:
        self.done.append((value, attachment))


@pytest.fixture
def outcomes() -> Outcomes:
    return Outcomes()


def odd_command(mode: str) -> str:
    return f'"{sys.executable}" "{ODD_WORKER}" "{mode}"'


@pytest.fixture
def client_of(qgis_app):
    """Makes clients of the odd worker and lets them go afterwards."""
    from qgis_msa_plugin.settings import Settings
    from qgis_msa_plugin.worker.client import WorkerClient

    clients = []

    def make(mode: str = "good", **options) -> WorkerClient:
        client = WorkerClient(lambda: Settings(worker_command=odd_command(mode)), **options)
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.stop()
        client.deleteLater()
