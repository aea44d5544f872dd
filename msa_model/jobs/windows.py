"""Square windows of a raster that a user points at: around a place, or around a box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import shapely

from msa_model.protocol.errors import BadArgument, PointOutsideRaster
from msa_model.protocol.messages import Aoi, Bounds
from msa_model.raster.aoi import aoi_in
from msa_model.raster.grid import TILE, choose_factors
from msa_model.raster.source import Readable
from msa_model.raster.tiles import mapped

_SHORTEST_M, _LONGEST_M = 1e-3, 1e8


class Pointed(Protocol):
    """The fields of a request that say where to look."""

    @property
    def crs(self) -> str:
        """Of point and bounds; empty means the raster's own."""

    @property
    def point(self) -> tuple[float, float] | None:
        """The window's centre."""

    @property
    def bounds(self) -> Bounds | None:
        """A box that the window holds."""

    @property
    def scale_m(self) -> float | None:
        """The window's side around a point, in metres; by default that of a scan's finest tiles."""


@dataclass(frozen=True)
class Window:
    """A square of a raster: centre and side in its pixels."""

    x: float
    y: float
    side: float

    @property
    def corner(self) -> tuple[float, float]:
        """Its upper left."""
        return self.x - self.side / 2, self.y - self.side / 2


def window_at(source: Readable, asked: Pointed) -> Window:
    """The window that is asked for.

    Raises:
        PointOutsideRaster: the point is not on the raster, or cannot be reprojected.
        AoiInvalid: nor can the bounds.
        BadArgument: neither or both of point and bounds, or a number that makes no sense.
    """
    if asked.scale_m is not None:
        check_side(asked.scale_m)
    if asked.bounds is not None and asked.point is None:
        return _window_of_bounds(source, asked.bounds, asked.crs or source.crs)
    if asked.point is None or asked.bounds is not None:
        raise BadArgument("A place needs either a point or bounds.")
    x, y = source.pixel_of(asked.point, asked.crs or source.crs)
    return Window(x, y, _side(source, asked.scale_m))


def check_side(scale_m: float) -> None:
    """Refuses what is no side of a window on Earth.

    Raises:
        BadArgument: no positive number of metres, or one out of all proportion.
    """
    if not _SHORTEST_M <= scale_m <= _LONGEST_M:
        raise BadArgument(f"A window's side must be a positive number of metres on Earth, not {scale_m}.")


def _side(source: Readable, scale_m: float | None) -> float:
    """The side in pixels; the finest scale of a scan by default."""
    if scale_m is not None:
        return scale_m / source.gsd_m
    return float(TILE * choose_factors(source.gsd_m, source.width, source.height)[0])


def _window_of_bounds(source: Readable, bounds: Bounds, crs: str) -> Window:
    x0, y0, x1, y1 = bounds
    if not (x0 < x1 and y0 < y1):
        raise BadArgument(f"Bounds are minx, miny, maxx, maxy, not {bounds}.")
    area = aoi_in(Aoi(shapely.box(*bounds).wkt, crs), source.crs, source.frame)
    if area.is_empty:
        raise PointOutsideRaster(f"The bounds {bounds} ({crs}) are not on {source.path}.")
    pixels = mapped(~source.transform, shapely.get_coordinates(area))
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    x, y = (low + high) / 2
    return Window(float(x), float(y), float((high - low).max()))
