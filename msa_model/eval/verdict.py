"""Does the verdict of a search tell what is there from what is not? Measured on mosaics of labelled images.

Each class of a mosaic is asked for twice by each of its phrases: among all tiles, and among those that touch
no image of the class. A statistic of the best tiles should be higher the first time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from msa_model.eval.dataset import DatasetImage, read_pixels
from msa_model.eval.evaluation import TileTextEncoder, encode_images
from msa_model.index.standing import BEST, GOOD, Background, BestScores
from msa_model.protocol.errors import DatasetUnreadable
from msa_model.raster.grid import TILE, Keys, TileGrid
from msa_model.raster.tiles import tile_boxes

SIDE = 8  # images along a mosaic
LEAST_SIDE = 3
FACTORS = (1, 2)
KINDS = (1, 2, 4)  # classes of the ground on which few tiles of another are sought
GROUND, SOUGHT = 48, 3  # tiles of it
GROUNDS = ("a mosaic", "all mosaics", "few classes")
# The product's; against the whole mean of the background; the cosine less the text's own mean; the cosine;
# and by how many deviations of all tiles' scores the best ones stand above their mean.
STATISTICS = ("honest score", "whole background", "cosine, centred", "cosine", "z-score of the best")

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]


class CentredEncoder(TileTextEncoder, Protocol):
    """An encoder that knows the mean embedding of images of anything."""

    background: Floats


@dataclass(frozen=True)
class Asked:
    """The texts of an evaluation: each class's phrases and the background's, as unit vectors."""

    phrases: Mapping[str, Floats]
    bank: Floats
    background: Floats  # mean of images [d]


@dataclass(frozen=True)
class Mosaic:
    """Tiles: keys int32 [n, 3] and vectors [n, d]; `labels` [side, side]: the class of each image."""

    keys: Keys
    vectors: Floats
    labels: NDArray[np.str_]

    def without(self, label: str) -> Flags:
        """Which tiles touch no image of a class."""
        return ~touching(self.keys, self.labels == label)


@dataclass(frozen=True)
class Cases:
    """Queries on tiles: the class asked for, whether it is there, `STATISTICS` [n, s] of the best tiles.

    `weights` [n]: each kind of ground counts alike, with and without the class.
    """

    labels: NDArray[np.str_]
    present: Flags
    values: NDArray[np.float64]
    weights: NDArray[np.float64]


@dataclass(frozen=True)
class Spread:
    """Mean and standard deviation over seeds."""

    mean: float
    deviation: float


@dataclass(frozen=True)
class Separation:
    """AUROC of a statistic on each kind of `GROUNDS`, and on all, each kind counting alike.

    `chosen`: for how many seeds it was the best one on a random half of the classes.
    """

    statistic: str
    grounds: tuple[Spread, ...]
    together: Spread
    chosen: int


@dataclass(frozen=True)
class VerdictEvaluation:
    """Separations, and how often each verdict is given, in percent, where the thing is there and where not.

    `held_out`: the AUROC, on one half of the classes, of what was best on the other half.
    """

    separations: tuple[Separation, ...]
    held_out: Spread
    nothing_present: float
    nothing_absent: float
    good_present: float
    good_absent: float
    cases: int
    classes: int
    seeds: int


def evaluate_verdict(
    encoder: CentredEncoder,
    rows: Sequence[DatasetImage],
    phrases: Mapping[str, Sequence[str]],
    bank: Sequence[str],
    seeds: int,
) -> VerdictEvaluation:
    """Each seed has mosaics of its own, ground of its own, and halves of the classes of its own.

    Raises:
        DatasetUnreadable: too few images, or one that cannot be decoded.
    """
    asked = _asked(encoder, rows, phrases, bank)
    images = encode_images(encoder, [row.path for row in rows])
    labels = np.array([row.label for row in rows])
    found = []
    for seed in range(seeds):
        order = np.random.default_rng(seed).permutation(len(rows))
        mosaics = list(_mosaics(encoder, rows, order))
        each = (_cases_of_mosaics(asked, [mosaic]) for mosaic in mosaics)
        kinds = (each, [_cases_of_mosaics(asked, mosaics)], _ground_cases(asked, images, labels, seed))
        found.append([evenly(_joined(kind)) for kind in kinds])
    return _evaluation(found)


def auroc(values: NDArray[np.float64], present: Flags, weights: NDArray[np.float64] | None = None) -> float:
    """The chance that a value of what is present is higher than one of what is not; equal ones count half."""
    weight = np.ones(len(values)) if weights is None else weights
    _, group = np.unique(values, return_inverse=True)
    there = np.bincount(group, weight * present)
    absent = np.bincount(group, weight * ~present)
    below = absent.cumsum() - absent / 2
    return float((there * below).sum() / (there.sum() * absent.sum()))


def statistics(tiles: Floats, queries: Floats, asked: Asked) -> NDArray[np.float64]:
    """`STATISTICS` [q, s] of the best tiles [n, d] of queries [q, d]."""
    means = queries @ asked.background
    best, phrases = BestScores(queries), BestScores(asked.bank)
    best.add(tiles)
    phrases.add(tiles)
    heights = best.means()
    background = Background.of(phrases, asked.bank @ asked.background)
    scales = [background.scale(mean) for mean in means.tolist()]
    honest = [scale.honest(height) for scale, height in zip(scales, heights.tolist(), strict=True)]
    whole = (heights - means - background.standings.mean()) / scales[0].spread
    scores = tiles @ queries.T
    z_scores = (heights - scores.mean(axis=0)) / scores.std(axis=0)
    return np.column_stack((honest, whole, heights - means, heights, z_scores)).astype(np.float64)


def _asked(
    encoder: CentredEncoder,
    rows: Sequence[DatasetImage],
    phrases: Mapping[str, Sequence[str]],
    bank: Sequence[str],
) -> Asked:
    known = sorted({row.label for row in rows} & set(phrases))
    vectors = {label: encoder.encode_texts(phrases[label]) for label in known}
    return Asked(vectors, encoder.encode_texts(bank), encoder.background)


def _mosaics(
    encoder: CentredEncoder, rows: Sequence[DatasetImage], order: NDArray[np.int64]
) -> Iterator[Mosaic]:
    side = min(SIDE, int(np.sqrt(len(rows))))
    if side < LEAST_SIDE:
        raise DatasetUnreadable(f"A mosaic needs {LEAST_SIDE**2} images with a class, not {len(rows)}.")
    whole = order[: len(order) // side**2 * side**2].reshape(-1, side**2)
    for members in tqdm(whole, desc=f"{side} × {side} mosaics", leave=False):
        keys, vectors = _encoded(encoder, [rows[i] for i in members], side)
        yield Mosaic(keys, vectors, np.array([rows[i].label for i in members]).reshape(side, side))


def _cases_of_mosaics(asked: Asked, mosaics: Sequence[Mosaic]) -> Cases:
    """Mosaics as one raster."""
    vectors = np.concatenate([mosaic.vectors for mosaic in mosaics])
    there = {label for mosaic in mosaics for label in mosaic.labels.ravel().tolist()}
    parts = []
    for label in sorted(there & set(asked.phrases)):
        left = np.concatenate([mosaic.without(label) for mosaic in mosaics])
        parts.append(_case(asked, label, vectors, vectors[left]))
    return _joined(parts)


def _encoded(encoder: CentredEncoder, members: Sequence[DatasetImage], side: int) -> tuple[Keys, Floats]:
    """Keys int32 [n, 3] and vectors [n, d] of the tiles that a scan would cut out of a mosaic."""
    size, how = (TILE, TILE), Image.Resampling.BILINEAR
    pictures = [Image.fromarray(read_pixels(row.path)).resize(size, how) for row in members]
    grid = np.stack([np.asarray(picture) for picture in pictures]).reshape(side, side, TILE, TILE, 3)
    mosaic = Image.fromarray(np.ascontiguousarray(grid.swapaxes(1, 2)).reshape(side * TILE, side * TILE, 3))
    keys, vectors = [], []
    for factor in FACTORS:
        level = np.asarray(mosaic.reduce(factor))
        places = TileGrid(side * TILE, side * TILE, factor).keys()
        boxes = tile_boxes(np.column_stack((np.ones(len(places), np.int32), places))).astype(int)
        vectors.append(encoder.encode_tiles(np.stack([level[y0:y1, x0:x1] for x0, y0, x1, y1 in boxes])))
        keys.append(np.column_stack((np.full(len(places), factor, np.int32), places)))
    return np.concatenate(keys), np.concatenate(vectors)


def touching(keys: Keys, places: Flags) -> Flags:
    """Which tiles of a mosaic, keys int32 [n, 3], meet an image at one of `places` bool [rows, columns]."""
    x0, y0, x1, y1 = (tile_boxes(keys) / TILE).T
    meets = np.zeros(len(keys), bool)
    for row, col in np.argwhere(places):
        meets |= (x0 < col + 1) & (x1 > col) & (y0 < row + 1) & (y1 > row)
    return meets


def _ground_cases(asked: Asked, images: Floats, labels: NDArray[np.str_], seed: int) -> Iterator[Cases]:
    random = np.random.default_rng(seed)
    classes = np.unique(labels)
    for label in sorted(asked.phrases):
        for kinds in KINDS:
            others = random.permutation(classes[classes != label])[:kinds]
            ground = random.permutation(np.flatnonzero(np.isin(labels, others)))[:GROUND]
            sought = random.permutation(np.flatnonzero(labels == label))[:SOUGHT]
            if len(ground) > BEST:
                yield _case(asked, label, images[np.concatenate([ground, sought])], images[ground])


def _case(asked: Asked, label: str, present: Floats, absent: Floats) -> Cases:
    """A class's phrases on tiles with it and without it; nothing where too few are left without."""
    queries = asked.phrases[label]
    sides = ((present, True), (absent, False)) if len(absent) >= BEST else ()
    flags = np.repeat([there for _, there in sides], len(queries)).astype(bool)
    values = [np.empty((0, len(STATISTICS))), *(statistics(tiles, queries, asked) for tiles, _ in sides)]
    return Cases(np.full(len(flags), label), flags, np.concatenate(values), np.ones(len(flags)))


