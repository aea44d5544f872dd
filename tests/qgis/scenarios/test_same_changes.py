"""Toolbox, command line and dock are asked what changed: they give the same places."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import (
    NULL,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDate, Qt

from msa_model.protocol.batch import BatchRequest, DatedPair, WatchedQuery
from msa_model.protocol.changing import SeriesReply, points_of
from msa_model.protocol.codec import from_wire
from msa_model.protocol.hit_filter import CHANGE_FIELDS, SERIES_FIELDS, hit_values
from msa_model.protocol.messages import RasterRef, ScanRequest
from qgis_msa_plugin.batch.job import new_job
from qgis_msa_plugin.batch.queue import BatchQueue
from qgis_msa_plugin.batch.results import ReviewButton
from qgis_msa_plugin.dock.batch_review import BatchReview
from qgis_msa_plugin.map.layer_fill import values_of
from qgis_msa_plugin.map.place_layers import accepted, save_places
from qgis_msa_plugin.processing.layer_style import StyleOnLoading, style_hits
from qgis_msa_plugin.search.asking import Asking, PreparedQuestion
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.question import Dates, Judgement, Question
from qgis_msa_plugin.search.target import Target
from qgis_msa_plugin.settings import current_settings
from qgis_msa_plugin.worker.client import WorkerClient
from tests.qgis.conftest import REAL_WORKER
from tests.qgis.dock.conftest import write_raster
from tests.qgis.dock.dates import BUILT, ten_years_later
from tests.qgis.toolbox import run

pytestmark = pytest.mark.slow
QUERY, PLACES = "appeared: a lake", 3
ANSWER_MS = 120_000
AT = 1000 + (BUILT[0] + BUILT[1] / 2) / 2, 2000 - (BUILT[0] + BUILT[1] / 2) / 2

Hits = list[dict[str, Any]]


@pytest.fixture(scope="module")
def rasters(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("same-changes")
    before = write_raster(folder / "town_20100629.tif", 768)
    return str(before), str(ten_years_later(before, folder / "town_20200831.tif"))


@pytest.fixture
def client(real: None) -> Iterator[WorkerClient]:
    client = WorkerClient(current_settings)
    yield client
    client.stop()


def of_the_toolbox(before: str, after: str, **parameters: object) -> Hits:
    asked = {"BEFORE": before, "AFTER": after, "QUERY": QUERY, "K": PLACES, "OUTPUT": "memory:"}
    found = run("changesearch", **asked | parameters)
    layer = found["OUTPUT"]
    assert isinstance(layer, QgsVectorLayer)
    assert found["COUNT"] == layer.featureCount()
    assert found["VERDICT"] in ("good", "doubtful", "nothing")
    return [row.attributeMap() for row in layer.getFeatures()]


def of_the_command_line(before: str, after: str) -> Hits:
    line = [str(REAL_WORKER), "search", "--before", before, "--after", after, QUERY, "--merge", "--json"]
    done = subprocess.run([*line, "-k", str(PLACES)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    hits: Hits = json.loads(done.stdout)["results"]
    return hits


def of_the_dock(qtbot: QtBot, client: WorkerClient, hits: Hits) -> Hits:
    indexes = str(hits[0]["index"]), str(hits[0]["index_after"])
    layers = tuple(Target(path, path, ScanRequest(RasterRef(path))) for path in indexes)
    asking = Asking(client)
    with qtbot.waitSignal(asking.found, timeout=ANSWER_MS) as found:
        asking.ask(PreparedQuestion(Question(QUERY, layers=layers, dates=Dates()), indexes))
    results = found.args[0]
    rows = range(min(PLACES, len(results.table)))
    return [hit_values(results.row(row), QUERY, CHANGE_FIELDS) for row in rows]


def of_the_batch(before: str, after: str, folder: Path) -> Hits:
    watch_list = folder / "watched.csv"
    watch_list.write_text(f"query,before,after\n{QUERY},{before},{after}\n", encoding="utf-8")
    out = str(folder / "batch.gpkg")
    run("batchscan", RASTERS=[before], WATCH_LIST=str(watch_list), K=PLACES, OUTPUT=out)
    opened = QgsVectorLayer(f"{out}|layername=changes", "changes", "ogr")
    return [row.attributeMap() for row in opened.getFeatures()]


def of_the_batch_command(before: str, after: str, folder: Path) -> Hits:
    out = str(folder / "commanded.gpkg")
    line = [str(REAL_WORKER), "batch", "--before", before, "--after", after, "-q", QUERY, "--out", out]
    done = subprocess.run([*line, "-k", str(PLACES)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    opened = QgsVectorLayer(f"{out}|layername=changes", "changes", "ogr")
    return [row.attributeMap() for row in opened.getFeatures()]


def of_the_batch_tab(qtbot: QtBot, client: WorkerClient, rasters: tuple[str, str], folder: Path) -> Hits:
    out, pair = str(folder / "tab.gpkg"), DatedPair(RasterRef(rasters[0]), RasterRef(rasters[1]))
    queue = BatchQueue(client, folder / "jobs")
    asked, settings = (WatchedQuery(QUERY),), current_settings().scan()
    with qtbot.waitSignal(queue.finished, timeout=ANSWER_MS):
        queue.add("tab", BatchRequest((), out, asked, settings=settings, k=PLACES, pairs=(pair,)))
    opened = QgsVectorLayer(f"{out}|layername=changes", "changes", "ogr")
    return [row.attributeMap() for row in opened.getFeatures()]


def of_the_review(
    qtbot: QtBot, client: WorkerClient, rasters: tuple[str, str], folder: Path
) -> tuple[Hits, QgsVectorLayer]:
    """The batch's changes in the list of searches, and the first one accepted and saved as a layer."""
    out = str(folder / "batch.gpkg")
    menu = ReviewButton(lambda: job)
    pair = DatedPair(RasterRef(rasters[0]), RasterRef(rasters[1]), "2011", "")
    job = new_job("batch", BatchRequest((), out, settings=current_settings().scan(), pairs=(pair,)))
    menu.fill()
    controller = SearchController(client, current_settings)
    reviews = BatchReview(controller, lambda: True, controller)
    menu.wanted.connect(reviews.review)
    with qtbot.waitSignal(controller.state.verdict_changed, timeout=ANSWER_MS):
        menu.menu().actions()[0].trigger()
    state = controller.state
    assert state.results is not None
    controller.judge(state.shown.rows[0] + 1, Judgement.ACCEPTED)
    saved = save_places(folder / "accepted.gpkg", accepted(controller.judged()))
    hits = [hit_values(state.results.row(row), QUERY, CHANGE_FIELDS) for row in state.shown.rows]
    assert len(state.results.compared()) == 2
    controller.release()
    return hits, saved


