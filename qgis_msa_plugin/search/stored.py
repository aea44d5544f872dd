"""Questions, filters and answers as text, for projects.

A project may come from anybody: every value is checked as it is read (`checked`, `kept_answer`), and what a
question is about is looked up among the project's own layers.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Optional

from qgis.core import QgsProject

from msa_model.protocol.codec import from_wire, to_wire
from msa_model.protocol.errors import MsaError, ProtocolError
from msa_model.protocol.hit_filter import DEPTH, Filters
from msa_model.protocol.hit_table import pack_columns
from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.messages import Aoi, Example, TileRef
from msa_model.protocol.storing import for_storage
from qgis_msa_plugin.checked import UNREADABLE, check_numbers, line, listed, number, parsed, truth, whole
from qgis_msa_plugin.search.judged import Judged, place_of
from qgis_msa_plugin.search.kept_answer import (
    checked_aoi,
    checked_crs,
    few_crss,
    kept_change,
    kept_series,
    kept_table,
    target_in,
)
from qgis_msa_plugin.search.question import Dates, Judgement, Judgements, Question, Results, SavedSearch
from qgis_msa_plugin.search.target import Reading, Target
from qgis_msa_plugin.settings import current_settings

_VERSION = 3
_READ_VERSIONS = (2, 3)  # 2: what was said of hits is nowhere else
_LEVEL = 1  # of compression: this runs in the GUI thread
_MOST_ITEMS = 1000  # examples, layers, searches, values of a filter
_MOST_DATE = 40
_MOST_WEIGHT = 1e6
_MOST_METRES = 1e8
_CODE = 2**31 - 1  # of rows and columns

Json = dict[str, Any]


@dataclass(frozen=True)
class StoredAnswer:
    """All that the dock needs to show an answer again; `judgements` are the ticks that its layer shows.

    `judged` is what a project of an earlier version has kept with the answer, and nowhere else.
    """

    results: Results
    filters: Filters = Filters()  # noqa: RUF009  (frozen)
    judgements: Judgements = dataclasses.field(default_factory=lambda: MappingProxyType({}))
    judged: Judged = ()


def answer_text(answer: StoredAnswer) -> str:
    """The answer as a line of text."""
    results, table = answer.results, answer.results.table
    head = {
        "version": _VERSION,
        "question": _question_json(results.question),
        "reply": to_wire(table.reply),
        "tiles": results.tiles,
        "asked": results.asked,
        "titles": dict(results.titles),
        "verdict": to_wire(results.verdict) if results.verdict else None,
        "filters": filters_json(answer.filters),
        "judgements": [[*dataclasses.astuple(tile), said.value] for tile, said in answer.judgements.items()],
        "columns": _packed(
            table.scores, table.valid, table.places, table.indexes, table.factors, table.rows, table.cols
        ),
    }
    if results.change is not None:
        head["change"] = to_wire(results.change)
    if results.series is not None:
        head["series"] = to_wire(results.series)
    if table.verdict is not None:
        columns = table.verdict
        head["verdict_columns"] = _packed(columns.phrases, columns.categories, columns.phrase_scores)
    return json.dumps(head, ensure_ascii=False, separators=(",", ":"))


@few_crss()
def read_answer(text: str, project: QgsProject) -> StoredAnswer:
    """The answer that `answer_text` wrote, to a question about layers that the project has.

    Raises:
        ProtocolError: the text is something else, whatever it is.
    """
    try:
        head = parsed(text)
        if head["version"] not in _READ_VERSIONS:
            raise ProtocolError("An answer kept in the project is of another version.")
        return _answer(head, project)
    except ProtocolError:
        raise
    except (*UNREADABLE, MsaError) as error:
        raise ProtocolError("An answer kept in the project cannot be read.") from error


def saved_text(saved: Sequence[SavedSearch], others: Sequence[Json] = ()) -> str:
    """Saved searches as text, and what `read_saved` could not read, as it was."""
    return json.dumps([*map(_saved_json, saved), *others], ensure_ascii=False)


@few_crss()
def read_saved(text: str) -> tuple[tuple[SavedSearch, ...], tuple[Json, ...]]:
    """The searches that `saved_text` wrote, and the items that are none.

    Raises:
        ProtocolError: the text is something else as a whole.
    """
    try:
        items = listed(parsed(text), _MOST_ITEMS)
    except UNREADABLE as error:
        raise ProtocolError("The searches saved in the project cannot be read.") from error
    found: dict[str, SavedSearch] = {}
    others = []
    for item in items:
        try:
            search = _saved(item)
            found.setdefault(search.name, search)
        except (*UNREADABLE, MsaError):
            others.append(item)
    return tuple(found.values()), tuple(others)


def filters_json(filters: Filters) -> Json:
    """Filters as JSON."""
    data = dataclasses.asdict(filters)
    return {**data, "scales_m": sorted(filters.scales_m), "categories": sorted(filters.categories)}


def read_filters(data: Json) -> Filters:
    """The filters that `filters_json` wrote.

    Raises:
        ProtocolError, or what is `UNREADABLE`: they are others.
    """
    least = data["min_score"]
    return Filters(
        min_score=None if least is None else number(least),
        honest=truth(data["honest"]),
        scales_m=frozenset(number(side, 0, _MOST_METRES) for side in listed(data["scales_m"], _MOST_ITEMS)),
        categories=frozenset(line(name) for name in listed(data["categories"], _MOST_ITEMS)),
        min_valid=number(data["min_valid"], 0, 1),
        merge=truth(data["merge"]),
        limit=whole(data["limit"], 1, DEPTH),
        matching=truth(data.get("matching", False)),
    )


def _answer(head: Json, project: QgsProject) -> StoredAnswer:
    table = kept_table(head)
    question = _question(head["question"], project)
    names = listed(list(head["titles"].items()), _MOST_ITEMS)
    titles = {line(source): line(title) for source, title in names}
    verdict = table.verdict.reply if table.verdict is not None else None
    tiles = whole(head["tiles"], 0, 2**53)
    asked, change = line(head.get("asked", ""), _MOST_DATE), kept_change(head.get("change"), table)
    series = kept_series(head.get("series"), table)
    told = (change is not None, series is not None)
    if told != (question.dates is not None and not question.is_series, question.is_series):
        raise ProtocolError("An answer and its question are not about the same dates.")
    results = Results(question, table, tiles, verdict, titles, asked, change, series)
    judgements = {_tile(item[:-1]): Judgement(item[-1]) for item in listed(head["judgements"], DEPTH)}
    judged = _judged(results, judgements) if head["version"] == _READ_VERSIONS[0] else ()
    return StoredAnswer(results, read_filters(head["filters"]), MappingProxyType(judgements), judged)


def _judged(results: Results, judgements: Judgements) -> Judged:
    """What was said of hits, as places; when is not known."""
    rows = {results.table.tile(row): row for row in range(len(results.table))} if judgements else {}
    said = ((rows.get(tile), said) for tile, said in judgements.items())
    return tuple(place_of(results, row, judgement, "") for row, judgement in said if row is not None)


def _tile(item: Sequence[object]) -> TileRef:
    index, factor, row, col = item
    return TileRef(line(index), whole(factor, 1, _CODE), whole(row, -_CODE, _CODE), whole(col, -_CODE, _CODE))


def _question_json(question: Question) -> Json:
    return {
        "text": question.text,
        "examples": [to_wire(for_storage(example)) for example in question.examples],
        "feedback": [to_wire(for_storage(example)) for example in question.feedback],
        "dates": to_wire(question.dates) if question.dates is not None else None,
        "layers": [
            {
                "id": target.layer_id,
                "aoi": to_wire(target.request.aoi) if target.request.aoi is not None else None,
                "gsd_m": target.gsd_m,
            }
            for target in question.layers
        ],
    }


def _question(data: Json, project: QgsProject) -> Question:
    targets = [_target(item, project) for item in listed(data["layers"], _MOST_ITEMS)]
    return Question(
        text=line(data["text"]),
        examples=_examples(data["examples"]),
        layers=tuple(target for target in targets if target is not None),
        feedback=_examples(data["feedback"]),
        dates=_dates(data.get("dates")),
    )


def _dates(data: Optional[Json]) -> Optional[Dates]:
    if data is None:
        return None
    dates = from_wire(Dates, data)
    check_numbers(dates)
    if dates.point_crs:
        checked_crs(dates.point_crs)
    line(dates.before, _MOST_DATE)
    for date in (dates.after, *listed(dates.many, _MOST_ITEMS)):
        line(date, _MOST_DATE)
    return dates


def _target(item: Json, project: QgsProject) -> Optional[Target]:
    """A layer of the project in place of what the text says of it."""
    aoi = checked_aoi(from_wire(Aoi, item["aoi"]) if item["aoi"] is not None else None)
    gsd_m = None if item["gsd_m"] is None else number(item["gsd_m"], 1e-6, _MOST_METRES)
    return target_in(project, line(item["id"]), aoi, Reading(current_settings(), gsd_m))


def _examples(items: object) -> tuple[Example, ...]:
    return tuple(map(_example, listed(items, _MOST_ITEMS)))


def _example(item: Json) -> Example:
    example = from_wire(Example, item)
    check_numbers(example)
    number(example.weight, -_MOST_WEIGHT, _MOST_WEIGHT)
    if example.tile is not None:
        _tile(dataclasses.astuple(example.tile))
    if example.scale_m is not None:
        number(example.scale_m, 1e-6, _MOST_METRES)
    if isinstance(example.raster, DrawnLayer):
        for text in (example.raster.source, example.raster.title, example.raster.version):
            line(text)
        checked_crs(example.raster.crs)
    elif example.raster is not None:
        line(example.raster.path)
        listed(example.raster.bands, _MOST_ITEMS)
    if example.crs:
        checked_crs(example.crs)
    return example


def _saved_json(search: SavedSearch) -> Json:
    return {
        "name": search.name,
        "text": search.text,
        "examples": [to_wire(for_storage(example)) for example in search.examples],
        "filters": filters_json(search.filters),
    }


def _saved(item: Json) -> SavedSearch:
    name, text = line(item["name"]), line(item["text"])
    return SavedSearch(name, text, _examples(item["examples"]), read_filters(item["filters"]))


def _packed(*columns: Any) -> str:  # noqa: ANN401  (array.array, which takes no type parameter on Python 3.9)
    return base64.b64encode(zlib.compress(pack_columns(columns), _LEVEL)).decode("ascii")
