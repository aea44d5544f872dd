"""Two indexes of one lattice, compared tile by tile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pyproj.exceptions import ProjError

from msa_model.index.dates import COARSE_M, Differences, Floats, common_tiles
from msa_model.index.manifest import Manifest
from msa_model.index.rank import cosines, widened
from msa_model.jobs.open_files import OpenIndex
from msa_model.jobs.pairing import check_different, lattice_of
from msa_model.protocol.errors import BadArgument, MsaError, PointOutsideRaster
from msa_model.protocol.warning_table import EngineWarning
from msa_model.raster.coordinates import moved
from msa_model.raster.dates import date_in, date_of, month_of
from msa_model.raster.grid import Keys
from msa_model.raster.tiles import tile_boxes

_SEASON_MONTHS = 2
_GSD_RATIO = 1.5
_YEAR = 12  # months
_TINY = 1e-6


@dataclass(frozen=True)
class DatePair:
    """Two indexes and how their tiles of the same ground differ: `valid` [n] of the date that shows less.

    `rows` and `rows_after` [n] are where the tiles stand in either index.
    """

    before: OpenIndex
    after: OpenIndex
    rows: NDArray[np.int64]
    rows_after: NDArray[np.int64]
    valid: Floats
    differences: Differences
    stored: tuple[int, int]

    @classmethod
    def of(cls, before: OpenIndex, after: OpenIndex) -> DatePair:
        """The tiles that both have.

        Raises:
            not_comparable: they are of one raster, of different lattices, or have no tile in common.
        """
        check_pair(before, after)
        first, second = common_tiles(before.table.keys, after.table.keys)
        if not len(first):
            raise MsaError.of(
                "not_comparable",
                f"{before.manifest.name} and {after.manifest.name} have no indexed tile in common.",
            )
        vectors = before.table.vectors, after.table.vectors
        differences = Differences.of(before.table.keys[first], *vectors, (first, second))
        valid = np.minimum(before.table.valid[first], after.table.valid[second])
        stored = (len(before.table.keys), len(after.table.keys))
        return cls(before, after, first, second, valid, differences, stored)

    def is_of(self, before: OpenIndex, after: OpenIndex) -> bool:
        """Whether it is of these indexes, and neither has grown."""
        grown = self.stored != (len(before.table.keys), len(after.table.keys))
        return self.before is before and self.after is after and not grown

    def gone(self, came: Floats | None, went: Floats | None) -> Floats:
        """How far tiles [n] went towards what `came` and from what `went`, directions [d] of words."""
        way, seen = np.zeros(self.before.manifest.dimension, np.float32), []
        if came is not None:
            way += came
            seen.append(cosines(self.after.table.vectors, came)[self.rows_after])
        if went is not None:
            way -= went
            seen.append(cosines(self.before.table.vectors, went)[self.rows])
        return self.differences.along(way / max(float(np.linalg.norm(way)), _TINY), seen)

    def vectors(self, at: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Unit vectors [m, d] of the compared tiles `at` [m], before and after."""
        before = self.before.table.vectors[self.rows[at]]
        return widened(before), widened(self.after.table.vectors[self.rows_after[at]])

    @property
    def coarse(self) -> bool:
        """Whether the pixels of a date are so large that little of a tile changes."""
        return max(self.before.manifest.gsd_m, self.after.manifest.gsd_m) >= COARSE_M

    @property
    def tiles(self) -> int:
        """How many are compared."""
        return len(self.rows)

    def row_at(self, place: tuple[float, float], crs: str) -> int:
        """The tile around a place: of the nearest of each scale, the one that changed most.

        Raises:
            PointOutsideRaster: no compared tile covers it.
        """
        rows = nearest_rows(self.before.manifest, self.differences.keys, place, crs)
        return max(rows, key=lambda row: float(self.differences.sizes[row]))


