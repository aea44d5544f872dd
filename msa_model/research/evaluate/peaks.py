"""Where a map peaks: box filters, running maxima and connected areas, on maps of any size."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio import features

Grey = NDArray[np.uint8]
Points = NDArray[np.float64]
Edges: TypeAlias = Literal["reflect", "edge"]


def box_mean(grey: Grey, side: int) -> Grey:
    """Mean of the `side` × `side` cells around each one, rounded; the map is mirrored at its edges.

    An even window reaches one cell further to the upper left (as in OpenCV's boxFilter).
    """
    total = _window_sums(grey, side, "reflect")
    return np.rint(total / side**2).astype(np.uint8)


def box_median(grey: Grey, side: int) -> Grey:
    """Median of the `side` × `side` cells around each one (odd side); edge cells go on beyond it."""
    half = side * side // 2
    out = np.zeros_like(grey)
    for level in np.unique(grey)[::-1]:
        enough = _window_sums(grey <= level, side, "edge") > half
        out[enough] = level
    return out


def running_max(grey: Grey, side: int) -> Grey:
    """Largest of the `side` × `side` cells around each one, within the map; even windows as in `box_mean`."""
    return _running_max(_running_max(grey, side).T, side).T


def areas(mask: NDArray[np.bool_]) -> Points:
    """Centroids [n, 2] (column, row) of the 8-connected areas; a lone cell's is its index."""
    shapes = features.shapes(mask.astype(np.uint8), mask=mask, connectivity=8)
    centres = [shapely.centroid(shapely.geometry.shape(shape)) for shape, _ in shapes]
    return np.array([(point.x - 0.5, point.y - 0.5) for point in centres]).reshape(-1, 2)


def _window_sums(values: NDArray[np.generic], side: int, edges: Edges) -> NDArray[np.int32]:
    """Sums may wrap around; their differences stay right."""
    before, after = side // 2, side - 1 - side // 2
    padded = np.pad(values.astype(np.int32), (before, after), mode=edges)
    return _sums_of(_sums_of(padded, side).T, side).T


def _sums_of(values: NDArray[np.int32], side: int) -> NDArray[np.int32]:
    """Sums of `side` neighbours down each column [h, w] → [h - side + 1, w]."""
    sums = values.cumsum(axis=0, dtype=np.int32)
    out = sums[side - 1 :].copy()
    out[1:] -= sums[:-side]
    return out


def _running_max(values: Grey, side: int) -> Grey:
    """Along rows, by van Herk's blocks: prefix and suffix maxima meet in every window."""
    rows, width = values.shape
    before = side // 2
    blocks = -(-(width + side - 1) // side) + 1
    padded = np.zeros((rows, blocks * side), np.uint8)
    padded[:, before : before + width] = values
    parts = padded.reshape(rows, blocks, side)
    prefix = np.maximum.accumulate(parts, axis=2).reshape(rows, -1)
    suffix = np.maximum.accumulate(parts[:, :, ::-1], axis=2)[:, :, ::-1].reshape(rows, -1)
    return np.maximum(suffix[:, :width], prefix[:, side - 1 : side - 1 + width])
