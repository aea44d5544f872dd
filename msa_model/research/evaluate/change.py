"""How well changes are found among unchanged ground: real pairs of images laid out as two rasters.

The pairs of a half come from other places than those of the other one, so that numbers chosen on one can be
tried on the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from msa_model.index.background import BEST
from msa_model.index.dates import (
    ANY_THRESHOLD,
    COARSE_THRESHOLD,
    WAY_THRESHOLD,
    Differences,
    Floats,
    direction,
)
from msa_model.measure.evaluation import TileTextEncoder
from msa_model.measure.tables import ReportTable
from msa_model.research.evaluate.change_pairs import (
    UNCHANGED,
    Flags,
    Mosaic,
    RealPair,
    cast,
    encoded,
    in_halves,
    laid_out,
    shifted,
)

CHANGED_SHARE = 0.1  # of a tile, for a hit to be right
COARSE_SHARE = 0.03  # the same for masks of single buildings in pixels of 10 m
FIRST = 20
SHIFT_PX = 4
_ASKED = "houses"  # of pairs where nothing changed


@dataclass(frozen=True)
class RankingQuality:
    """One way to rank: average precision and precision of the first hits, 0 to 1."""

    name: str
    ap: float
    first: float


@dataclass(frozen=True)
class ChangeFound:
    """A mosaic: `chance` is the share of tiles that changed; `ways` of ranking them.

    `best_score`: what the verdict goes by; below 0 it says that nothing changed.
    """

    mosaic: str
    question: str
    tiles: int
    chance: float
    best_score: float
    ways: tuple[RankingQuality, ...]


@dataclass(frozen=True)
class SinglePairs:
    """Pairs of a half, each asked alone as two rasters.

    `calm`: the share of the `unchanged` ones of which the verdict says that nothing changed; `seen`: the
    share of the `changed` ones of which it says that something may have.
    """

    half: str
    question: str
    unchanged: int
    calm: float
    changed: int
    seen: float


@dataclass(frozen=True)
class ChangeEvaluation:
    """`calm` and `seen` as of `SinglePairs`, of all pairs asked for what appeared."""

    pairs: int
    found: tuple[ChangeFound, ...]
    alone: tuple[SinglePairs, ...]
    calm: float
    seen: float


def evaluate_change(
    encoder: TileTextEncoder, pairs: Sequence[RealPair], phrases: Sequence[str], seed: int
) -> ChangeEvaluation:
    """Mosaics of fine and of coarse pairs in halves, also with a cast and shifted; each pair alone."""
    bank = encoder.encode_texts(phrases)
    found: list[ChangeFound] = []
    alone: list[SinglePairs] = []
    for coarse, kind in ((False, "fine"), (True, "10 m")):
        halves = in_halves([pair for pair in pairs if pair.coarse is coarse], seed)
        for number, half in enumerate(halves, 1):
            if any(pair.changed.any() for pair in half):
                found += _mosaics(encoder, half, bank, f"{kind}, half {number}")
            if half:
                alone += _alone(encoder, half, bank, f"{kind}, half {number}")
    asked = [own for own in alone if own.question != "changed"]
    calm = _weighted([(own.calm, own.unchanged) for own in asked])
    seen = _weighted([(own.seen, own.changed) for own in asked])
    return ChangeEvaluation(len(pairs), tuple(found), tuple(alone), calm, seen)


def _weighted(shares: Sequence[tuple[float, int]]) -> float:
    total = sum(count for _, count in shares)
    return sum(share * count for share, count in shares) / total if total else 0.0


def _mosaics(
    encoder: TileTextEncoder, pairs: Sequence[RealPair], bank: Floats, name: str
) -> Iterator[ChangeFound]:
    asked = [pair.words for pair in pairs if pair.changed.any()]
    words = max(sorted(set(asked)), key=asked.count)
    mosaic = Mosaic.of(*(laid_out([getattr(pair, part) for pair in pairs]) for part in _PARTS))
    coarse = pairs[0].coarse
    right = mosaic.share >= (COARSE_SHARE if coarse else CHANGED_SHARE)
    before, text = encoded(encoder, mosaic.before, mosaic.keys), encoder.encode_texts([words])[0]
    kinds = {
        name: mosaic.after,
        f"{name}, colour cast": cast(mosaic.after),
        f"{name}, {SHIFT_PX} px off": shifted(mosaic.after, SHIFT_PX),
    }
    for kind, image in kinds.items():
        after = encoded(encoder, image, mosaic.keys)
        scores = scored(mosaic, before, after, text, bank)
        changes = (COARSE_THRESHOLD if coarse else WAY_THRESHOLD).changes(scores["change"], len(mosaic.keys))
        ways = tuple(ranking_quality(name, own, right) for name, own in scores.items())
        yield ChangeFound(kind, words, len(right), float(right.mean()), _height(changes), ways)


_PARTS = ("before", "after", "changed")


def scored(mosaic: Mosaic, before: Floats, after: Floats, text: Floats, bank: Floats) -> dict[str, Floats]:
    """What each way of ranking says of tiles [n] in which a text's thing may have appeared."""
    moves, along = after - before, direction(text, bank)
    return {
        "cosine": moves @ text,
        "cosine less phrases": moves @ (text - bank.mean(axis=0)),
        "change": Differences.of(mosaic.keys, before, after).along(along, [after @ along]),
    }


