"""Which tiles of indexes take part in a search: those of an area, of some tile sides, with enough pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msa_model.jobs.open_files import OpenIndex
from msa_model.protocol.errors import AoiOutsideRaster, BadArgument
from msa_model.protocol.hit_filter import rounded
from msa_model.protocol.messages import Aoi, SearchRequest
from msa_model.raster.grid import Keys
from msa_model.raster.tiles import area_in_pixels, tiles_in

Flags = NDArray[np.bool_]

_SAME_SIDE = 0.05  # by which a tile side may differ from one that is asked for


@dataclass(frozen=True)
class Limits:
    """What a tile must meet: see `SearchRequest`."""

    aoi: Aoi | None = None
    scales_m: tuple[float, ...] = ()
    min_valid: float = 0.0

    @classmethod
    def of(cls, request: SearchRequest) -> Limits:
        """Those of a request."""
        return cls(request.aoi, request.scales_m, request.min_valid)


def kept_tiles(indexes: Sequence[OpenIndex], limits: Limits) -> list[Flags | None]:
    """Which tiles of each index take part, bool [n]; None for all.

    Raises:
        AoiInvalid: the area is none.
        AoiOutsideRaster: it meets none of the rasters.
        BadArgument: no tile of any index has a side that was asked for.
    """
    keeps = [_with_enough_pixels(index, limits.min_valid) for index in indexes]
    if limits.scales_m:
        keeps = _of_sides(indexes, limits.scales_m, keeps)
    return keeps if limits.aoi is None else _in_area(indexes, limits.aoi, keeps)


def both(one: Flags | None, other: Flags | None) -> Flags | None:
    """What both keep."""
    if one is None or other is None:
        return other if one is None else one
    return one & other


def tiles_meeting(index: OpenIndex, aoi: Aoi, keys: Keys | None = None) -> Flags:
    """Which tiles of an index, or of `keys` [n, 3] on its lattice, belong to the area (`Aoi`), bool [n].

    Raises:
        AoiInvalid: the area is none.
        AoiOutsideRaster: it does not meet the raster.
    """
    manifest = index.manifest
    area = area_in_pixels(aoi, manifest.affine, manifest.crs, manifest.width, manifest.height)
    if not area.area > 0:
        raise AoiOutsideRaster(f"The area of interest does not meet {manifest.name}.")
    return tiles_in(index.table.keys if keys is None else keys, area, centres=aoi.centres)


def _with_enough_pixels(index: OpenIndex, least: float) -> Flags | None:
    return index.table.valid >= np.float64(least) if least > 0 else None


def _of_sides(
    indexes: Sequence[OpenIndex], scales_m: Sequence[float], keeps: Sequence[Flags | None]
) -> list[Flags | None]:
    sides = [_sides(index) for index in indexes]
    there = sorted({side for own in sides for side in own.values()})
    meant = {side for side in there if any(abs(side - scale) <= _SAME_SIDE * scale for scale in scales_m)}
    if there and not meant:
        told = ", ".join(f"{side:g}" for side in there)
        raise BadArgument(f"The index has no tiles of these sides; it has {told} m.")
    factors = [[factor for factor, side in own.items() if side in meant] for own in sides]
    return [
        both(keep, np.isin(index.table.keys[:, 0], own))
        for index, keep, own in zip(indexes, keeps, factors, strict=True)
    ]


def _sides(index: OpenIndex) -> dict[int, float]:
    """The side in metres, as hits tell it, of each factor that the index has tiles of."""
    manifest = index.manifest
    factors = np.flatnonzero(np.bincount(index.table.keys[:, 0])).tolist()
    return {factor: rounded(manifest.tile * factor * manifest.gsd_m) for factor in factors}


def _in_area(indexes: Sequence[OpenIndex], aoi: Aoi, keeps: Sequence[Flags | None]) -> list[Flags | None]:
    kept: list[Flags | None] = []
    outside: list[AoiOutsideRaster] = []
    for index, keep in zip(indexes, keeps, strict=True):
        try:
            kept.append(_meeting(index, aoi, keep))
        except AoiOutsideRaster as error:
            kept.append(np.zeros(len(index.table.keys), bool))
            outside.append(error)
    if len(outside) == len(indexes):
        raise (
            outside[0]
            if len(indexes) == 1
            else AoiOutsideRaster(f"The area of interest meets none of the {len(indexes)} rasters.")
        )
    return kept


def _meeting(index: OpenIndex, aoi: Aoi, keep: Flags | None) -> Flags:
    """Of the tiles that are kept, those that meet the area."""
    if keep is None:
        return tiles_meeting(index, aoi)
    rows = np.flatnonzero(keep)
    meeting = np.zeros(len(keep), bool)
    meeting[rows] = tiles_meeting(index, aoi, index.table.keys[rows])
    return meeting
