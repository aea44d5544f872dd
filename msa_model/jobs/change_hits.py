"""Tiles that changed as hits: where they lie, what they were and what they are.

What changed at a place, in phrases of the bank: a sentence that cannot invent anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msa_model.index.dates import ALONG, Floats, unchanged
from msa_model.jobs.change_pair import DatePair
from msa_model.jobs.open_files import OpenIndex
from msa_model.jobs.phrases import PhraseBank
from msa_model.jobs.ranked import places_of
from msa_model.jobs.verdict import Verdicts
from msa_model.protocol.changing import ChangeHereReply, ChangeHereRequest, ChangeHit
from msa_model.protocol.describing import Phrase
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.hit_filter import DEPTH
from msa_model.protocol.match import match_of
from msa_model.protocol.messages import Hit
from msa_model.raster.tiles import box_rings, ring_bounds, tile_boxes

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class DateScores:
    """One date of the hits: match `scores` [n] of the words, None where none ask; `phrases` [n]."""

    date: str
    index: OpenIndex
    scores: Floats | None
    phrases: tuple[str, ...]
    categories: tuple[str, ...]

    @classmethod
    def of(  # noqa: PLR0917  (the parts of a date)
        cls,
        date: str,
        index: OpenIndex,
        vectors: Floats,
        words: Floats | None,
        bank: PhraseBank,
        verdicts: Verdicts,
    ) -> DateScores:
        """Of tiles' unit vectors [n, d]."""
        best = bank.nearest(vectors).tolist()
        scores = None if words is None else verdicts.match_score(index, words, vectors @ words)
        phrases, categories = ([names[i] for i in best] for names in (bank.phrases, bank.categories))
        return cls(date, index, scores, tuple(phrases), tuple(categories))

    def score(self, row: int) -> float | None:
        """The match score of a hit."""
        return None if self.scores is None else float(self.scores[row])


def tile_hits(index: OpenIndex, keys: NDArray[np.int32], scores: Floats, valid: Floats) -> Iterator[Hit]:
    """Tiles [n] of an index, best first, as hits with their places; their match score is not known."""
    boxes = tile_boxes(keys)
    places, rings = places_of(boxes), box_rings(index.manifest.affine, boxes)
    source = index.raster.path  # looks at the disk
    for at, (factor, row, col) in enumerate(keys.tolist()):
        ring = tuple((float(x), float(y)) for x, y in rings[at])
        yield Hit(
            rank=at + 1,
            score=float(scores[at]),
            bounds=ring_bounds(ring),
            ring=ring,
            crs=index.manifest.crs,
            scale_m=index.manifest.scale_m(factor),
            source=source,
            index=str(index.path),
            factor=factor,
            row=row,
            col=col,
            place=int(places[at]),
            valid=float(valid[at]),
        )


def best_rows(scores: Floats, most: int, first: int = -1) -> Rows:
    """Where the `most` highest of scores [n] stand, best first; of equal ones the row `first`, then in order.

    What is not finite counts for nothing.
    """
    depth = min(most, int(np.isfinite(scores).sum()))
    if not depth:
        return np.empty(0, np.int64)
    head = np.flatnonzero(scores >= -np.partition(-scores, depth - 1)[depth - 1])
    return head[np.lexsort((head != first, -scores[head]))][:depth]


def best_tiles(scores: Floats, keys: NDArray[np.int32], k: int, *, merge: bool, first: int = -1) -> Rows:
    """The same of tiles [n]: the `k` best, or with `merge` the best of each of the `k` best places."""
    head = best_rows(scores, DEPTH if merge else k, first)
    if not merge:
        return head
    _, best = np.unique(places_of(tile_boxes(keys[head])), return_index=True)
    return head[np.sort(best)[:k]]


def change_hits(
    pair: DatePair, best: Rows, changes: Floats, sides: tuple[DateScores, DateScores]
) -> tuple[ChangeHit, ...]:
    """The tiles at `best` [n] of a pair, whose changes are [n], as hits."""
    hits = tile_hits(pair.before, pair.differences.keys[best], changes, pair.valid[best])
    source_after = pair.after.raster.path
    return tuple(_change_hit(hit, row, *sides, source_after) for row, hit in enumerate(hits))


