"""Answers of the worker as columns: what the dock shows in these tests."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from msa_model.protocol.hit_table import HitTable, RankedIndex, RankReply, VerdictReply, pack_columns
from msa_model.protocol.messages import SearchTimings
from msa_model.protocol.warning_table import EngineWarning

TOWN = RankedIndex(
    "/nowhere/town.msa.gpkg",
    "/nowhere/town.tif",
    "EPSG:3857",
    (0.1, 0.0, 1000.0, 0.0, -0.1, 2000.0),
    0.1,
    100,
    100,
)


def scores_of(count: int) -> list[float]:
    """Falling from 0.5 in steps of 0.01, and then slower."""
    return [0.5 - 0.01 * row if row < 40 else 0.1 - 1e-6 * row for row in range(count)]


def rank_reply(
    count: int = 3,
    *,
    tiles: int = 100,
    query: str = "blue roofs",
    places: Sequence[int] = (),
    factors: Sequence[int] = (),
    valid: Sequence[float] = (),
) -> tuple[RankReply, bytes]:
    """A reply and its attachment: tiles 10 m wide side by side, the hit of rank r in row 0, column r."""
    columns = [
        array("f", scores_of(count)),
        array("f", valid or [1.0] * count),
        array("i", places or range(count)),
        array("i", [0] * count),
        array("i", factors or [1] * count),
        array("i", [0] * count),
        array("i", range(1, count + 1)),
    ]
    reply = RankReply(query, count, tiles, (TOWN,), SearchTimings(0.0, 0.0, 0.0))
    return reply, pack_columns(columns)


def table_of(count: int = 3, **options: Sequence[float]) -> HitTable:
    """The table of such a reply."""
    return HitTable.of(*rank_reply(count, **options))  # type: ignore[arg-type]


def verdict_reply(
    count: int = 3, level: str = "good", warnings: tuple[EngineWarning, ...] = ()
) -> tuple[VerdictReply, bytes]:
    """Cosine 0.4 is what background phrases reach, 0.02 a spread; phrases and kinds take turns.

    With that the first eight hits of `rank_reply` match at least likely, the first six strongly.
    """
    best_score = {"good": 4.0, "doubtful": 0.5, "nothing": -1.0}[level]
    phrases = ("a street", "a meadow")
    reply = VerdictReply(
        level, best_score, 0.98, 0.4, 0.02, "a car park", 1.5, phrases, ("built", "green"), warnings
    )
    turns = array("i", [row % 2 for row in range(count)])
    return reply, pack_columns([turns, turns, array("f", [0.3] * count)])


def judged_table(count: int = 3, **options: Sequence[float]) -> HitTable:
    """The same table with its verdict."""
    return table_of(count, **options).with_verdict(*verdict_reply(count))
