"""What is in a raster: its indexed tiles in groups of their like, each named by the phrases that fit it.

The groups are k-means on unit vectors, the same every time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from msa_model.files.memory import check_fits
from msa_model.index.areas import OwnedCells
from msa_model.index.rank import widened
from msa_model.jobs.describe import Naming
from msa_model.jobs.open_files import OpenIndex, OpenIndexes
from msa_model.protocol.describing import shown
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.messages import TileRef
from msa_model.protocol.tile_groups import (
    MOST_GROUPS,
    ExploreReply,
    ExploreRequest,
    GroupExample,
    TileGroup,
)
from msa_model.raster.coordinates import moved
from msa_model.raster.grid import STEPS, Keys
from msa_model.raster.tiles import box_rings, ring_bounds, tile_boxes

if TYPE_CHECKING:
    from msa_model.jobs.phrases import PhraseBanks
    from msa_model.model.dual_encoder import DualEncoder


Labels = NDArray[np.int64]

_SEED = 7
_STEPS = 20
_BATCH = 4096  # vectors of a step, where FAISS is missing
_TRAINED = 512  # vectors a group that FAISS looks at
_CHUNK = 8192
_TINY = 1e-9


def grouped(vectors: Floats, groups: int) -> tuple[Labels, Floats]:
    """The group of each vector [n], and how near it is to the middle of that [n], a cosine.

    What all vectors have in common is taken off first. Some groups may stay empty. By FAISS, or by mini-batch
    k-means where that is not installed.
    """
    directions = _unit(vectors - vectors.mean(axis=0))
    middles = _by_faiss(directions, groups) if find_spec("faiss") else by_batches(directions, groups)
    return _nearest(directions, middles)


def by_batches(directions: Floats, groups: int) -> Floats:
    """Middles [k, d] of groups of unit vectors [n, d], by mini-batch k-means (Sculley 2010)."""
    drawn = np.random.default_rng(_SEED)
    middles = _first(directions, groups, drawn)
    seen = np.zeros(groups)
    for _ in range(_STEPS):
        batch = directions[np.sort(drawn.permutation(len(directions))[:_BATCH])]
        labels, _ = _nearest(batch, middles)
        counts = np.bincount(labels, minlength=groups)
        sums = np.zeros_like(middles)
        np.add.at(sums, labels, batch)
        hit = counts > 0
        seen += counts
        middles[hit] += (sums[hit] - counts[hit, None] * middles[hit]) / seen[hit, None]
        middles = _unit(middles)
    return middles


def _by_faiss(directions: Floats, groups: int) -> Floats:
    faiss: Any = import_module("faiss")  # optional
    kmeans = faiss.Kmeans(
        directions.shape[1],
        groups,
        niter=_STEPS,
        seed=_SEED,
        spherical=True,
        min_points_per_centroid=1,
        max_points_per_centroid=_TRAINED,
    )
    kmeans.train(directions, init_centroids=_first(directions, groups, np.random.default_rng(_SEED)))
    middles: Floats = np.asarray(kmeans.centroids, np.float32).reshape(groups, -1)
    return middles


def _first(directions: Floats, groups: int, drawn: np.random.Generator) -> Floats:
    """First middles, far from one another (k-means++), of some of the vectors."""
    directions = directions[np.sort(drawn.permutation(len(directions))[:_BATCH])]
    chosen = [int(drawn.integers(len(directions)))]
    apart = 1 - directions @ directions[chosen[0]]
    for _ in range(groups - 1):
        weights = np.maximum(apart, 0) + _TINY
        chosen.append(int(np.searchsorted(np.cumsum(weights), drawn.random() * weights.sum())))
        chosen[-1] = min(chosen[-1], len(directions) - 1)
        apart = np.minimum(apart, 1 - directions @ directions[chosen[-1]])
    return directions[chosen].copy()


def _nearest(directions: Floats, middles: Floats) -> tuple[Labels, Floats]:
    labels, nearness = np.empty(len(directions), np.int64), np.empty(len(directions), np.float32)
    for start in range(0, len(directions), _CHUNK):
        part = slice(start, start + _CHUNK)
        cosines = directions[part] @ middles.T
        labels[part] = cosines.argmax(axis=1)
        nearness[part] = cosines.max(axis=1)
    return labels, nearness


def _unit(vectors: Floats) -> Floats:
    unit: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), _TINY)
    return np.ascontiguousarray(unit, np.float32)


_NAMED_BY, _EXAMPLES = 24, 6  # tiles nearest to a group's middle
_UNASKED = 100_000  # tiles, for which nobody looks whether memory is free
_BYTES_OF_NUMBER = 12  # of a vector: as joined, at length 1, and less the mean while that is made
_ALMOST = 0.9  # of the largest area that a scale covers: the finest of those that reach it counts

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class _ScaleTiles:
    """The tiles of one index at one scale: keys [n, 3], unit vectors [n, d], valid shares [n], and ground."""

    index: OpenIndex
    keys: Keys
    vectors: Floats
    valid: Floats
    ground: OwnedCells

    @classmethod
    def of(cls, index: OpenIndex) -> _ScaleTiles:
        keys = index.table.keys
        own = np.flatnonzero(keys[:, 0] == scale_that_counts(keys))
        _, first = np.unique(keys[own], axis=0, return_index=True)
        own = own[np.sort(first)]
        vectors, valid = widened(index.table.vectors[own]), index.table.valid[own]
        return cls(index, keys[own], vectors, valid, OwnedCells.of(index.manifest, keys[own]))


@dataclass(frozen=True)
class _Grouped:
    """All parts' tiles one after the other: vectors [n, d], labels [n], nearness [n], areas [n]."""

    parts: Sequence[_ScaleTiles]
    vectors: Floats
    labels: NDArray[np.int64]
    nearness: Floats
    areas: NDArray[np.float64]


