from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsApplication, QgsProject, QgsRasterLayer, QgsSettings
from qgis.PyQt.QtCore import QObject, QSettings

from qgis_msa_plugin.processing.provider import MsaSearchProvider
from qgis_msa_plugin.settings import PREFIX, Settings, keep_settings
from qgis_msa_plugin.worker.client import WorkerClient
from tests.qgis.dock.desk import Client, Desk
from tests.qgis.outcomes import Outcomes
from tests.qgis.scene import write_scene
from tests.qgis.window import Window

ROOT = Path(__file__).resolve().parents[2]
ODD_WORKER = Path(__file__).with_name("odd_worker.py")
REAL_WORKER = ROOT / ".venv" / "worker" / "bin" / "msa"

LEAST_MS = 120_000

MakeClient = Callable[..., WorkerClient]


class PatientBot(QtBot):
    """Waits for what is to come: a busy machine takes its time, and only what fails waits for long."""

    def waitUntil(self, callback: Callable[[], object], *, timeout: int = 0) -> None:  # noqa: N802
        super().waitUntil(callback, timeout=max(timeout, LEAST_MS))

    def waitSignal(self, signal: Any, *, timeout: int = 0, **options: Any) -> Any:  # noqa: ANN401, N802
        return super().waitSignal(signal, timeout=max(timeout, LEAST_MS), **options)


@pytest.fixture
def qtbot(qapp: object, request: pytest.FixtureRequest) -> QtBot:
    return PatientBot(request)


@pytest.fixture
def outcomes() -> Outcomes:
    return Outcomes()


def odd_command(mode: str) -> str:
    return f'"{sys.executable}" "{ODD_WORKER}" "{mode}"'


@pytest.fixture
def real_worker() -> str:
    """The command of the real worker."""
    if not REAL_WORKER.is_file():
        pytest.skip("the worker's environment is not set up (make setup)")
    return f'"{REAL_WORKER}" worker'


@pytest.fixture(autouse=True, scope="session")
def own_settings(qgis_app: object, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Two test runs at a time share no settings file."""
    folder = str(tmp_path_factory.mktemp("settings"))
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)


@pytest.fixture(autouse=True)
def no_settings(own_settings: None) -> Iterator[None]:
    """No test sees the settings of another."""
    QgsSettings().remove(PREFIX)
    yield
    QgsSettings().remove(PREFIX)


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


@pytest.fixture
def window(qgis_app: object, qgis_new_project: None) -> Iterator[Window]:
    window = Window()
    yield window
    window.close()


@pytest.fixture
def scene(tmp_path: Path, qgis_new_project: None) -> QgsRasterLayer:
    """A raster layer of the project, in a folder of its own."""
    layer = QgsRasterLayer(str(write_scene(tmp_path / "scene.tif")), "scene")
    QgsProject.instance().addMapLayer(layer)
    return layer


@pytest.fixture
def algorithms(qgis_processing: None) -> Iterator[None]:
    """The provider, registered for one test."""
    provider = MsaSearchProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    yield
    QgsApplication.processingRegistry().removeProvider(provider)


@pytest.fixture
def real(algorithms: None, real_worker: str) -> None:
    """The provider with the real worker."""
    keep_settings(Settings(worker_command=real_worker, device="cpu"))


@pytest.fixture
def desk(qgis_app: QObject, qgis_new_project: None) -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.close()


@pytest.fixture
def client(qgis_app: QObject) -> Client:
    return Client()


class _Status:
    """What the run came to."""

    code = 0


def pytest_sessionfinish(exitstatus: int) -> None:
    """Keep what the run came to."""
    _Status.code = int(exitstatus)


@pytest.hookimpl(tryfirst=True)
def pytest_unconfigure() -> None:
    """End here: Python takes PyQGIS apart in any order after this, and that crashes at times.

    How QGIS itself ends with the plugin is tried by the desktop's tests and test_child_at_exit.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(_Status.code)
