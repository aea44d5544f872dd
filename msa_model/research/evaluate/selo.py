"""Semantic localisation: how well a map of scores shows the annotated regions.

Rsu, Ras, Rda and Rmi of Yuan et al., "Learning to Evaluate Performance of Multi-modal Semantic Localization"
(TGRS 2022), as in their published code: github.com/xiaoyuan1996/SemanticLocalizationMetrics. There the
windows are in pixels of the map, so that the figures change with its resolution; `Rule` has them in cells,
`relative_rule` makes them follow the tile size, `PIXEL_RULE` is theirs.

Where a map peaks: box filters, running maxima and connected areas, on maps of any size.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image, ImageDraw
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


Map = NDArray[np.float64]
Polygon = Sequence[tuple[float, float]]

_SMOOTHINGS = 5
_LEAST_PEAK = 0.5
_EXPANSION = 1.5  # of a region's mean vertex distance
_SUPERSAMPLED = 8

_TILES_SMOOTHED, _TILES_APART = 3 / 8, 4.0  # published: 50 px and 1,000 px with tiles of 256, 512 and 768 px


@dataclass(frozen=True)
class Rule:
    """Windows in cells of the map; `median` smooths the map first (0: not at all).

    `whole` cells: centres and radii are cut to whole cells, and a region covers the cells that it touches.
    """

    smoothing: int
    separation: int
    median: int = 0
    whole: bool = False


PIXEL_RULE = Rule(smoothing=50, separation=1000, median=251, whole=True)


def relative_rule(cells_per_tile: float) -> Rule:
    """Windows of 3/8 of a tile (smoothing) and 4 tiles (between peaks), as odd numbers of cells."""
    return Rule(_odd(_TILES_SMOOTHED * cells_per_tile), _odd(_TILES_APART * cells_per_tile))


@dataclass(frozen=True)
class Localisation:
    """`rsu`, `rda`, `rmi`: higher is better; `ras`: lower is better; all in 0 … 1."""

    rsu: float
    ras: float
    rda: float
    rmi: float


@dataclass(frozen=True)
class Circle:
    """A region as its centre (column, row) and its radius, in cells."""

    centre: tuple[float, float]
    radius: float


def localise(scores: Map, polygons: Sequence[Polygon], rule: Rule) -> Localisation:
    """The four figures of a map [h, w] for polygons of (column, row) in cells from its upper left.

    The map is stretched to 0 … 1 and kept in 255 steps; so every map peaks at 1, and the figures cannot tell
    whether anything is there at all.
    """
    grey = _grey(scores)
    if rule.median:
        grey = box_median(grey, rule.median)
    probability = grey / 255
    peaks = find_peaks(grey, rule)
    circles = [_circle(polygon, rule) for polygon in polygons]
    rsu = salient_share(probability, coverage(polygons, grey.shape, rule))
    ras, rda = attention_shift(circles, peaks), attention_discreteness(circles, peaks)
    return Localisation(rsu, ras, rda, 0.4 * rsu + 0.35 * (1 - ras) + 0.25 * rda)


def mean_localisation(results: Sequence[Localisation]) -> Localisation:
    """The mean of each figure."""
    figures = np.array([(r.rsu, r.ras, r.rda, r.rmi) for r in results]).mean(axis=0)
    return Localisation(*figures.tolist())


def salient_share(probability: Map, covered: Map) -> float:
    """Rsu = 1 - exp(-0.707 A B); A: sum inside over sum outside, B: area outside over area inside.

    `covered` [h, w]: the share of each cell inside the regions.
    """
    inside = float((probability * covered).sum())
    balance = inside / (float(probability.sum()) - inside + 1e-7)
    area = float(covered.sum())
    return 1 - math.exp(-0.707 * balance * (covered.size - area) / area)


def attention_shift(circles: Sequence[Circle], peaks: Points) -> float:
    """Ras = (e^{3o} - 1) / (e^3 - 1), o the mean over regions of the mean distance of their peaks / radius.

    A region without peaks counts 1.
    """
    shifts = []
    for circle in circles:
        distances = _distances(circle, peaks)
        shifts.append(float(distances.mean()) / circle.radius if len(distances) else 1.0)
    return (math.exp(3 * float(np.mean(shifts))) - 1) / (math.exp(3) - 1)


def attention_discreteness(circles: Sequence[Circle], peaks: Points) -> float:
    """Rda: the mean over regions of 0 without peaks, 1 with one; with n peaks
    (1 - their mean distance to their centroid / radius) / 2 + e^{-(n + 2) / 2}.
    """  # noqa: D205
    values = []
    for circle in circles:
        near = peaks[_to_centre(circle, peaks) <= circle.radius]
        if len(near) <= 1:
            values.append(float(len(near)))
            continue
        spread = np.linalg.norm(near - near.mean(axis=0), axis=1).mean() / circle.radius
        values.append(float(0.5 * (1 - spread) + math.exp(-0.5 * (len(near) + 2))))
    return float(np.mean(values))


def find_peaks(grey: Grey, rule: Rule) -> Points:
    """Centroids [n, 2] (column, row) of the largest cells within the separation, after smoothing.

    Only those where the unsmoothed map has half of its maximum.
    """
    smooth = grey
    for _ in range(_SMOOTHINGS):
        smooth = box_mean(smooth, min(rule.smoothing, *smooth.shape))
    centres = areas((smooth > 0) & (smooth == running_max(smooth, rule.separation)))
    if rule.whole:
        centres = np.floor(centres + 1e-6)
    columns, rows = np.floor(centres + (0 if rule.whole else 0.5)).astype(int).T
    peaks: Points = centres[grey[rows, columns] / 255 >= _LEAST_PEAK]
    return peaks if rule.whole else peaks + 0.5  # the middle of the cell


def coverage(polygons: Sequence[Polygon], shape: tuple[int, ...], rule: Rule) -> Map:
    """[h, w]: the share of each cell that the polygons cover."""
    times = 1 if rule.whole else _SUPERSAMPLED
    height, width = shape[0] * times, shape[1] * times
    image = Image.new("1", (width, height))
    draw = ImageDraw.Draw(image)
    for polygon in polygons:
        corners = [(x * times, y * times) for x, y in polygon]
        draw.polygon([(int(x), int(y)) for x, y in corners] if rule.whole else corners, fill=1)
    cells = np.asarray(image, np.float64).reshape(shape[0], times, shape[1], times)
    out: Map = cells.mean(axis=(1, 3))
    return out


def _grey(scores: Map) -> Grey:
    low, high = float(scores.min()), float(scores.max())
    return ((scores - low) / (high - low or 1.0) * 255).astype(np.uint8)


def _circle(polygon: Polygon, rule: Rule) -> Circle:
    points = np.array(polygon, np.float64)
    centre = points.mean(axis=0)
    if rule.whole:
        centre = np.trunc(centre)
    radius = _EXPANSION * float(np.linalg.norm(points - centre, axis=1).mean())
    if rule.whole:
        radius = math.trunc(radius)
    return Circle((float(centre[0]), float(centre[1])), max(radius, 1e-6))


def _to_centre(circle: Circle, peaks: Points) -> NDArray[np.float64]:
    distances: NDArray[np.float64] = np.linalg.norm(peaks - np.array(circle.centre), axis=1)
    return distances


def _distances(circle: Circle, peaks: Points) -> NDArray[np.float64]:
    found = _to_centre(circle, peaks)
    return found[found <= circle.radius]


def _odd(cells: float) -> int:
    return max(1, 2 * round((cells - 1) / 2) + 1)