def explore(
    encoder: DualEncoder, indexes: OpenIndexes, banks: PhraseBanks, request: ExploreRequest
) -> ExploreReply:
    """The tiles of indexes in groups; each index counts at the scale that covers it, the finest of several.

    Raises:
        BadArgument: no index, a number of groups out of range, or fewer tiles than groups.
        PhrasesUnreadable: the phrase bank.
        IndexMissing, IndexUnreadable, IndexOfOtherModel, IndexStale: an index.
        not_enough_memory: the vectors of so many tiles, as they are grouped, would not fit.
    """
    if not request.indexes:
        raise BadArgument("There is nothing to explore: name an index.")
    if not 1 <= request.groups <= MOST_GROUPS:
        raise BadArgument(f"There can be 1 to {MOST_GROUPS} groups, not {request.groups}.")
    naming = Naming.of(encoder, banks, request.phrases, request.language)
    opened = [indexes.get(path) for path in dict.fromkeys(request.indexes)]
    _check_memory(opened)
    parts = [_ScaleTiles.of(index) for index in opened if len(index.table.keys)]
    tiles = sum(len(part.keys) for part in parts)
    if tiles < request.groups or not parts:
        raise BadArgument(
            f"{request.groups} groups need as many tiles, and there are {tiles} at the scale that counts: "
            "ask for fewer groups, or index more."
        )
    found = _grouped(parts, request.groups)
    crs = parts[0].index.manifest.crs
    largest_first = sorted(np.unique(found.labels).tolist(), key=lambda label: -_area(found, label))
    groups = (
        _group(found, label, number, naming, crs) for number, label in enumerate(largest_first, start=1)
    )
    scales = tuple(part.index.manifest.scale_m(int(part.keys[0, 0])) for part in parts)
    return ExploreReply(tuple(groups), tiles, scales, crs, naming.calibrated)


