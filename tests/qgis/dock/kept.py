"""An answer as a project keeps it, to be spoilt."""

from __future__ import annotations

import json
from typing import Any

from qgis.core import QgsProject, QgsRasterLayer

from msa_model.protocol.hit_filter import Filters
from msa_model.protocol.messages import Aoi, Example, RasterRef, ScanRequest, TileRef
from qgis_msa_plugin.search.question import Judgement, Question, Results
from qgis_msa_plugin.search.stored import StoredAnswer, answer_text, read_answer
from qgis_msa_plugin.search.target import Target
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
    results = Results(question, table, 100, table.verdict.reply, {TOWN.source: "town"})
    return StoredAnswer(results, Filters(0.1, True, frozenset({10.0})), {tile: Judgement.ACCEPTED})


def head_of(layer: QgsRasterLayer, hits: int = 6) -> dict[str, Any]:
    return json.loads(answer_text(kept(layer, hits)))


def read(head: object) -> StoredAnswer:
    return read_answer(json.dumps(head), QgsProject.instance())
