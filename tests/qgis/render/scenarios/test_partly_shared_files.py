"""A worker that sees some of this machine's folders: what lies in others is drawn for it, whoever asks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsFeature, QgsGeometry, QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt.QtCore import QObject

from msa_model.protocol.batch import BatchRequest, DatedPair, WatchedQuery
from msa_model.protocol.errors import MsaError
from msa_model.protocol.messages import RasterRef, ScanSettings
from qgis_msa_plugin.batch.costs import BatchCosts
from qgis_msa_plugin.batch.job import JobState
from qgis_msa_plugin.batch.queue import BatchQueue
from qgis_msa_plugin.describe.many import DescribeMany, FeaturesJob
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
def settings(script: str, tmp_path: Path) -> Settings:
    """The worker sees the cache."""
    shared = str(tmp_path / "shared")
    return Settings(worker_command=script, cache_folder=shared, threads=1, scales_m=(128.0,))


@pytest.fixture
def client(settings: Settings, qtbot: QtBot, qgis_app: QObject) -> Iterator[WorkerClient]:
    client = WorkerClient(lambda: settings)
    client.start()
    qtbot.waitUntil(lambda: client.state is WorkerState.READY, timeout=LONG_MS)
    assert client.shares_files, "the cache is there"
    yield client
    client.stop()


@pytest.fixture
def unseen(here: Path, qgis_new_project: None) -> QgsRasterLayer:
    """A layer of a folder that the worker does not see."""
    layer = QgsRasterLayer(str(here / "scene.tif"), "scene")
    QgsProject.instance().addMapLayer(layer)
    return layer


@pytest.fixture
def seen(here: Path, tmp_path: Path, unseen: QgsRasterLayer) -> QgsRasterLayer:
    """A layer of a folder that it sees."""
    file = tmp_path / "seen.tif"
    shutil.copy(here / "scene.tif", file)
    layer = QgsRasterLayer(str(file), "seen")
    QgsProject.instance().addMapLayer(layer)
    return layer


@pytest.fixture
def session(client: WorkerClient, settings: Settings) -> Iterator[Session]:
    session = Session(client, lambda: settings)
    yield session
    session.release()


@pytest.fixture
def asked(here: Path, unseen: QgsRasterLayer) -> BatchRequest:
    """A batch by path, as the form makes it before the worker has been asked anything."""
    rasters, settings = (RasterRef(unseen.source()),), ScanSettings(scales_m=(128.0,))
    out = str(here / "found.gpkg")
    return BatchRequest(rasters, out, (WatchedQuery("a street"),), k=3, settings=settings)


def parcels(layer: QgsRasterLayer) -> QgsVectorLayer:
    """One parcel: all of the raster."""
    made = QgsVectorLayer(f"Polygon?crs={layer.crs().authid()}", "parcels", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromRect(layer.extent()))
    made.dataProvider().addFeatures([feature])
    return made


def test_a_search_gets_pixels_of_what_lies_elsewhere(
    client: WorkerClient, session: Session, unseen: QgsRasterLayer, qtbot: QtBot
) -> None:
    session.search.choose_layer(unseen)
    session.search.search("a street")
    state = session.search.state
    qtbot.waitUntil(lambda: state.notice is not None or found(state) > 20, timeout=LONG_MS)
    assert state.notice is None, state.notice
    assert not client.shares_files
    assert present(state.results).table.hit(0).source.startswith("qgis:gdal:")


def test_a_search_of_two_layers_leaves_neither_out(
    session: Session, unseen: QgsRasterLayer, seen: QgsRasterLayer, qtbot: QtBot
) -> None:
    session.search.choose_layers([seen, unseen])
    session.search.search("a street")
    state = session.search.state
    qtbot.waitUntil(lambda: state.notice is not None or found(state) > 20, timeout=LONG_MS)
    assert state.notice is None, state.notice
    table = present(state.results).table
    assert len({table.hit(rank).source for rank in range(len(table))}) == 2


def test_a_place_is_described(session: Session, unseen: QgsRasterLayer, qtbot: QtBot) -> None:
    describer, state = session.describer, session.search.state
    describer.choose_layer(unseen)
    describer.describe_at(unseen.extent().center(), unseen.crs())
    qtbot.waitUntil(lambda: describer.description is not None or state.notice is not None, timeout=LONG_MS)
    assert describer.description is not None, state.notice


def test_features_are_described(
    client: WorkerClient, settings: Settings, unseen: QgsRasterLayer, qtbot: QtBot
) -> None:
    job = DescribeMany(client, lambda: settings)
    ended: list[tuple[int, ...]] = []
    failed: list[MsaError] = []
    job.finished.connect(lambda *counts: ended.append(counts))
    job.failed.connect(failed.append)
    job.start(unseen, FeaturesJob(parcels(unseen), "seen"))
    qtbot.waitUntil(lambda: bool(ended), timeout=LONG_MS)
    assert failed == []
    assert sum(ended[0]) == 1


def test_a_batch_finds_what_lies_elsewhere_and_its_results_are_here(
    client: WorkerClient, here: Path, asked: BatchRequest, qtbot: QtBot
) -> None:
    listed = here / "list.csv"
    listed.write_text("query\na river\n", encoding="utf-8")
    queue = BatchQueue(client, here / "jobs")
    job = queue.add("elsewhere", replace(asked, watch_list=str(listed)))
    qtbot.waitUntil(lambda: not present(queue.job(job.id)).state.active, timeout=LONG_MS)
    done = present(queue.job(job.id))
    queue.release()
    assert done.state is JobState.DONE, done.error
    summary = present(done.summary)
    assert ([raster.error for raster in summary.rasters], summary.hits) == ([""], 6)
    hits = QgsVectorLayer(f"{asked.out}|layername=hits", "hits", "ogr")
    assert {hit["source"][:10] for hit in hits.getFeatures()} == {"qgis:gdal:"}


def test_results_in_a_folder_that_is_another_one_there_are_written_here(
    client: WorkerClient, here: Path, asked: BatchRequest, seen: QgsRasterLayer, qtbot: QtBot
) -> None:
    queue = BatchQueue(client, here / "jobs")
    job = queue.add("out of sight", replace(asked, rasters=(RasterRef(seen.source()),)))
    qtbot.waitUntil(lambda: not present(queue.job(job.id)).state.active, timeout=LONG_MS)
    queue.release()
    assert present(queue.job(job.id)).state is JobState.DONE, present(queue.job(job.id)).error
    assert Path(asked.out).is_file()


def test_a_pair_of_a_batch_is_drawn_too(
    client: WorkerClient, here: Path, asked: BatchRequest, seen: QgsRasterLayer, qtbot: QtBot
) -> None:
    pair = DatedPair(asked.rasters[0], RasterRef(seen.source()), "2020-01-01", "2021-01-01")
    queue = BatchQueue(client, here / "jobs")
    question = replace(asked, rasters=(), pairs=(pair,), queries=(WatchedQuery("appeared: houses"),))
    job = queue.add("two dates", question)
    qtbot.waitUntil(lambda: not present(queue.job(job.id)).state.active, timeout=LONG_MS)
    done = present(queue.job(job.id))
    queue.release()
    assert done.state is JobState.DONE, done.error
    assert [raster.sentence for raster in present(done.summary).rasters] == [""]


def test_the_cost_of_a_batch_is_told(client: WorkerClient, asked: BatchRequest, qtbot: QtBot) -> None:
    costs = BatchCosts(client)
    costs.ask(replace(asked, out=""))
    qtbot.waitUntil(lambda: costs.plan is not None or costs.refusal is not None, timeout=LONG_MS)
    plan = present(costs.plan)
    assert (plan.rasters[0].sentence, plan.tiles > 0) == ("", True)


def test_a_raster_that_is_nowhere_is_no_reason_to_draw_the_others(
    client: WorkerClient, here: Path, asked: BatchRequest, seen: QgsRasterLayer, qtbot: QtBot
) -> None:
    rasters = (RasterRef(str(here / "gone.tif")), RasterRef(seen.source()))
    out = Path(seen.source()).with_name("found.gpkg")
    queue = BatchQueue(client, here / "jobs")
    job = queue.add("one is gone", replace(asked, rasters=rasters, out=str(out)))
    qtbot.waitUntil(lambda: not present(queue.job(job.id)).state.active, timeout=LONG_MS)
    done = present(queue.job(job.id))
    queue.release()
    assert client.shares_files
    assert [raster.error for raster in present(done.summary).rasters] == ["raster_missing", ""]


def test_the_toolbox_draws_what_the_worker_does_not_see(
    algorithms: None, settings: Settings, here: Path, unseen: QgsRasterLayer
) -> None:
    keep_settings(replace(settings, device="cpu"))
    middle = unseen.extent().center()
    point = f"{middle.x()},{middle.y()} [{unseen.crs().authid()}]"
    assert run("describetile", RASTER=unseen, POINT=point, OUTPUT="memory:")["OUTPUT"].featureCount() > 0
    hits = run("searchtext", RASTER=unseen, QUERY="a street", K=3, OUTPUT="memory:")["OUTPUT"]
    assert {hit["source"][:10] for hit in hits.getFeatures()} == {"qgis:gdal:"}
    out = here / "found.gpkg"
    ended = run("batchscan", RASTERS=[unseen], QUERIES="a street", K=3, SCALES="128", OUTPUT=str(out))
    assert (ended["HITS"], ended["FAILED"], out.is_file()) == (3, 0, True)
