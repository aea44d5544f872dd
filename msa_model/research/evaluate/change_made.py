"""Changes made of labelled images: some cells of a mosaic show another class at the later date.

On top of them the later date differs as dates do: haze, other seasons, low sun, some pixels off. What a
search finds is counted beside chance, beside how unlike both vectors are, and beside the difference of raw
scores; on mosaics where nothing was replaced, how often the verdict says that something changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from msa_model.index.background import BEST
from msa_model.index.dates import WAY_THRESHOLD, Differences, Floats, direction
from msa_model.measure.dataset import DatasetImage, read_tile
from msa_model.measure.evaluation import TileTextEncoder
from msa_model.measure.subjects import Phrases
from msa_model.measure.tables import ReportTable
from msa_model.protocol.errors import DatasetUnreadable
from msa_model.raster.grid import TILE, Keys, TileGrid
from msa_model.research.evaluate.change import FIRST, RankingQuality, ranking_quality
from msa_model.research.evaluate.change_pairs import Flags, Picture, encoded, shifted, tile_means
from msa_model.research.evaluate.robustness import degradations

SIDE = 8  # cells along a mosaic
ASKED = 2  # classes that appear in one mosaic
SHOWN = 0.5  # of a tile, for it to be right
_AS_IT_IS = "none"
_SUFFERED = {("none", ""): _AS_IT_IS, ("haze", "20%"): "haze", ("colour", "autumn"): "autumn"} | {
    ("colour", "low sun"): "low sun"
}
_APPLIED = {
    _SUFFERED[own.kind, own.strength]: own.apply
    for own in degradations()
    if (own.kind, own.strength) in _SUFFERED
}


@dataclass(frozen=True)
class Case:
    """What share of the cells is replaced, how the later date differs besides, and by how many pixels."""

    share: float
    differs: str
    shift_px: int


CASES = (
    *(Case(0.03, differs, 0) for differs in _APPLIED),
    *(Case(0.03, _AS_IT_IS, shift) for shift in (2, 4, 6)),
    *(Case(share, "autumn", 2) for share in (0.01, 0.1)),
    *(Case(0.0, differs, 2) for differs in _APPLIED),
)


@dataclass(frozen=True)
class MadeCase:
    """A case over all mosaics and questions: `chance` and `ways` of ranking (means).

    Where nothing changed, `alarms` is the share of questions whose verdict says that something may have.
    """

    case: Case
    questions: int
    chance: float = 0.0
    ways: tuple[RankingQuality, ...] = ()
    alarms: float = 0.0


@dataclass(frozen=True)
class MadeChanges:
    """Each case, over `mosaics` of so many `tiles`."""

    mosaics: int
    tiles: int
    cases: tuple[MadeCase, ...]


@dataclass(frozen=True)
class _Mosaic:
    """A mosaic of `side`² cells before, the images that come, to which cells, and the classes asked for."""

    side: int
    before: Picture
    coming: tuple[tuple[str, Picture], ...]
    cells: tuple[int, ...]
    asked: tuple[str, ...]

    def after(self, case: Case) -> tuple[Picture, dict[str, Flags]]:
        """The later picture, and where each class asked for appeared in it."""
        count = _cells(case, self.side)
        image = self.before.copy()
        appeared = {label: np.zeros(image.shape[:2], bool) for label in self.asked}
        for (label, picture), cell in zip(self.coming[:count], self.cells, strict=False):
            y, x = (place * TILE for place in divmod(cell, self.side))
            image[y : y + TILE, x : x + TILE] = picture
            appeared[label][y : y + TILE, x : x + TILE] = True
        return shifted(_APPLIED[case.differs](image), case.shift_px), appeared


def evaluate_made(
    encoder: TileTextEncoder,
    rows: Sequence[DatasetImage],
    phrases: Phrases,
    bank: Sequence[str],
    seeds: int,
    *,
    side: int = SIDE,
) -> MadeChanges:
    """Of one mosaic a seed, of `side`² cells.

    Raises:
        DatasetUnreadable: too few classes have phrases, or too few images.
    """
    texts = {label: encoder.encode_texts(phrases[label][:1])[0] for label in _labels(rows, phrases)}
    vectors = encoder.encode_texts(bank)
    found: dict[Case, list[MadeCase]] = {case: [] for case in CASES}
    grid = TileGrid(side * TILE, side * TILE, 1).keys()
    keys = np.column_stack((np.ones(len(grid), np.int32), grid))
    for seed in range(seeds):
        ground = _ground(rows, tuple(texts), np.random.default_rng(seed), side)
        before = encoded(encoder, ground.before, keys)
        for case in CASES:
            image, appeared = ground.after(case)
            after = encoded(encoder, image, keys)
            found[case] += _asked(case, keys, (before, after), texts, appeared, vectors)
    return MadeChanges(seeds, len(keys), tuple(_mean(case, own) for case, own in found.items()))


def _labels(rows: Sequence[DatasetImage], phrases: Phrases) -> list[str]:
    labels = sorted({row.label for row in rows if row.label and row.label in phrases})
    if len(labels) <= ASKED:
        raise DatasetUnreadable(f"Changes need images of {ASKED + 1} classes that have phrases.")
    return labels


def _ground(
    rows: Sequence[DatasetImage], labels: tuple[str, ...], random: np.random.Generator, side: int
) -> _Mosaic:
    asked = tuple(labels[at] for at in random.permutation(len(labels))[:ASKED])
    others = [row for row in rows if row.label and row.label not in asked]
    before = [read_tile(others[at].path) for at in random.integers(len(others), size=side**2)]
    most = max(_cells(case, side) for case in CASES)
    coming = []
    for number in range(most):
        label = asked[number % ASKED]
        own = [row for row in rows if row.label == label]
        coming.append((label, read_tile(own[int(random.integers(len(own)))].path)))
    lines = [np.concatenate(before[at : at + side], axis=1) for at in range(0, side**2, side)]
    cells = tuple(random.permutation(side**2)[:most].tolist())
    return _Mosaic(side, np.concatenate(lines), tuple(coming), cells, asked)


def _cells(case: Case, side: int) -> int:
    """How many are replaced: one at least, where any is."""
    return max(1, round(case.share * side**2)) if case.share else 0


def _asked(  # noqa: PLR0917  (a mosaic)
    case: Case,
    keys: Keys,
    dates: tuple[Floats, Floats],
    texts: dict[str, Floats],
    appeared: dict[str, Flags],
    bank: Floats,
) -> Iterator[MadeCase]:
    """A question for each class that appeared; where nothing did, one for each class there is."""
    before, after = dates
    differences = Differences.of(keys, before, after)
    for label, text in texts.items():
        along = direction(text, bank)
        gone = differences.along(along, [after @ along])
        if not case.share:
            height = np.sort(WAY_THRESHOLD.changes(gone, len(keys)))[-BEST:].mean()
            yield MadeCase(case, 1, alarms=float(height >= 0))
        elif label in appeared and appeared[label].any():
            right = tile_means(appeared[label], keys) >= SHOWN
            scores = {
                "vectors": -np.einsum("ij,ij->i", before, after),
                "raw scores": (after - before) @ text,
                "change": gone,
            }
            ways = tuple(ranking_quality(name, own, right) for name, own in scores.items())
            yield MadeCase(case, 1, float(right.mean()), ways)


def _mean(case: Case, found: Sequence[MadeCase]) -> MadeCase:
    if not case.share:
        return MadeCase(case, len(found), alarms=float(np.mean([own.alarms for own in found])))
    ways = [
        RankingQuality(
            own[0].name, float(np.mean([one.ap for one in own])), float(np.mean([one.first for one in own]))
        )
        for own in zip(*(case.ways for case in found), strict=True)
    ]
    return MadeCase(case, len(found), float(np.mean([own.chance for own in found])), tuple(ways))


def made_tables(result: MadeChanges) -> list[ReportTable]:
    """What was found, and what was told of mosaics where nothing changed."""
    head = ("replaced", "differs by", "px off", "ranked by", "chance", f"p@{FIRST}", "mAP")
    changed = [
        (*_named(own.case), one.name, f"{own.chance:.3f}", f"{one.first:.2f}", f"{one.ap:.3f}")
        for own in result.cases
        for one in own.ways
    ]
    calm = [
        (*_named(own.case)[1:], str(own.questions), f"{own.alarms:.0%}")
        for own in result.cases
        if not own.case.share
    ]
    alarms = ("nothing replaced", "px off", "questions", "false alarms")
    return [ReportTable(head, tuple(changed), words=4), ReportTable(alarms, tuple(calm), words=1)]


def _named(case: Case) -> tuple[str, str, str]:
    return f"{case.share:.0%}", case.differs, str(case.shift_px)
