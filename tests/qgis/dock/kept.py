"""An answer as a project keeps it, to be spoilt."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

from qgis.core import QgsProject, QgsRasterLayer

from msa_model.protocol.changing import ChangeHit, ChangeReply, ChangeVerdict, SeriesHit, SeriesReply
from msa_model.protocol.hit_filter import Filters
from msa_model.protocol.messages import Aoi, Example, RasterRef, ScanRequest, SearchTimings, TileRef
from qgis_msa_plugin.search.changed import changed_results, series_results
from qgis_msa_plugin.search.question import Dates, Judgement, Question, Results
from qgis_msa_plugin.search.stored import StoredAnswer, answer_text, read_answer
from qgis_msa_plugin.search.target import Target
from tests.present import present
from tests.qgis.dock.tables import TOWN, judged_table

EVIL = "/home/somebody/.config/autostart/evil"
SOON_MS = 3000
MOST_BYTES = 30_000_000
INF, NAN = float("inf"), float("nan")


def kept(layer: QgsRasterLayer, hits: int = 6) -> StoredAnswer:
    """An answer to all that a question may hold."""
    aoi = Aoi("POLYGON((0 0,10 0,10 10,0 0))", "EPSG:3857")
    target = Target(layer.id(), "town", ScanRequest(RasterRef(layer.source(), (1, 2, 3)), aoi))
    tile = TileRef(TOWN.index, 1, 0, 1)
    examples = (
        Example(1.0, tile),
        Example(-1.0, raster=RasterRef(layer.source()), crs="EPSG:3857", point=(1, 2)),
    )
    question = Question("blue roofs", examples, (target,), (Example(1.0, tile),))
    table = judged_table(hits)
    results = Results(question, table, 100, present(table.verdict).reply, {TOWN.source: "town"})
    return StoredAnswer(results, Filters(0.1, True, frozenset({10.0})), {tile: Judgement.ACCEPTED})


def head_of(layer: QgsRasterLayer, hits: int = 6) -> dict[str, Any]:
    return json.loads(answer_text(kept(layer, hits)))


def dated_head(layer: QgsRasterLayer, *, many: bool = False) -> dict[str, Any]:
    """An answer about two dates, or about many."""
    target = Target(layer.id(), "town", ScanRequest(RasterRef(layer.source())))
    later = dataclasses.replace(TOWN, index="/nowhere/later.msa.gpkg", source="/nowhere/later.tif")
    both: dict[str, Any] = {"timings": SearchTimings(0.0, 0.0, 0.0), "indexes": (TOWN, later)}
    question = Question("vanished: trees", layers=(target, target), dates=Dates("2010", "2020"))
    if many:
        question = dataclasses.replace(question, dates=Dates(many=("2010", "2020-08")))
        hits = tuple(_dated(SeriesHit, row, scores=(0.5, None), first="2010") for row in range(3))
        series = SeriesReply("trees", ("2010", "2020-08"), (TOWN.source, later.source), hits, 9, **both)
        results = series_results(question, series, "")
    else:
        hits = tuple(_dated(ChangeHit, row, change=1.5, index_after=later.index) for row in range(3))
        verdict = ChangeVerdict("good", 1.5, "Trees vanished.", 9)
        change = ChangeReply("vanished: trees", hits, 9, 0, 0, "2010", "2020", verdict, **both)
        results = changed_results(question, change, "")
    return json.loads(answer_text(StoredAnswer(results)))


def _dated(kind: Callable[..., Any], row: int, **told: object) -> Any:  # noqa: ANN401  (either kind of hit)
    ring = ((0.0, 1.0), (1.0, 1.0), (1.0, 0.0), (0.0, 0.0))
    tile = {"source": TOWN.source, "index": TOWN.index, "factor": 1, "row": row, "col": 0, "place": row}
    return kind(row + 1, 1.5, (0, 0, 1, 1), ring, TOWN.crs, 10.0, **tile, phrase="a wood", **told)


def read(head: object) -> StoredAnswer:
    return read_answer(json.dumps(head), QgsProject.instance())
