"""Semantic localisation: how well a map of scores shows the annotated regions.

Rsu, Ras, Rda and Rmi of Yuan et al., "Learning to Evaluate Performance of Multi-modal Semantic Localization"
(TGRS 2022), as in their published code: github.com/xiaoyuan1996/SemanticLocalizationMetrics. There the
windows are in pixels of the map, so that the figures change with its resolution; `Rule` has them in cells,
`relative_rule` makes them follow the tile size, `PIXEL_RULE` is theirs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from msa_model.research.evaluate.peaks import Grey, Points, areas, box_mean, box_median, running_max

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
