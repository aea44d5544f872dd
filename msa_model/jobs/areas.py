"""Windows spread over a polygon of a raster, to see what it shows."""

from __future__ import annotations

import math

import numpy as np
import shapely
from numpy.typing import NDArray

from msa_model.jobs.windows import Window
from msa_model.protocol.errors import AoiInvalid, PointOutsideRaster
from msa_model.protocol.messages import Aoi
from msa_model.raster.aoi import aoi_in
from msa_model.raster.grid import TILE, choose_factors
from msa_model.raster.source import Readable
from msa_model.raster.tiles import mapped

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
