"""Tiles at two dates or many, as numbers: how much each changed, when it stands high, which go alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msa_model.index.rank import CHUNK, Halves, unit, widened
from msa_model.raster.grid import Keys, packed

EXPANSION = 0.2  # of a cosine between texts: how near phrases stand in for the words
OWN_SHARE = 0.1  # of the words themselves beside the phrases near them
SEEN_FROM, UNSEEN = 1.5, 1.5  # deviations above usual ground; what one below that costs, of a change
_PRIOR_TILES = 40  # that what is usual counts as much as
MANY = 90  # tiles, from which on more of them are hardly higher by chance
COARSE_M = 5.0  # pixels from which one tile shows so much that little of it changes
BEST = 3
_DENSE, _DENSE_WIDTH = 0.4, 1.049  # a share of the values, and how wide it lies at a deviation of 1
_SAMPLE = 4096
_TINY = 1e-6

Floats = NDArray[np.float32]
Positions = NDArray[np.int64]


@dataclass(frozen=True)
class UnchangedGround:
    """Where differences of unchanged ground lie, and how far they spread, in units of the cosine."""

    middle: float
    spread: float


ALONG, ANYHOW = UnchangedGround(0.0, 0.08), UnchangedGround(0.6, 0.25)


@dataclass(frozen=True)
class ChangeThreshold:
    """What changes are measured by, in deviations of unchanged ground.

    `zero` for one tile, `growth` for e times as many, `later` beyond `MANY`; `least`: zero lies no lower;
    `width`: from there to what stands out.
    """

    zero: float
    growth: float
    later: float
    width: float = 1.0
    least: float = 0.0

    def changes(self, deviations: Floats, tiles: int) -> Floats:
        """Deviations [n] as changes: 0 as high as the best of so much unchanged ground, from 1 on more."""
        few, many = math.log(np.clip(tiles, 1, MANY)), math.log(max(tiles / MANY, 1))
        zero = max(self.zero + self.growth * few, self.least) + self.later * many
        changes: Floats = ((deviations - zero) / self.width).astype(np.float32)
        return changes


WAY_THRESHOLD, COARSE_THRESHOLD = ChangeThreshold(0.8, 0.6, 0.15), ChangeThreshold(-0.9, 0.6, 0.15, least=0.9)
ANY_THRESHOLD = ChangeThreshold(1.4, 0.17, 0.05, 0.6)


def common_tiles(before: Keys, after: Keys) -> tuple[Positions, Positions]:
    """Positions of the tiles that both int32 [n, 3] and [m, 3] have, in the order of the first."""
    _, first, second = np.intersect1d(packed(before), packed(after), assume_unique=True, return_indices=True)
    order = np.argsort(first)
    return first[order], second[order]


@dataclass(frozen=True)
class Neighbours:
    """Where tiles [n] of one level lie on the grid of its origins: cells [n] of a plane of `shape`."""

    rows: NDArray[np.bool_]
    cells: Positions
    shape: tuple[int, int]

    @classmethod
    def of(cls, keys: Keys, factor: int) -> Neighbours:
        """The tiles of `keys` int32 [n, 3] of one factor."""
        rows = keys[:, 0] == factor
        ys, y = np.unique(keys[rows, 1], return_inverse=True)
        xs, x = np.unique(keys[rows, 2], return_inverse=True)
        return cls(rows, y * len(xs) + x, (len(ys), len(xs)))

    def smoothed(self, values: Floats) -> Floats:
        """The mean of each tile's value [n] with those within one hop, which count a half or a quarter."""
        plane, there = np.zeros(self.shape, np.float32), np.zeros(self.shape, np.float32)
        plane.ravel()[self.cells], there.ravel()[self.cells] = values, 1
        mean = _blurred(plane) / np.maximum(_blurred(there), np.float32(_TINY))
        out: Floats = mean.astype(np.float32).ravel()[self.cells]
        return out


def _blurred(plane: Floats) -> Floats:
    """Each cell with half of those beside it, along both axes."""
    across = plane.copy()
    across[:, 1:] += plane[:, :-1] / 2
    across[:, :-1] += plane[:, 1:] / 2
    down = across.copy()
    down[1:] += across[:-1] / 2
    down[:-1] += across[1:] / 2
    return down