def keys(hits: Hits) -> list[tuple[object, ...]]:
    return [tuple(hit[name] for name in ("index", "index_after", "factor", "row", "col")) for hit in hits]


def test_the_same_change_is_found_everywhere(
    qtbot: QtBot, client: WorkerClient, rasters: tuple[str, str], tmp_path: Path
) -> None:
    toolbox = of_the_toolbox(*rasters)
    makers = {
        "command line": of_the_command_line(*rasters),
        "dock": of_the_dock(qtbot, client, toolbox),
        "batch in the toolbox": of_the_batch(*rasters, tmp_path),
        "msa batch": of_the_batch_command(*rasters, tmp_path),
        "Batch tab": of_the_batch_tab(qtbot, client, rasters, tmp_path),
    }
    assert len(toolbox) == PLACES
    assert set(CHANGE_FIELDS) <= set(toolbox[0])
    assert (toolbox[0]["date_before"], toolbox[0]["date_after"]) == ("2010-06-29", "2020-08-31")
    for name, hits in makers.items():
        assert keys(hits) == keys(toolbox), name
        for field in ("change", "score_before", "score_after"):
            expected = [hit[field] for hit in toolbox]
            assert [hit[field] for hit in hits] == pytest.approx(expected, abs=1e-3), (name, field)
        for field in ("phrase_before", "phrase_after", "match", "date_before", "date_after"):
            assert [hit[field] for hit in hits] == [hit[field] for hit in toolbox], (name, field)


def test_the_changes_of_a_batch_are_reviewed_and_saved_with_what_they_tell_of_both_dates(
    qtbot: QtBot,
    client: WorkerClient,
    rasters: tuple[str, str],
    tmp_path: Path,
    qgis_new_project: None,
) -> None:
    batch = of_the_batch(*rasters, tmp_path)
    hits, saved = of_the_review(qtbot, client, rasters, tmp_path)
    assert len(batch) == PLACES
    assert keys(hits) == keys(batch)
    assert [hit["change"] for hit in hits] == pytest.approx([hit["change"] for hit in batch], abs=1e-3)
    (place,) = saved.getFeatures()
    told = place.attributeMap()
    assert (told["date_before"], told["date_after"]) == ("2011", "2020-08-31")
    assert (told["question"], told["review"]) == (QUERY, "accepted")
    assert (told["source"], told["source_after"]) == rasters
    assert told["change"] == pytest.approx(hits[0]["change"], abs=0.01)
    assert told["score_before"] < told["score_after"]
    assert (told["phrase_before"], told["phrase_after"]) == (
        hits[0]["phrase_before"],
        hits[0]["phrase_after"],
    )