def _joined(parts: Iterable[Cases]) -> Cases:
    cases = list(parts)
    return Cases(
        np.concatenate([case.labels for case in cases]),
        np.concatenate([case.present for case in cases]),
        np.concatenate([case.values for case in cases]),
        np.concatenate([case.weights for case in cases]),
    )


def evenly(cases: Cases) -> Cases:
    """With and without the class, the weights of all cases sum to 1."""
    sums = np.bincount(cases.present, minlength=2)
    return replace(cases, weights=1 / sums[cases.present.astype(int)])


def _evaluation(found: Sequence[Sequence[Cases]]) -> VerdictEvaluation:
    """Of the kinds of ground of each seed."""
    together = [_joined(kinds) for kinds in found]
    halves = [_held_out(cases, seed) for seed, cases in enumerate(together)]
    separations = tuple(
        Separation(
            statistic=name,
            grounds=tuple(
                _spread([_auroc(kinds[ground])[column] for kinds in found]) for ground in range(len(GROUNDS))
            ),
            together=_spread([_auroc(cases)[column] for cases in together]),
            chosen=sum(best == column for best, _ in halves),
        )
        for column, name in enumerate(STATISTICS)
    )
    everything = _joined(together)
    honest, present = everything.values[:, 0], everything.present
    return VerdictEvaluation(
        separations,
        _spread([value for _, value in halves]),
        nothing_present=_percent(everything, honest < 0, present),
        nothing_absent=_percent(everything, honest < 0, ~present),
        good_present=_percent(everything, honest >= GOOD, present),
        good_absent=_percent(everything, honest >= GOOD, ~present),
        cases=len(present),
        classes=len(np.unique(everything.labels)),
        seeds=len(together),
    )


def _held_out(cases: Cases, seed: int) -> tuple[int, float]:
    """Which statistic is best on a random half of the classes, and its AUROC on the other half."""
    classes = np.unique(cases.labels)
    half = np.random.default_rng(seed).permutation(classes)[: len(classes) // 2]
    first = np.isin(cases.labels, half)
    best = int(np.argmax(_auroc(cases, first)))
    return best, _auroc(cases, ~first)[best]


def _auroc(cases: Cases, which: Flags | None = None) -> list[float]:
    """Of each statistic."""
    own = np.ones(len(cases.present), bool) if which is None else which
    return [auroc(column, cases.present[own], cases.weights[own]) for column in cases.values[own].T]


def _percent(cases: Cases, flags: Flags, among: Flags) -> float:
    return 100 * float(np.average(flags[among], weights=cases.weights[among]))


def _spread(values: Sequence[float]) -> Spread:
    return Spread(float(np.mean(values)), float(np.std(values)))