@dataclass(frozen=True)
class VectorChanges:
    """Later unit vectors less the earlier ones: of vectors [m, d] at `rows` [n] of either date.

    Made anew each time, piece by piece in a core's cache, which costs less than the memory to keep them in.
    """

    before: Floats | Halves
    after: Floats | Halves
    rows: tuple[Positions, Positions]

    def at(self, tiles: Positions) -> Floats:
        """Of some tiles [k], [k, d]."""
        first, second = self.rows
        moves: Floats = widened(self.after[second[tiles]]) - widened(self.before[first[tiles]])
        return moves

    def along(self, direction: Floats) -> Floats:
        """How far each goes along a direction [d], [n]."""
        return self._told(lambda moves: moves @ direction)

    def lengths(self) -> Floats:
        """Of each, [n]."""
        return self._told(lambda moves: np.sqrt(np.einsum("ij,ij->i", moves, moves)))

    def _told(self, tell: Callable[[Floats], Floats]) -> Floats:
        out = np.empty(len(self.rows[0]), np.float32)
        for start in range(0, len(out), CHUNK):
            end = min(start + CHUNK, len(out))
            out[start:end] = tell(self.at(np.arange(start, end)))
        return out


@dataclass(frozen=True)
class Differences:
    """Tiles at two dates: their `moves`, and how long these are, `lengths` [n].

    `sizes` [n] are the lengths, smoothed and relative to the median of their level.
    """

    keys: Keys
    moves: VectorChanges
    lengths: Floats
    levels: tuple[Neighbours, ...]
    sizes: Floats

    @classmethod
    def of(
        cls,
        keys: Keys,
        before: Floats | Halves,
        after: Floats | Halves,
        rows: tuple[Positions, Positions] | None = None,
    ) -> Differences:
        """Of tiles int32 [n, 3]; their vectors [m, d] stand at `rows` [n] of either date, or in order."""
        levels = tuple(Neighbours.of(keys, factor) for factor in np.unique(keys[:, 0]).tolist())
        moves = VectorChanges(before, after, rows or (np.arange(len(keys)),) * 2)
        lengths = moves.lengths()
        sizes = np.empty(len(keys), np.float32)
        for level in levels:
            smooth = level.smoothed(lengths[level.rows])
            sizes[level.rows] = smooth / max(float(np.median(smooth)), _TINY)
        return cls(keys, moves, lengths, levels, sizes)

    def along(self, direction: Floats, seen: Sequence[Floats] = ()) -> Floats:
        """How far each tile went along a direction [d], in deviations of unchanged ground, [n].

        Less where what must be `seen` is not: cosines [n] with words that come, later, or that go, before.
        """
        gone = self._standardised(self.moves.along(direction), ALONG, below=True) * self.sizes
        for shown in seen:
            gone += UNSEEN * self._unseen(shown)
        return gone

    def anyhow(self) -> Floats:
        """How far each tile went in any direction, in deviations of unchanged ground, [n]."""
        return self._standardised(self.lengths, ANYHOW, below=False)

    def like(self, row: int) -> Floats:
        """How far each tile went the way of the tile at `row`, in deviations of unchanged ground, [n]."""
        level = next(level for level in self.levels if level.rows[row])
        sample = np.flatnonzero(level.rows)
        sample = sample[:: max(1, len(sample) // _SAMPLE)]
        own = self.moves.at(np.array([row]))[0]
        return self.along(unit(own - np.median(self.moves.at(sample), axis=0)))

    def _standardised(self, moved: Floats, ground: UnchangedGround, *, below: bool) -> Floats:
        out = np.empty(len(moved), np.float32)
        for level in self.levels:
            smooth = level.smoothed(moved[level.rows])
            middle, spread = unchanged(smooth, ground, below=below)
            middle = max(middle, 0.0)  # to go less the other way than most is no change
            out[level.rows] = (smooth - middle) / spread
        return out

    def _unseen(self, shown: Floats) -> Floats:
        """How far tiles stay below what shows words at one date, at most 0, [n].

        In deviations of their level, of which few tiles tell little.
        """
        out = np.empty(len(shown), np.float32)
        for level in self.levels:
            smooth = level.smoothed(shown[level.rows])
            above = (smooth - np.median(smooth)) / (smooth.std() + _TINY)
            out[level.rows] = np.minimum(above - SEEN_FROM, 0) * _trust(len(smooth))
        return out


def unchanged(values: Floats, ground: UnchangedGround, *, below: bool = False) -> tuple[float, float]:
    """Where values [n] of unchanged ground lie, and how far they spread: where they lie densest.

    `below`: the spread is that of the values below the middle, which what changed the way that is asked about
    does not widen. Few tiles say little, so that both lean on what is usual (`ground`).
    """
    ranked = np.sort(values.astype(np.float64))
    count = max(1, round(_DENSE * len(ranked)))
    widths = ranked[count - 1 :] - ranked[: len(ranked) - count + 1]
    start = int(widths.argmin())
    middle, own = float(ranked[start : start + count].mean()), float(widths[start]) / _DENSE_WIDTH
    lower = ranked[ranked < middle] - middle
    if below and len(lower):
        own = float(np.sqrt((lower**2).mean()))
    trust = _trust(len(values))
    spread = float(np.sqrt(trust * own**2 + (1 - trust) * ground.spread**2))
    return trust * middle + (1 - trust) * ground.middle, spread + _TINY


def _trust(tiles: int) -> float:
    return tiles / (tiles + _PRIOR_TILES)


def direction(words: Floats, phrases: Floats) -> Floats:
    """Along which words [d] are gained: phrases [m, d] near them, beside all phrases; of unit length.

    The words' own vector says less: it moves with the light as much as with what is there.
    """
    near = phrases @ words
    weights = np.exp((near - near.max()) / EXPANSION)
    mean = phrases.mean(axis=0)
    expanded = weights @ phrases / weights.sum() - mean
    return unit(OWN_SHARE * unit(words - mean) + (1 - OWN_SHARE) * unit(expanded))


DECADE = 10.0  # years that a trend is told for
LEAST_SHARED = 3  # dates that a correlation needs
_LEAST_SPREAD = 0.5  # of that of the history sought: a flat one is like none

Numbers = NDArray[np.float64]


def united(keys: list[Keys]) -> tuple[Keys, list[NDArray[np.int64]]]:
    """All tiles of several indexes, int32 [n, 3], and for each index where it has them, -1 for not [n]."""
    joined = np.concatenate(keys)
    _, first = np.unique(packed(joined), return_index=True)
    everything = joined[np.sort(first)]
    names = packed(everything)
    order = np.argsort(names)
    rows = []
    for own in keys:
        at = np.full(len(names), -1, np.int64)
        at[order[np.searchsorted(names, packed(own), sorter=order)]] = np.arange(len(own))
        rows.append(at)
    return everything, rows


def calibrated(scores: Floats) -> Floats:
    """Scores [dates, n], NaN for gaps, without what a date adds to most tiles."""
    ground = np.nanmedian(scores, axis=0)
    apart = scores - ground
    known = ~np.isnan(apart).all(axis=1)
    effects = np.zeros(len(scores), np.float32)
    effects[known] = np.nanmedian(apart[known], axis=1)
    out: Floats = (scores - effects[:, None]).astype(np.float32)
    return out


@dataclass(frozen=True)
class Histories:
    """What scores over dates tell of each tile, [n] each.

    The best score, the first and last date above a threshold (-1: none), how many are, and how the score
    goes in ten years.
    """

    best: Floats
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    above: NDArray[np.int64]
    trend: Floats

    @classmethod
    def of(cls, scores: Floats, years: Numbers, threshold: float) -> Histories:
        """Of scores at dates in years [dates], with gaps."""
        above = np.nan_to_num(scores, nan=-np.inf) >= threshold
        some = above.any(axis=0)
        first = np.where(some, above.argmax(axis=0), -1)
        last = np.where(some, len(scores) - 1 - above[::-1].argmax(axis=0), -1)
        return cls(_best(scores), first, last, above.sum(axis=0), trends(scores, years))


def _best(scores: Floats) -> Floats:
    best: Floats = np.nan_to_num(scores, nan=-np.inf).max(axis=0)
    return best


def trends(scores: Floats, years: Numbers) -> Floats:
    """The slope in ten years of a line through each tile's scores [dates, n]; 0 of fewer than two dates."""
    there = ~np.isnan(scores)
    count = np.maximum(there.sum(axis=0), 1)
    times = np.where(there, years[:, None], 0.0)
    times = np.where(there, times - times.sum(axis=0) / count, 0.0)
    spread = (times**2).sum(axis=0)
    slope = (times * np.where(there, scores, 0)).sum(axis=0) / np.maximum(spread, _TINY)
    out: Floats = np.where(spread > _TINY, slope * DECADE, 0).astype(np.float32)
    return out


def correlations(scores: Floats, at: int) -> Floats:
    """How alike each tile's history goes to that of the tile `at` [n]; 0 where too few dates are shared.

    A history that hardly moves is like none.
    """
    both = ~np.isnan(scores) & ~np.isnan(scores[:, at : at + 1])
    count = np.maximum(both.sum(axis=0), 1)
    centred = []
    for values in (scores, np.broadcast_to(scores[:, at : at + 1], scores.shape)):
        own = np.where(both, values, 0)
        centred.append(np.where(both, own - own.sum(axis=0) / count, 0))
    products = (centred[0] * centred[1]).sum(axis=0)
    spreads = [np.sqrt((part**2).sum(axis=0)) for part in centred]
    moves = (spreads[0] >= _LEAST_SPREAD * spreads[1]) & (both.sum(axis=0) >= LEAST_SHARED)
    alike = products / np.maximum(spreads[0] * spreads[1], _TINY)
    out: Floats = np.where(moves, alike, 0).astype(np.float32)
    return out
