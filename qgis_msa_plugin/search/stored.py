"""Questions, filters and answers as text, for projects; what comes back from a file is checked."""

from __future__ import annotations

import base64
import dataclasses
import json
import zlib
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Optional

from msa_model.protocol.codec import from_wire, to_wire
from msa_model.protocol.errors import MsaError, ProtocolError
from msa_model.protocol.hit_table import HitTable, pack_columns
from msa_model.protocol.messages import Example, ScanRequest, TileRef
from msa_model.protocol.pixels import PixelPlanRequest
from msa_model.protocol.ranking import RankReply, VerdictReply
from msa_model.protocol.storing import for_storage
from qgis_msa_plugin.search.question import Filters, Judgement, Judgements, Question, Results, SavedSearch
from qgis_msa_plugin.search.target import Target

_VERSION = 1
_LEVEL = 1  # of compression: this runs in the GUI thread

Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """All that the dock needs to show an answer again."""

    results: Results
    filters: Filters = Filters()  # noqa: RUF009  (frozen)
    judgements: Judgements = dataclasses.field(default_factory=lambda: MappingProxyType({}))


def answer_text(answer: Answer) -> str:
    """The answer as a line of text."""
    results, table = answer.results, answer.results.table
    head = {
        "version": _VERSION,
        "question": _question_json(results.question),
        "reply": to_wire(table.reply),
        "tiles": results.tiles,
        "titles": dict(results.titles),
        "verdict": to_wire(results.verdict) if results.verdict else None,
        "filters": filters_json(answer.filters),
        "judgements": [[*dataclasses.astuple(tile), said.value] for tile, said in answer.judgements.items()],
        "columns": _packed(
            table.scores, table.valid, table.places, table.indexes, table.factors, table.rows, table.cols
        ),
    }
    if table.verdict is not None:
        columns = table.verdict
        head["verdict_columns"] = _packed(columns.phrases, columns.categories, columns.phrase_scores)
    return json.dumps(head, ensure_ascii=False, separators=(",", ":"))


def read_answer(text: str) -> Answer:
    """The answer that `answer_text` wrote.

    Raises:
        ProtocolError: the text is something else.
    """
    try:
        head = json.loads(text)
        if head["version"] != _VERSION:
            raise ProtocolError("An answer kept in the project is of another version.")
        return _answer(head)
    except ProtocolError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, zlib.error, MsaError) as error:
        raise ProtocolError("An answer kept in the project cannot be read.") from error


def saved_text(saved: tuple[SavedSearch, ...]) -> str:
    """Saved searches as text."""
    return json.dumps([_saved_json(search) for search in saved], ensure_ascii=False)


def read_saved(text: str) -> tuple[SavedSearch, ...]:
    """The searches that `saved_text` wrote; those that cannot be read are left out."""
    try:
        items = json.loads(text)
    except ValueError:
        return ()
    found = (_saved(item) for item in items) if isinstance(items, list) else ()
    return tuple(search for search in found if search is not None)


def filters_json(filters: Filters) -> Json:
    """Filters as JSON."""
    data = dataclasses.asdict(filters)
    return {**data, "scales_m": sorted(filters.scales_m), "categories": sorted(filters.categories)}


def read_filters(data: Json) -> Filters:
    """The filters that `filters_json` wrote."""
    sets = {"scales_m": frozenset(data["scales_m"]), "categories": frozenset(data["categories"])}
    return Filters(**{**data, **sets})


def _answer(head: Json) -> Answer:
    table = HitTable.of(from_wire(RankReply, head["reply"]), _unpacked(head["columns"]))
    verdict: Optional[VerdictReply] = None
    if head["verdict"] is not None:
        verdict = from_wire(VerdictReply, head["verdict"])
        table = table.with_verdict(verdict, _unpacked(head["verdict_columns"]))
    question = _question(head["question"])
    results = Results(question, table, int(head["tiles"]), verdict, {**head["titles"]})
    judgements = {TileRef(*tile): Judgement(said) for *tile, said in head["judgements"]}
    return Answer(results, read_filters(head["filters"]), MappingProxyType(judgements))


def _question_json(question: Question) -> Json:
    return {
        "text": question.text,
        "examples": [to_wire(for_storage(example)) for example in question.examples],
        "feedback": [to_wire(for_storage(example)) for example in question.feedback],
        "rerank": question.rerank,
        "layers": [
            {
                "id": target.layer_id,
                "title": target.title,
                "drawn": isinstance(target.request, PixelPlanRequest),
                "request": to_wire(for_storage(target.request)),
            }
            for target in question.layers
        ],
    }


def _question(data: Json) -> Question:
    return Question(
        text=str(data["text"]),
        examples=_examples(data["examples"]),
        layers=tuple(_target(item) for item in data["layers"]),
        rerank=int(data["rerank"]),
        feedback=_examples(data["feedback"]),
    )


def _target(item: Json) -> Target:
    data = item["request"]
    request = from_wire(PixelPlanRequest, data) if item["drawn"] else from_wire(ScanRequest, data)
    return Target(str(item["id"]), str(item["title"]), request)


def _examples(items: list[Json]) -> tuple[Example, ...]:
    return tuple(from_wire(Example, item) for item in items)


def _saved_json(search: SavedSearch) -> Json:
    return {
        "name": search.name,
        "text": search.text,
        "examples": [to_wire(for_storage(example)) for example in search.examples],
        "filters": filters_json(search.filters),
    }


def _saved(item: Json) -> Optional[SavedSearch]:
    try:
        examples, filters = _examples(item["examples"]), read_filters(item["filters"])
        return SavedSearch(str(item["name"]), str(item["text"]), examples, filters)
    except (KeyError, TypeError, ValueError, MsaError):
        return None


def _packed(*columns: Any) -> str:  # noqa: ANN401  (array.array, which takes no type parameter on Python 3.9)
    return base64.b64encode(zlib.compress(pack_columns(columns), _LEVEL)).decode("ascii")


def _unpacked(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text, validate=True))
