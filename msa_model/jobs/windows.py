"""Square windows of a raster that a user points at: around a place, or around a box.

Windows spread over a polygon of a raster, to see what it shows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from msa_model.protocol.errors import AoiInvalid, BadArgument, PointOutsideRaster
from msa_model.protocol.messages import Aoi, Bounds
from msa_model.raster.aoi import aoi_in
from msa_model.raster.grid import TILE, choose_factors
from msa_model.raster.source import Readable
from msa_model.raster.tiles import mapped

_SHORTEST_M, _LONGEST_M = 1e-3, 1e8


class PlaceRequest(Protocol):
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


def window_at(source: Readable, asked: PlaceRequest) -> Window:
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


MOST_WINDOWS = 9


def area_on(source: Readable, wkt: str, crs: str) -> shapely.Geometry:
    """A WKT polygon in `crs` as polygons in (column, row), cut to the raster; an empty `crs` is the raster's.

    Raises:
        AoiInvalid: no polygon, an unknown CRS, or a place that the raster's CRS does not reach.
        PointOutsideRaster: it does not meet the raster.
    """
    to_pixels = ~source.transform
    placed = aoi_in(Aoi(wkt, crs), source.crs, source.frame)
    frame = shapely.box(0, 0, source.width, source.height)
    try:
        area = shapely.transform(placed, lambda xy: mapped(to_pixels, xy))
        cut = shapely.intersection(shapely.make_valid(area), frame)
    except shapely.errors.GEOSException as error:
        raise AoiInvalid("The polygon cannot be cut to the raster: it reaches too far.") from error
    if not cut.area > 0:
        raise PointOutsideRaster(f"The polygon is not on {source.path}.")
    return cut


def scan_sides(source: Readable) -> tuple[int, ...]:
    """Sides in pixels of the tiles that a scan has without settings, finest first."""
    return tuple(TILE * factor for factor in choose_factors(source.gsd_m, source.width, source.height))


def fitting_sides(source: Readable, area: shapely.Geometry) -> tuple[int, ...]:
    """Those of a scan that are no larger than an area in pixels; the finest at least."""
    sides = scan_sides(source)
    return tuple(side for side in sides if side <= math.sqrt(area.area)) or sides[:1]


def spread(area: shapely.Geometry, side: float, most: int = MOST_WINDOWS) -> tuple[Window, ...]:
    """At most `most` windows of `side` px whose centres lie in an area in pixels, evenly; one at least."""
    step = max(side / 2, math.sqrt(area.area / most))
    x0, y0, x1, y1 = area.bounds
    across, down = np.meshgrid(_centres(x0, x1, side, step), _centres(y0, y1, side, step))
    points = np.column_stack((across.ravel(), down.ravel()))
    points = points[shapely.contains_xy(area, points[:, 0], points[:, 1])]
    if not len(points):
        points = shapely.get_coordinates(shapely.point_on_surface(area))
    chosen = np.unique(np.linspace(0, len(points) - 1, min(most, len(points))).round().astype(np.int64))
    return tuple(Window(float(x), float(y), side) for x, y in points[chosen])


def _centres(low: float, high: float, side: float, step: float) -> NDArray[np.float64]:
    """Middles of windows that lie between two ends, `step` apart and around the middle; one at least."""
    count = max(0, math.floor((high - low - side) / step)) + 1
    steps = np.arange(count, dtype=np.float64) - (count - 1) / 2
    return (low + high) / 2 + steps * step