def _check_memory(indexes: Sequence[OpenIndex]) -> None:
    """Grouping holds two copies of all vectors of the scale that counts as float32."""
    numbers = tiles = 0
    for index in indexes:
        keys = index.table.keys
        own = int(np.count_nonzero(keys[:, 0] == scale_that_counts(keys))) if len(keys) else 0
        tiles, numbers = tiles + own, numbers + own * index.manifest.dimension
    if tiles > _UNASKED:
        check_fits(numbers * _BYTES_OF_NUMBER, f"Grouping {tiles:,} tiles", "explore fewer indexes at a time")


def scale_that_counts(keys: Keys) -> int:
    """The factor of the finest scale of tiles [n, 3] that covers almost as much as any does.

    While a scan runs, fine tiles may be few. Tiles overlap alike at every scale.
    """
    factors, counts = np.unique(keys[:, 0], return_counts=True)
    covered = counts * factors.astype(np.float64) ** 2
    return int(factors[covered >= _ALMOST * covered.max()].min()) if len(factors) > 1 else int(factors[0])


def _grouped(parts: Sequence[_ScaleTiles], groups: int) -> _Grouped:
    vectors = np.concatenate([part.vectors for part in parts])
    labels, nearness = grouped(vectors, groups)
    areas = np.concatenate([part.ground.areas_m2(part.valid) for part in parts])
    return _Grouped(parts, vectors, labels, nearness, areas)


def _area(found: _Grouped, label: int) -> float:
    return float(found.areas[found.labels == label].sum())


def _group(found: _Grouped, label: int, number: int, naming: Naming, crs: str) -> TileGroup:
    own = found.labels == label
    middle_first = np.flatnonzero(own)[np.argsort(-found.nearness[own], kind="stable")]
    phrases = naming.words(found.vectors[middle_first[:_NAMED_BY]], 1).phrases
    told = shown(phrases)
    return TileGroup(
        id=number,
        phrase=told[0].phrase if told else "",
        verdict=phrases[0].match,
        tiles=int(own.sum()),
        area_m2=_area(found, label),
        examples=tuple(_examples(found.parts, middle_first)),
        shape=_shape(found.parts, own, crs),
    )


def _examples(parts: Sequence[_ScaleTiles], nearest_first: NDArray[np.int64]) -> list[GroupExample]:
    """The first tiles of which none overlaps another."""
    starts = np.cumsum([0, *(len(part.keys) for part in parts)])
    chosen: list[tuple[int, Keys]] = []
    for position in nearest_first.tolist():
        owner = int(np.searchsorted(starts, position, side="right")) - 1
        key = parts[owner].keys[position - starts[owner]]
        if all(at != owner or np.abs(key[1:] - other[1:]).max() >= STEPS for at, other in chosen):
            chosen.append((owner, key))
        if len(chosen) == _EXAMPLES:
            break
    return [_example(parts[owner].index, key) for owner, key in chosen]


def _example(index: OpenIndex, key: Keys) -> GroupExample:
    factor, row, col = key.tolist()
    ring = box_rings(index.manifest.affine, tile_boxes(key[None]))[0]
    bounds = ring_bounds(tuple((float(x), float(y)) for x, y in ring))
    return GroupExample(TileRef(str(index.path), factor, row, col), bounds, index.manifest.crs)


def _placed(outline: shapely.MultiPolygon, source: str, target: str) -> shapely.Geometry:
    """In another CRS, in one piece where the globe's turn runs through it."""
    if source == target or outline.is_empty:
        return outline
    first = moved(shapely.get_coordinates(outline)[:1], source, target)[0, 0]
    return shapely.transform(outline, lambda xy: moved(xy, source, target, float(first)))


def _shape(parts: Sequence[_ScaleTiles], own: Flags, crs: str) -> str:
    polygons: list[shapely.Geometry] = []
    start = 0
    for part in parts:
        outline = part.ground.outline(own[start : start + len(part.keys)])
        polygons += shapely.get_parts(_placed(outline, part.index.manifest.crs, crs)).tolist()
        start += len(part.keys)
    return str(shapely.to_wkt(shapely.MultiPolygon(polygons), rounding_precision=-1, trim=True))
