"""The verdict on a search by example: how like the examples the best tiles are, beside any other tile's best.

A tile is always most like itself and the tiles that overlap it, so these are left out on both sides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from msa_model.index.background import BEST, Floats, Scale, example_scale
from msa_model.index.halves import Halves, widened
from msa_model.index.rank import cosines
from msa_model.jobs.examples import nearest_tile
from msa_model.jobs.open_indexes import OpenIndex
from msa_model.jobs.questions import Questions, QuestionVector
from msa_model.jobs.ranked import tiles_meeting
from msa_model.protocol.messages import Example, SearchRequest
from msa_model.raster.grid import Keys
from msa_model.raster.tiles import tile_boxes

_SAMPLE = 64  # tiles that stand in for the examples, one after the other
_MOST_LEFT_OUT = 200  # examples whose surroundings are left out
_CHUNK = 8192


@dataclass(frozen=True)
class ExampleScores:
    """`height`: the mean of the best scores away from the examples; `other_means` [m]: other tiles'."""

    height: float
    other_means: Floats

    @property
    def scale(self) -> Scale:
        """For the scores of the search."""
        return example_scale(self.other_means)

    @property
    def percentile(self) -> float:
        """Share of the other tiles whose best tiles are less like them."""
        return float((self.other_means < self.height).mean())


def example_scores(
    questions: Questions, request: SearchRequest, asked: QuestionVector, indexes: Sequence[OpenIndex]
) -> ExampleScores | None:
    """None where no tile is away from the examples, or too few tiles are there to compare with."""
    searched = [_searched(index, request) for index in indexes]
    sought = [example for example in request.examples if example.weight > 0][:_MOST_LEFT_OUT]
    scores = [
        cosines(vectors, asked.vector)[~_beside(index, keys, sought)]
        for index, (keys, vectors) in zip(indexes, searched, strict=True)
    ]
    best = np.sort(np.concatenate(scores))[-BEST:]
    other_means = [
        value for keys, vectors in searched for value in _other_means(questions, asked, keys, vectors)
    ]
    if len(best) < BEST or not other_means:
        return None
    return ExampleScores(float(best.mean()), np.array(other_means, np.float32))


def _searched(index: OpenIndex, request: SearchRequest) -> tuple[Keys, Halves]:
    if request.aoi is None:
        return index.table.keys, index.table.vectors
    keep = tiles_meeting(index, request.aoi)
    return index.table.keys[keep], index.table.vectors[keep]


def _beside(index: OpenIndex, keys: Keys, examples: Sequence[Example]) -> NDArray[np.bool_]:
    """Which tiles overlap an example's."""
    beside = np.zeros(len(keys), bool)
    for key in _example_keys(index, examples):
        beside |= _overlaps(keys, np.array([key], np.int32))[0]
    return beside


def _example_keys(index: OpenIndex, examples: Sequence[Example]) -> Iterator[Sequence[int]]:
    for example in examples:
        if example.tile is None:
            row = nearest_tile(index, example)
            if row is not None:
                yield index.table.keys[row].tolist()
        elif Path(example.tile.index).absolute() == index.path:
            yield example.tile.factor, example.tile.row, example.tile.col


def _other_means(questions: Questions, asked: QuestionVector, keys: Keys, vectors: Halves) -> Iterator[float]:
    """The mean best score of some tiles, each taken for the example, among those that do not overlap it."""
    chosen = np.unique(np.linspace(0, len(keys) - 1, min(_SAMPLE, len(keys))).round().astype(np.int64))
    one = np.ones(1, np.float32)
    queries = np.stack([questions.mix(asked.terms, widened(vectors[[row]]), one) for row in chosen])
    best = np.full((len(chosen), BEST), -np.inf, np.float32)
    for start in range(0, len(keys), _CHUNK):
        part = slice(start, start + _CHUNK)
        scores = np.where(_overlaps(keys[part], keys[chosen]), -np.inf, queries @ widened(vectors[part]).T)
        both = np.concatenate([best, scores], axis=1)
        best = np.partition(both, -BEST, axis=1)[:, -BEST:]
    means = best.mean(axis=1)
    yield from means[np.isfinite(means)].tolist()


def _overlaps(keys: Keys, others: Keys) -> NDArray[np.bool_]:
    """Which tiles int32 [n, 3] overlap which others [m, 3], bool [m, n]."""
    x0, y0, x1, y1 = tile_boxes(keys).T
    left, top, right, bottom = (edge[:, None] for edge in tile_boxes(others).T)
    overlap: NDArray[np.bool_] = (x0 < right) & (x1 > left) & (y0 < bottom) & (y1 > top)
    return overlap
