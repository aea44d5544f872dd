"""Describing and searching by example on layers of a server, and the pixel size at which every job draws."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsGeometry,
    QgsPointXY,
    QgsRasterLayer,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QObject
from qgis.PyQt.QtWidgets import QToolButton

from msa_model.protocol.errors import MsaError
from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.rpc import BATCH, DESCRIBE
from qgis_msa_plugin.batch.panel import BatchPanel
from qgis_msa_plugin.describe.panel import DescribePanel
from qgis_msa_plugin.gis.geometry import aoi_of
from qgis_msa_plugin.search.examples import ExampleGeometry
from qgis_msa_plugin.search.state import ScanPhase
from qgis_msa_plugin.session import Session
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.worker.client import WorkerClient
from tests.present import as_a, present
from tests.qgis.conftest import REAL_WORKER
from tests.qgis.dock.desk import Client, Desk
from tests.qgis.scene import CRS, LEFT, TOP

LONG_MS = 120_000
UTM = QgsCoordinateReferenceSystem(f"EPSG:{CRS}")
MIDDLE = QgsPointXY(LEFT + 256, TOP - 256)
WEST = QgsRectangle(LEFT, TOP - 512, LEFT + 200, TOP)

real = pytest.mark.skipif(not REAL_WORKER.exists(), reason="the worker's environment is not set up")


@pytest.fixture(scope="module")
def worker(qgis_app: QObject, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerClient]:
    cache, command = str(tmp_path_factory.mktemp("cache")), f'"{REAL_WORKER}" worker'
    settings = Settings(worker_command=command, cache_folder=cache, device="cpu", threads=1)
    client = WorkerClient(lambda: settings)
    yield client
    client.stop()


@pytest.fixture
def session(worker: WorkerClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setattr(QgsApplication, "qgisSettingsDirPath", lambda: f"{tmp_path}/")
    session = Session(worker, worker._settings)
    yield session
    session.release()


def failure(session: Session) -> MsaError | None:
    return session.state.notice.error if session.state.notice is not None else None


def found(session: Session) -> str | None:
    """The text that was asked, once there are hits and nothing more is scanned."""
    state = session.state
    ended = state.phase is ScanPhase.IDLE and not state.searching and state.results is not None
    return present(state.results).question.text if ended and len(present(state.results).table) else None


@pytest.mark.slow
@real
def test_a_place_of_a_wms_is_described_at_three_scales_in_the_panel(
    session: Session, desk: Desk, wms: QgsRasterLayer, qtbot: QtBot
) -> None:
    panel = DescribePanel(session.describer, session.features, session.state, desk)
    session.search.choose_layers([wms])
    session.search.choose_gsd(0.3)
    session.describer.describe_at(MIDDLE, UTM)
    qtbot.waitUntil(lambda: panel.phrases.count() > 0 or bool(failure(session)), timeout=LONG_MS)
    assert failure(session) is None
    rows = [panel.phrases.item(row) for row in range(panel.phrases.count())]
    headings = [row.text() for row in rows if row.font().bold()]
    assert panel.text.text() == "77 m of 'wms':", "256 px of 0.3 m"
    assert headings == ["At 77 m", "At 154 m", "At 307 m"], "and of 0.6 and 1.2 m"
    panel.release()
    panel.deleteLater()


@pytest.mark.slow
@real
def test_an_example_is_what_lies_under_the_click_whether_it_is_indexed_or_not(
    session: Session, tiles: QgsRasterLayer, qtbot: QtBot
) -> None:
    search, state = session.search, session.state
    west = aoi_of(QgsGeometry.fromRect(WEST), UTM)
    search.choose_layers([tiles])
    search.choose_area(lambda: west)
    search.search("a street")
    qtbot.waitUntil(lambda: bool(failure(session)) or found(session) == "a street", timeout=LONG_MS)
    assert failure(session) is None
    search.search_at(ExampleGeometry.at(QgsPointXY(LEFT + 420, TOP - 256), UTM, 64.0))
    (example,) = state.examples
    assert isinstance(example.raster, DrawnLayer)
    qtbot.waitUntil(lambda: bool(failure(session)) or found(session) == "", timeout=LONG_MS)
    assert failure(session) is None
    session.search.show_heatmap()
    qtbot.waitUntil(lambda: bool(failure(session)) or state.heatmap is not None, timeout=LONG_MS)
    assert failure(session) is None


def test_every_job_draws_at_the_pixel_size_that_was_picked(
    client: Client, desk: Desk, tiles: QgsRasterLayer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QgsApplication, "qgisSettingsDirPath", lambda: f"{tmp_path}/")
    session = Session(client, Settings)
    session.search.choose_layers([tiles])
    session.search.choose_gsd(2.0)
    session.describer.describe_at(MIDDLE, UTM)
    assert client.waiting(DESCRIBE)[0].params.raster.transform[0] == 2.0
    session.search.search_at(ExampleGeometry.at(MIDDLE, UTM))
    assert as_a(DrawnLayer, session.state.examples[0].raster).transform[0] == 2.0
    desk.canvas.setDestinationCrs(UTM)
    desk.canvas.setExtent(WEST)
    panel = BatchPanel(session.batches, desk)
    panel.form.rasters.findChild(QToolButton, "msaBatchAll").click()
    panel.form.area.choice.setCurrentIndex(1)
    panel.form.queries.text.setPlainText("a street")
    panel.form.out.setFilePath(str(tmp_path / "found.gpkg"))
    panel.form.submit()
    assert client.waiting(BATCH)[0].params.rasters[0].transform[0] == 2.0
    panel.release()
    panel.deleteLater()
    session.release()
