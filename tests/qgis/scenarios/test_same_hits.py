"""Dock, toolbox, batch and command line are asked the same question: they give the same hits."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsRasterLayer, QgsVectorLayer

from msa_model.protocol.batch import BatchRequest
from msa_model.protocol.hit_filter import HIT_FIELDS, Filters, hit_values
from msa_model.protocol.messages import Hit, RasterRef, ScanRequest, ScanSettings
from qgis_msa_plugin.batch.job import new_job
from qgis_msa_plugin.batch.results import pairs_of
from qgis_msa_plugin.dock.batch_review import BatchReview
from qgis_msa_plugin.search.asking import Asking, PreparedQuestion
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.question import Judgement, Question
from qgis_msa_plugin.search.showing import Showing
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.search.target import Target
from qgis_msa_plugin.settings import current_settings
from qgis_msa_plugin.worker.client import WorkerClient
from tests.qgis.conftest import REAL_WORKER
from tests.qgis.toolbox import run

QUERY, PLACES = "blue metal roofs", 4
ANSWER_MS = 120_000
KEY = ("index", "factor", "row", "col")

Hits = list[dict[str, Any]]


@pytest.fixture
def client(real: None) -> Iterator[WorkerClient]:
    client = WorkerClient(current_settings)
    yield client
    client.stop()


@pytest.fixture
def index(scene: QgsRasterLayer) -> str:
    """Tiles that overlap by three quarters, so that one place holds dozens of them."""
    path = str(Path(scene.source()).with_name("dense.gpkg"))
    msa("index", scene.source(), "--index", path, "--scales", "128,256", "--overlap", "0.75")
    return path


def msa(*arguments: str) -> str:
    done = subprocess.run([str(REAL_WORKER), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def features(path: str, layer: str) -> Hits:
    opened = QgsVectorLayer(f"{path}|layername={layer}", layer, "ogr")
    assert opened.isValid()
    return [row.attributeMap() for row in opened.getFeatures()]


def of_the_dock(qtbot: QtBot, client: WorkerClient, source: str, index: str) -> Hits:
    state = SearchState()
    state.filters = Filters(limit=PLACES)
    asking, showing = Asking(client), Showing(state)
    asking.found.connect(showing.show)
    asking.found.connect(asking.judge)
    target = Target("scene", "scene", ScanRequest(RasterRef(source)))
    asked = PreparedQuestion(Question(QUERY, layers=(target,)), (index,))
    with qtbot.waitSignal(asking.judged, timeout=ANSWER_MS) as judged:
        asking.ask(asked)
    table = judged.args[0].table
    return [hit_row(table.hit(row)) for row in state.shown.rows]


def hit_row(hit: Hit) -> dict[str, Any]:
    return {name: value for name, value in hit_values(hit, QUERY).items() if name != "place"}


def of_the_toolbox(index: str) -> Hits:
    found = run("searchtext", INDEX=index, QUERY=QUERY, K=PLACES, OUTPUT="memory:")["OUTPUT"]
    return [row.attributeMap() for row in found.getFeatures()]


def of_the_command_line(index: str, out: Path) -> Hits:
    told = json.loads(msa("search", index, QUERY, "--merge", "-k", str(PLACES), "--out", str(out), "--json"))
    hits = features(str(out), "results")
    assert [tuple(hit[name] for name in KEY) for hit in told["results"]] == keys(hits)
    return hits


def of_the_batch(scene: QgsRasterLayer, out: Path) -> Hits:
    """It scans into the default index, with the same cut as the others'."""
    run(
        "batchscan", RASTERS=[scene], QUERIES=QUERY, K=PLACES, OUTPUT=str(out), SCALES="128,256", OVERLAP=0.75
    )
    return features(str(out), "hits")


def of_the_review(qtbot: QtBot, client: WorkerClient, scene: QgsRasterLayer, out: Path) -> Hits:
    """The batch's hits in the list of searches."""
    (pair,) = pairs_of(str(out))
    request = BatchRequest(
        (RasterRef(scene.source()),), str(out), settings=ScanSettings((128.0, 256.0), 0.75)
    )
    controller = SearchController(client, current_settings)
    with qtbot.waitSignal(controller.state.verdict_changed):
        assert BatchReview(controller, lambda: True, controller).review(new_job("batch", request), pair)
    state = controller.state
    assert state.results is not None
    assert not state.phase.running
    controller.judge(state.shown.rows[0] + 1, Judgement.ACCEPTED)
    assert state.review.accepted == 1
    hits = [hit_values(state.results.table.hit(row), QUERY) for row in state.shown.rows]
    controller.release()
    return hits


def keys(hits: Hits) -> list[tuple[object, ...]]:
    return [tuple(hit[name] for name in KEY) for hit in hits]


def test_the_same_question_has_the_same_hits_everywhere(
    qtbot: QtBot, client: WorkerClient, scene: QgsRasterLayer, index: str, tmp_path: Path
) -> None:
    dock = of_the_dock(qtbot, client, scene.source(), index)
    makers = {
        "toolbox": of_the_toolbox(index),
        "batch": of_the_batch(scene, tmp_path / "batch.gpkg"),
        "command line": of_the_command_line(index, tmp_path / "hits.gpkg"),
    }
    makers["review of the batch"] = of_the_review(qtbot, client, scene, tmp_path / "batch.gpkg")
    assert len(dock) == PLACES
    for name, hits in makers.items():
        assert [key[1:] for key in keys(hits)] == [key[1:] for key in keys(dock)], name
        assert set(HIT_FIELDS) <= set(hits[0]), name
        for field in ("score", "match_score", "valid", "scale_m"):
            expected = [hit[field] for hit in dock]
            assert [hit[field] for hit in hits] == pytest.approx(expected, abs=1e-4), (name, field)
        for field in ("phrase", "category"):
            assert [hit[field] for hit in hits] == [hit[field] for hit in dock], (name, field)
