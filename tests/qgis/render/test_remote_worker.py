"""A worker behind a stand-in for ssh: it runs the command elsewhere, where this machine's files are not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsProcessingException, QgsProject, QgsRasterLayer, QgsRectangle, QgsVectorLayer
from qgis.PyQt.QtCore import QObject

from msa_model.protocol.batch import BatchRequest, WatchedQuery
from msa_model.protocol.messages import RasterRef, ScanSettings
from qgis_msa_plugin.batch.job import JobState
from qgis_msa_plugin.batch.queue import BatchQueue
from qgis_msa_plugin.session import Session
from qgis_msa_plugin.settings import Settings, keep_settings
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.state import WorkerState
from tests.present import present
from tests.qgis.conftest import REAL_WORKER
from tests.qgis.render.hidden_folder import found
from tests.qgis.toolbox import run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not REAL_WORKER.exists(), reason="the worker's environment is not set up"),
]

LONG_MS = 120_000


@pytest.fixture
def remote(ssh: str, here: Path, qgis_app: QObject) -> Iterator[WorkerClient]:
    settings = Settings(worker_command=ssh, cache_folder=str(here / "cache"), threads=1, scales_m=(128.0,))
    client = WorkerClient(lambda: settings)
    yield client
    client.stop()


def test_a_worker_elsewhere_says_so_and_leaves_no_probe(
    remote: WorkerClient, qtbot: QtBot, here: Path
) -> None:
    assert not remote.shares_files, "guessed by the name of the program"
    remote.start()
    qtbot.waitUntil(lambda: remote.state is WorkerState.READY, timeout=LONG_MS)
    assert present(remote.initialized).shares_files is False
    assert list((here / "cache").iterdir()) == []


def test_a_worker_on_this_machine_sees_its_files(qtbot: QtBot, tmp_path: Path, qgis_app: QObject) -> None:
    settings = Settings(worker_command=f'"{REAL_WORKER}" worker', cache_folder=str(tmp_path))
    client = WorkerClient(lambda: settings)
    client.start()
    qtbot.waitUntil(lambda: client.state is WorkerState.READY, timeout=LONG_MS)
    assert present(client.initialized).shares_files
    assert client.shares_files
    assert list(tmp_path.iterdir()) == []
    client.stop()


def test_a_file_is_searched_by_a_worker_that_cannot_see_it(
    remote: WorkerClient, qtbot: QtBot, here: Path, qgis_new_project: None
) -> None:
    layer = QgsRasterLayer(str(here / "scene.tif"), "scene")
    QgsProject.instance().addMapLayer(layer)
    session = Session(remote, remote._settings)
    controller, describer = session.search, session.describer
    controller.choose_layer(layer)
    controller.search("a street")
    state = controller.state
    try:
        qtbot.waitUntil(lambda: state.notice is not None or found(state) > 20, timeout=LONG_MS)
        assert state.notice is None, state.notice
        table = present(state.results).table
        assert table.hit(0).source.startswith("qgis:gdal:")
        assert table.hit(0).crs == "EPSG:32645"
        box = QgsRectangle(*table.hit(0).bounds)
        assert layer.extent().buffered(1.0).contains(box)
        assert not Path(table.hit(0).index).exists(), "the index lies where the worker is"
        describer.describe_at(layer.extent().center(), layer.crs())
        qtbot.waitUntil(
            lambda: describer.description is not None or state.notice is not None, timeout=LONG_MS
        )
        assert describer.description is not None, state.notice
    finally:
        session.release()


def test_a_batch_by_a_worker_elsewhere_is_written_here(
    remote: WorkerClient, qtbot: QtBot, here: Path, qgis_new_project: None
) -> None:
    layer = QgsRasterLayer(str(here / "scene.tif"), "scene")
    QgsProject.instance().addMapLayer(layer)
    listed = here / "list.csv"
    listed.write_text("query;name\na river;rivers\n", encoding="utf-8")
    out, report = here / "found.gpkg", here / "found.html"
    request = BatchRequest(
        (RasterRef(layer.source()),),
        str(out),
        (WatchedQuery("a street"),),
        str(listed),
        str(report),
        k=3,
        settings=ScanSettings(scales_m=(128.0,)),
    )
    queue = BatchQueue(remote, here / "jobs")
    try:
        job = queue.add("far away", request)
        qtbot.waitUntil(lambda: not present(queue.job(job.id)).state.active, timeout=LONG_MS)
        done = queue.job(job.id)
        assert present(done).state is JobState.DONE, present(done).error
    finally:
        queue.release()
    hits = QgsVectorLayer(f"{out}|layername=hits", "hits", "ogr")
    found = [feature.attributeMap() for feature in hits.getFeatures()]
    assert len(found) == present(present(done).summary).hits == 6
    assert {hit["query"] for hit in found} == {"a street", "a river"}
    assert {hit["source"][:10] for hit in found} == {"qgis:gdal:"}
    assert not Path(found[0]["index"]).exists(), "the index lies where the worker is"
    assert report.read_text(encoding="utf-8").count("data:image/jpeg") == 6
    assert [file.name for file in here.iterdir() if file.suffix in (".gpkg", ".part")] == ["found.gpkg"]


def test_a_batch_of_the_toolbox_by_a_worker_elsewhere_is_written_here(
    algorithms: None, ssh: str, here: Path, qgis_new_project: None
) -> None:
    keep_settings(Settings(worker_command=ssh, cache_folder=str(here / "cache"), device="cpu"))
    layer = QgsRasterLayer(str(here / "scene.tif"), "scene")
    QgsProject.instance().addMapLayer(layer)
    listed, out = here / "list.csv", here / "found.gpkg"
    listed.write_text("query\na river\n", encoding="utf-8")
    wanted = {"RASTERS": [layer], "WATCH_LIST": str(listed), "K": 3, "SCALES": "128", "OUTPUT": str(out)}
    assert run("batchscan", **wanted)["HITS"] == 3
    hits = QgsVectorLayer(f"{out}|layername=hits", "hits", "ogr")
    assert [hit["query"] for hit in hits.getFeatures()] == ["a river"] * 3
    with pytest.raises(QgsProcessingException, match="a file of their own"):
        run("batchscan", **wanted)