def _change_hit(hit: Hit, row: int, before: DateScores, after: DateScores, source_after: str) -> ChangeHit:
    return ChangeHit(
        **vars(hit)
        | {"match_score": hit.score, "match": match_of(hit.score)}
        | {"phrase": after.phrases[row], "category": after.categories[row]},
        date_before=before.date,
        date_after=after.date,
        score_before=before.score(row),
        score_after=after.score(row),
        change=hit.score,
        phrase_before=before.phrases[row],
        phrase_after=after.phrases[row],
        source_after=source_after,
        index_after=str(after.index.path),
    )


_WAYS = (-1, 1)  # what lost, what gained
_ZERO = 1.5  # deviations that some phrase goes by chance
_SAMPLE = 4096  # tiles that say how unchanged ground goes


def change_here(
    pair: DatePair, bank: PhraseBank, request: ChangeHereRequest, dates: tuple[str, str]
) -> ChangeHereReply:
    """The phrases that gained and lost most at a place, in deviations of unchanged ground.

    Raises:
        PointOutsideRaster: no compared tile lies there.
        BadArgument: `k` is below 1.
    """
    if request.k < 1:
        raise BadArgument(f"The number of phrases must be at least 1, not {request.k}.")
    row = pair.row_at(request.point, request.crs)
    (before,), (after,) = pair.vectors(np.array([row]))
    fits = bank.fits(before), bank.fits(after)
    gains = _gains(pair, bank, row)
    change = float(np.abs(gains).max()) - _ZERO
    at = np.array([row])
    hit = next(tile_hits(pair.before, pair.differences.keys[at], gains[:1], pair.valid[at]))
    lost, gained = np.argsort(gains, kind="stable"), np.argsort(-gains, kind="stable")
    changed = change >= 0
    was, now = _was_and_now(bank, fits, gains, changed=changed)
    return ChangeHereReply(
        sentence=_sentence(was, now, changed=changed),
        gained=tuple(_phrase(bank, i, gains, fits[1]) for i in gained[: request.k].tolist() if gains[i] > 0),
        lost=tuple(_phrase(bank, i, gains, fits[0]) for i in lost[: request.k].tolist() if gains[i] < 0),
        changed=changed,
        change=change,
        bounds=hit.bounds,
        crs=hit.crs,
        date_before=dates[0],
        date_after=dates[1],
        was=was,
        now=now,
    )


def _gains(pair: DatePair, bank: PhraseBank, row: int) -> Floats:
    """How much the fit of each phrase grew at a tile, beside tiles of its scale: [m]."""
    differences = pair.differences
    level = next(level for level in differences.levels if level.rows[row])
    among = np.flatnonzero(level.rows)
    among = among[:: max(1, len(among) // _SAMPLE)]
    ways = (bank.vectors - bank.vectors.mean(axis=0)).T
    usual = [unchanged(moved, ALONG) for moved in (differences.moves.at(among) @ ways).T]
    middles, spreads = np.array(usual, np.float32).T
    gains: Floats = (differences.moves.at(np.array([row]))[0] @ ways - middles) / spreads
    return gains


def _was_and_now(
    bank: PhraseBank, fits: tuple[Floats, Floats], gains: Floats, *, changed: bool
) -> tuple[str, str]:
    """The phrase that fitted best among those that lost, and the best one of those that gained."""
    if not changed:
        return "", bank.phrases[int(fits[1].argmax())]
    was, now = (
        int(np.where(sign * gains > 0, own, -np.inf).argmax()) for own, sign in zip(fits, _WAYS, strict=True)
    )
    return bank.phrases[was], bank.phrases[now]


def _sentence(was: str, now: str, *, changed: bool) -> str:
    return f"From {was} to {now}." if changed else f"No change stands out here: {now}."


def _phrase(bank: PhraseBank, at: int, gains: Floats, fits: Floats) -> Phrase:
    return Phrase(bank.phrases[at], float(gains[at]), float(fits[at] + bank.background[at]))
