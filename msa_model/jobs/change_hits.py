"""Tiles that changed as hits: where they lie, what they were and what they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msa_model.index.changing import Floats
from msa_model.index.merging import places_of
from msa_model.jobs.change_pair import DatePair
from msa_model.jobs.open_indexes import OpenIndex
from msa_model.jobs.phrases import PhraseBank
from msa_model.jobs.verdict import Verdicts
from msa_model.protocol.changing import ChangeHit
from msa_model.protocol.match import match_of
from msa_model.protocol.messages import Hit
from msa_model.raster.tiles import box_rings, ring_bounds, tile_boxes

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Side:
    """One date of the hits: honest `scores` [n] of the words, None where none ask; `phrases` [n]."""

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
    ) -> Side:
        """Of tiles' unit vectors [n, d]."""
        best = bank.fits(vectors).argmax(axis=1).tolist()
        scores = None
        if words is not None:
            scale = verdicts.scale(index, words)
            scores = ((vectors @ words - scale.offset) / scale.spread).astype(np.float32)
        phrases, categories = ([names[i] for i in best] for names in (bank.phrases, bank.categories))
        return cls(date, index, scores, tuple(phrases), tuple(categories))

    def score(self, row: int) -> float | None:
        """The honest score of a hit."""
        return None if self.scores is None else float(self.scores[row])


def tile_hits(index: OpenIndex, keys: NDArray[np.int32], scores: Floats, valid: Floats) -> Iterator[Hit]:
    """Tiles [n] of an index, best first, as hits with their places; their honest score is not known."""
    places, boxes = places_of(tile_boxes(keys)), tile_boxes(keys)
    rings = box_rings(index.manifest.affine, boxes)
    for at, (factor, row, col) in enumerate(keys.tolist()):
        ring = tuple((float(x), float(y)) for x, y in rings[at])
        yield Hit(
            rank=at + 1,
            score=float(scores[at]),
            bounds=ring_bounds(ring),
            ring=ring,
            crs=index.manifest.crs,
            scale_m=index.manifest.scale_m(factor),
            source=index.raster.path,
            index=str(index.path),
            factor=factor,
            row=row,
            col=col,
            place=int(places[at]),
            valid=float(valid[at]),
        )


def chosen(keys: NDArray[np.int32], k: int, *, merge: bool) -> Rows:
    """The first `k` of tiles [n], best first, or of their places."""
    if not merge:
        return np.arange(min(k, len(keys)))
    _, first = np.unique(places_of(tile_boxes(keys)), return_index=True)
    return np.sort(first)[:k]


def change_hits(
    pair: DatePair, best: Rows, changes: Floats, sides: tuple[Side, Side]
) -> tuple[ChangeHit, ...]:
    """The tiles at `best` [n] of a pair, whose changes are [n], as hits."""
    hits = tile_hits(pair.before, pair.differences.keys[best], changes, pair.valid[best])
    return tuple(_change_hit(hit, row, *sides) for row, hit in enumerate(hits))


def _change_hit(hit: Hit, row: int, before: Side, after: Side) -> ChangeHit:
    return ChangeHit(
        **vars(hit)
        | {"honest": hit.score, "match": match_of(hit.score)}
        | {"phrase": after.phrases[row], "category": after.categories[row]},
        date_before=before.date,
        date_after=after.date,
        score_before=before.score(row),
        score_after=after.score(row),
        change=hit.score,
        phrase_before=before.phrases[row],
        phrase_after=after.phrases[row],
        source_after=after.index.raster.path,
        index_after=str(after.index.path),
    )