def ranking_quality(name: str, scores: Floats, right: Flags) -> RankingQuality:
    """How well scores rank what is right."""
    hits = right[np.argsort(-scores, kind="stable")]
    precisions = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return RankingQuality(
        name, float(precisions[hits].mean()) if hits.any() else 0.0, float(hits[:FIRST].mean())
    )


def _alone(
    encoder: TileTextEncoder, pairs: Sequence[RealPair], bank: Floats, half: str
) -> tuple[SinglePairs, ...]:
    heights = np.array([_heights(encoder, pair, bank) for pair in pairs])
    changed = np.array([pair.changed.any() for pair in pairs])
    return tuple(
        SinglePairs(
            half,
            question,
            int((~changed).sum()),
            _share(own[~changed] < 0),
            int(changed.sum()),
            _share(own[changed] >= 0),
        )
        for question, own in zip(("appeared", "changed"), heights.T, strict=True)
    )


def _share(flags: Flags) -> float:
    return float(flags.mean()) if len(flags) else 0.0


def _heights(encoder: TileTextEncoder, pair: RealPair, bank: Floats) -> tuple[float, float]:
    """What the verdicts on a pair go by that is asked what appeared, and whether anything changed."""
    mosaic = Mosaic.of(pair.before, pair.after, pair.changed)
    before, after = (encoded(encoder, image, mosaic.keys) for image in (pair.before, pair.after))
    text = encoder.encode_texts([_ASKED if pair.words == UNCHANGED else pair.words])[0]
    gone = scored(mosaic, before, after, text, bank)["change"]
    anyhow = Differences.of(mosaic.keys, before, after).anyhow()
    bar = COARSE_THRESHOLD if pair.coarse else WAY_THRESHOLD
    return _height(bar.changes(gone, len(gone))), _height(ANY_THRESHOLD.changes(anyhow, len(anyhow)))


def _height(changes: Floats) -> float:
    return float(np.sort(changes)[-BEST:].mean())


def change_tables(result: ChangeEvaluation) -> list[ReportTable]:
    """Each mosaic and way of ranking; the verdicts on pairs alone."""
    rows = [
        (
            own.mosaic,
            own.question,
            one.name,
            f"{own.chance:.2f}",
            f"{one.first:.2f}",
            f"{one.ap:.3f}",
            f"{own.best_score:+.1f}" if one.name == "change" else "",
        )
        for own in result.found
        for one in own.ways
    ]
    head = ("mosaic", "appeared", "ranked by", "chance", f"p@{FIRST}", "AP", "best score")
    shares = [
        (
            own.half,
            own.question,
            str(own.unchanged),
            f"{own.calm:.0%}" if own.unchanged else "",
            str(own.changed),
            f"{own.seen:.0%}" if own.changed else "",
        )
        for own in result.alone
    ]
    names = ("pairs alone", "asked", "unchanged", "called so", "changed", "found")
    return [ReportTable(head, tuple(rows), words=3), ReportTable(names, tuple(shares), words=2)]
