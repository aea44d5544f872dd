"""Questions, filters and answers as text, for projects.

A project may come from anybody: every value is checked as it is read (`kept_answer`), and what a question is
about is looked up among the project's own layers.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Union

from qgis.core import QgsProject

from msa_model.protocol.changing import ChangeHit, ChangeReply, SeriesHit, SeriesReply
from msa_model.protocol.codec import for_storage, to_wire
from msa_model.protocol.errors import MsaError, ProtocolError
from msa_model.protocol.hit_filter import Filters
from msa_model.protocol.hit_table import HIT_COLUMNS, VERDICT_COLUMNS, HitTable, pack_columns
from msa_model.protocol.messages import TileRef
from msa_model.protocol.query import parse_change
from qgis_msa_plugin.checked import UNREADABLE, check, check_range, inflated, line, listed, made, parsed
from qgis_msa_plugin.gis.marks import ANSWER_VERSION
from qgis_msa_plugin.search.kept_answer import (
    LIMITS,
    MOST_CODE,
    MOST_SCORE,
    MOST_SIDE,
    AnswerRecord,
    QuestionRecord,
    SearchRecord,
    few_crss,
)
from qgis_msa_plugin.search.question import Judgements, Question, Results, SavedSearch
from qgis_msa_plugin.search.target import ReadSettings, target_in
from qgis_msa_plugin.settings import current_settings

_LEVEL = 1  # of compression: this runs in the GUI thread
_MOST_SEARCHES = 1000
_BYTES = 4  # of a number in a column
_TWO = 2  # dates, at least, of what tells of several
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)

Json = dict[str, Any]


@dataclass(frozen=True)
class StoredAnswer:
    """All that the dock needs to show an answer again; `judgements` are the ticks that its layer shows."""

    results: Results
    filters: Filters = Filters()  # noqa: RUF009  (frozen)
    judgements: Judgements = dataclasses.field(default_factory=lambda: MappingProxyType({}))


def answer_text(answer: StoredAnswer) -> str:
    """The answer as a line of text."""
    results, table = answer.results, answer.results.table
    head = {
        "version": ANSWER_VERSION,
        "question": _question_json(results.question),
        "reply": to_wire(table.reply),
        "tiles": results.tiles,
        "asked": results.asked,
        "titles": dict(results.titles),
        "verdict": to_wire(results.verdict) if results.verdict else None,
        "filters": to_wire(answer.filters),
        **_beyond_json(results),
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
        if head["version"] == ANSWER_VERSION:
            return _answer(made(AnswerRecord, head, LIMITS), project)
    except (*UNREADABLE, MsaError) as error:
        raise ProtocolError("An answer kept in the project cannot be read.") from error
    raise ProtocolError("An answer kept in the project is of another version.")


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
        items = listed(parsed(text), _MOST_SEARCHES)
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


def _answer(kept: AnswerRecord, project: QgsProject) -> StoredAnswer:
    table, question = _table(kept), _question(kept.question, project)
    if kept.change is not None:
        _check_change(kept.change, table)
    if kept.series is not None:
        _check_series(kept.series, table)
    told = (kept.change is not None, kept.series is not None)
    if told != (question.dates is not None and not question.is_series, question.is_series):
        raise ProtocolError("An answer and its question are not about the same dates.")
    dated = (kept.asked, kept.change, kept.series, kept.limits, kept.sides, kept.kinds)
    results = Results(question, table, kept.tiles, kept.verdict, kept.titles, *dated)
    judgements = {TileRef(*said[:4]): said[4] for said in kept.judgements}
    check(tuple(judgements), LIMITS)
    return StoredAnswer(results, kept.filters, MappingProxyType(judgements))


def _table(kept: AnswerRecord) -> HitTable:
    """The hits, with their verdict if they have one.

    Raises:
        ProtocolError, or what is `UNREADABLE`: their columns hold something else.
    """
    table = HitTable.of(kept.reply, _columns(kept.columns, len(HIT_COLUMNS), kept.reply.count))
    _check_hits(table)
    if kept.verdict is None:
        return table
    columns = _columns(kept.verdict_columns, len(VERDICT_COLUMNS), kept.reply.count)
    judged = table.with_verdict(kept.verdict, columns)
    if judged.verdict is not None:
        check_range(judged.verdict.phrase_scores, -MOST_SCORE, MOST_SCORE)
    return judged


def _check_change(reply: ChangeReply, table: HitTable) -> None:
    """See that it tells of two dates, and of the hits of the table.

    Raises:
        ProtocolError, or what is `UNREADABLE`: it tells of others.
    """
    _check_same(reply, table)
    parse_change(reply.query)
    if len(reply.indexes) != _TWO:
        raise ProtocolError("What changed is told of other than two dates.")
    of_hits = {date for hit in reply.results for date in (hit.date_before, hit.date_after)}
    dates = {reply.date_before, reply.date_after, *of_hits}
    if not all(map(_DATE.fullmatch, dates - {""})):
        raise ProtocolError("What changed is not told of dates.")
    for hit in reply.results:
        if hit.index_after != reply.indexes[1].index:
            raise ProtocolError("What changed lies in an index that the answer does not name.")


def _check_series(reply: SeriesReply, table: HitTable) -> None:
    """See that it tells of many dates, and of the hits of the table.

    Raises:
        ProtocolError: it tells of others.
    """
    _check_same(reply, table)
    dates = len(reply.dates)
    if dates < _TWO or not all(map(_DATE.fullmatch, reply.dates)):
        raise ProtocolError("A history is not of dates.")
    if {dates} != {len(reply.indexes), len(reply.sources), *(len(hit.scores) for hit in reply.results)}:
        raise ProtocolError("A history has not a score for each date.")
    if any(set(hit.scores) == {None} for hit in reply.results):
        raise ProtocolError("A history has no score at any date.")


def _check_same(reply: Union[ChangeReply, SeriesReply], table: HitTable) -> None:
    """See that dates tell of the question, tiles and index files of the answer, which are checked."""
    if (reply.query, reply.indexes) != (table.reply.query, table.reply.indexes):
        raise ProtocolError("Dates are told of another question or other indexes than those of the answer.")
    if [_tile_of(hit) for hit in reply.results] != [table.tile(row) for row in range(len(table))]:
        raise ProtocolError("Dates are told of other tiles than those of the answer.")


def _tile_of(hit: Union[ChangeHit, SeriesHit]) -> TileRef:
    return TileRef(hit.index, hit.factor, hit.row, hit.col)


def _columns(text: object, columns: int, count: int) -> bytes:
    size = columns * count * _BYTES
    packed = base64.b64decode(line(text, 2 * size + 1000), validate=True)
    return inflated(packed, size)


def _check_hits(table: HitTable) -> None:
    check_range(table.scores, -MOST_SCORE, MOST_SCORE)
    check_range(table.valid, 0, 1 + 1e-6)
    check_range(table.places, 0, max(len(table) - 1, 0))
    check_range(table.factors, 1, MOST_SIDE)
    for column in (table.rows, table.cols):
        check_range(column, -MOST_CODE, MOST_CODE)


def _beyond_json(results: Results) -> Json:
    """What the hits were narrowed by, and what there is without that."""
    return {"limits": to_wire(results.limits), "sides": results.sides, "kinds": results.kinds}


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


def _question(kept: QuestionRecord, project: QgsProject) -> Question:
    settings = current_settings()
    targets = (
        target_in(project, layer.id, layer.aoi, ReadSettings(settings, layer.gsd_m)) for layer in kept.layers
    )
    return Question(
        text=kept.text,
        examples=kept.examples,
        layers=tuple(target for target in targets if target is not None),
        feedback=kept.feedback,
        dates=kept.dates,
    )


def _saved_json(search: SavedSearch) -> Json:
    return {
        "name": search.name,
        "text": search.text,
        "examples": [to_wire(for_storage(example)) for example in search.examples],
        "filters": to_wire(search.filters),
    }


def _saved(item: object) -> SavedSearch:
    kept = made(SearchRecord, item, LIMITS)
    return SavedSearch(kept.name, kept.text, kept.examples, kept.filters)


def _packed(*columns: Any) -> str:  # noqa: ANN401  (array.array, which takes no type parameter on Python 3.9)
    return base64.b64encode(zlib.compress(pack_columns(columns), _LEVEL)).decode("ascii")