def test_what_changed_at_a_place_is_a_sentence_and_a_table(real: None, rasters: tuple[str, str]) -> None:
    found = run(
        "changehere",
        BEFORE=rasters[0],
        AFTER=rasters[1],
        POINT=f"{AT[0]},{AT[1]} [EPSG:3857]",
        OUTPUT="memory:",
    )
    layer = found["OUTPUT"]
    assert isinstance(layer, QgsVectorLayer)
    rows = [row.attributeMap() for row in layer.getFeatures()]
    assert {row["way"] for row in rows} == {"gained", "lost"}
    assert all((row["score"] > 0) is (row["way"] == "gained") for row in rows)
    assert str(found["SENTENCE"]).startswith(("From ", "No change"))


def test_a_query_is_followed_over_the_dates(real: None, rasters: tuple[str, str]) -> None:
    found = run("series", RASTERS=list(rasters), QUERY="water", K=PLACES, THRESHOLD=0.0, OUTPUT="memory:")
    layer = found["OUTPUT"]
    assert isinstance(layer, QgsVectorLayer)
    rows = [row.attributeMap() for row in layer.getFeatures()]
    assert set(SERIES_FIELDS) <= set(rows[0])
    assert found["COUNT"] == PLACES
    assert len(rows) == 2 * PLACES
    assert [row["date"].toString("yyyy-MM-dd") for row in rows[:2]] == ["2010-06-29", "2020-08-31"]
    assert rows[0]["date_score"] < rows[1]["date_score"]
    assert rows[1]["trend"] > 0
    assert rows[1]["last"] == "2020-08-31"
    style = StyleOnLoading(partial(style_hits, style="results", dates="date"))
    style.postProcessLayer(layer, QgsProcessingContext(), QgsProcessingFeedback())
    assert layer.temporalProperties().isActive()
    assert '"date"' in layer.temporalProperties().startExpression()


def test_the_same_history_is_told_everywhere(
    qtbot: QtBot, client: WorkerClient, rasters: tuple[str, str]
) -> None:
    found = run("series", RASTERS=list(rasters), QUERY="a lake", K=PLACES, THRESHOLD=0.0, OUTPUT="memory:")
    layer = found["OUTPUT"]
    assert isinstance(layer, QgsVectorLayer)
    toolbox = [with_day(row.attributeMap()) for row in layer.getFeatures()]
    line = [str(REAL_WORKER), "series", *rasters, "a lake", "-k", str(PLACES), "--merge", "--json"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    reply = from_wire(SeriesReply, json.loads(done.stdout))
    indexes = tuple(index.index for index in reply.indexes)
    layers = tuple(Target(path, path, ScanRequest(RasterRef(path))) for path in indexes)
    asking = Asking(client)
    with qtbot.waitSignal(asking.found, timeout=ANSWER_MS) as asked:
        asking.ask(
            PreparedQuestion(Question("a lake", layers=layers, dates=Dates(many=reply.dates)), indexes)
        )
    answer = asked.args[0]
    makers = {
        "command line": [hit_values(point, "a lake", SERIES_FIELDS) for point in points_of(reply)],
        "dock": [with_day(told) for row in range(PLACES) for told in values_of(answer, row)],
    }
    numbers = {"match_score", "date_score", "trend", "score", "scale_m", "valid"}
    for name, points in makers.items():
        assert len(points) == len(toolbox), name
        for field in SERIES_FIELDS:
            expected = [point[field] for point in toolbox]
            told = [point[field] for point in points]
            same = told == (pytest.approx(expected, abs=1e-3) if field in numbers else expected)
            assert same, (name, field, told, expected)


def with_day(told: dict[str, Any]) -> dict[str, Any]:
    date = told["date"]
    assert isinstance(date, QDate)
    known = {field: None if value == NULL else value for field, value in told.items()}
    return {**known, "date": date.toString(Qt.DateFormat.ISODate)}


def test_what_cannot_be_asked_is_refused_in_a_sentence(real: None, rasters: tuple[str, str]) -> None:
    for parameters, says in (
        ({"QUERY": "a lake"}, "two dates reads"),
        ({"DATE_AFTER": "soon"}, "2020-08-31"),
        ({"AFTER": rasters[0]}, "same raster"),
    ):
        with pytest.raises(QgsProcessingException, match=says):
            of_the_toolbox(*rasters, **parameters)