def nearest_rows(manifest: Manifest, keys: Keys, place: tuple[float, float], crs: str) -> Sequence[int]:
    """Of tiles int32 [n, 3], where the one of each scale stands that covers a place and is nearest to it.

    Finest first; an empty `crs` means the raster's own.

    Raises:
        PointOutsideRaster: no tile covers it.
        BadArgument: `crs` is none.
    """
    try:
        point = moved(np.array([place]), crs or manifest.crs, manifest.crs)[0]
    except ProjError as error:
        raise BadArgument(f"{crs!r} is no coordinate reference system.") from error
    x, y = ~manifest.affine @ (float(point[0]), float(point[1]))
    boxes = tile_boxes(keys)
    around = (boxes[:, 0] <= x) & (x < boxes[:, 2]) & (boxes[:, 1] <= y) & (y < boxes[:, 3])
    away = np.hypot(boxes[:, 0] + boxes[:, 2] - 2 * x, boxes[:, 1] + boxes[:, 3] - 2 * y)
    factors = np.unique(keys[around, 0]).tolist()
    if not factors:
        raise PointOutsideRaster(f"No tile that the dates share lies at {place[0]:g}, {place[1]:g}.")
    return [int(np.where(around & (keys[:, 0] == factor), away, np.inf).argmin()) for factor in factors]


def check_pair(before: OpenIndex, after: OpenIndex) -> None:
    """Whether two indexes have tiles of the same ground.

    Raises:
        not_comparable: they are of one raster, do not overlap, or are of different pixels.
    """
    check_different([before.raster.path, after.raster.path])
    lattices = [lattice_of(index.manifest) for index in (before, after)]
    if not lattices[0].meets(lattices[1]):
        raise MsaError.of(
            "not_comparable",
            f"{before.manifest.name} and {after.manifest.name} do not overlap: there is no common ground.",
        )
    if not lattices[0].is_shared_by(lattices[1]):
        raise MsaError.of(
            "not_comparable",
            f"The tiles of {before.manifest.name} and {after.manifest.name} are of different pixels; "
            "lay one over the other first.",
        )


def date_of_index(index: OpenIndex) -> str:
    """The date that an index's raster tells, or only its name or its layer's title; empty where none does."""
    if index.manifest.drawn:
        return date_in(index.manifest.title)
    path = index.raster.path
    return date_of(path) if index.may_be_opened else date_in(Path(path).stem)


def pair_warnings(pair: DatePair, dates: tuple[str, str]) -> Iterator[EngineWarning]:
    """What may look like change without being one."""
    yield from _date_warnings(*dates)
    before, after = pair.before.manifest, pair.after.manifest
    yield from colour_warnings((pair.before, pair.after))
    ratio = max(before.gsd_m, after.gsd_m) / min(before.gsd_m, after.gsd_m)
    if ratio > _GSD_RATIO:
        yield EngineWarning("pixels_differ", (ratio,))
    if pair.coarse:
        yield EngineWarning("pixels_coarse", (max(before.gsd_m, after.gsd_m),))
    told = sum(pair.stored) - 2 * pair.tiles
    if told:
        yield EngineWarning("one_date_only", (told,))


def colour_warnings(dates: Sequence[OpenIndex]) -> Iterator[EngineWarning]:
    """Of one band against three."""
    if len({len(set(index.manifest.bands)) == 1 for index in dates}) > 1:
        yield EngineWarning("colours_differ")


def _date_warnings(before: str, after: str) -> Iterator[EngineWarning]:
    if not before or not after:
        kinds = ("date_unknown_before" if after else "dates_unknown", "date_unknown_after")
        yield EngineWarning(kinds[bool(before)])
    elif before == after:
        yield EngineWarning("dates_equal", texts=(before,))
    elif before > after:
        yield EngineWarning("dates_reversed", texts=(before, after))
    months = month_of(before), month_of(after)
    if months[0] is not None and months[1] is not None:
        apart = abs(months[0] - months[1])
        if min(apart, _YEAR - apart) > _SEASON_MONTHS:
            yield EngineWarning("seasons_differ", texts=(before, after))
