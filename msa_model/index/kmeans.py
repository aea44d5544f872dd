"""Groups of vectors that are alike: k-means on unit vectors, the same every time."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
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
