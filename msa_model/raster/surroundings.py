"""What of the world lies around a raster, as a box in another CRS."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import shapely
from pyproj import CRS

from msa_model.protocol.errors import AoiInvalid
from msa_model.raster.placing import LONLAT, MOST_TURNS, moved, period_of, turned, wrapped

_SIDE = 33  # places looked at, either way
_MARGIN = 0.05  # of the box, for what lies between them
_POLE = 90.0
_AZIMUTHAL = ("Stereographic", "Azimuthal", "Orthographic", "Gnomonic", "Perspective", "Geostationary")
_GAP = 1e-9  # of the period, on either side of a seam


class Near(NamedTuple):
    """A box; no broader than the world."""

    x0: float
    y0: float
    x1: float
    y1: float


def surroundings(box: shapely.Polygon, crs: str, target: str) -> Near | None:
    """The box in `target` around a box in `crs`; None where the two have no place in common.

    Raises:
        ProjError: one of the CRSs is none.
    """
    x0, y0, x1, y1 = box.bounds
    xs, ys = np.meshgrid(np.linspace(x0, x1, _SIDE), np.linspace(y0, y1, _SIDE))
    centre = moved(np.array([[(x0 + x1) / 2, (y0 + y1) / 2]]), crs, target)[0]
    points = moved(np.column_stack((xs.ravel(), ys.ravel())), crs, target)
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return None
    middle = centre[0] if math.isfinite(centre[0]) else float(np.median(points[:, 0]))
    period = period_of(target)
    if period is not None:
        points[:, 0] = middle + wrapped(points[:, 0] - middle, period)
    near = _with_poles(_padded(points), _poles_within(box, crs), target)
    if period is None or near.x1 - near.x0 < period:
        return near
    return Near(middle - period / 2, near.y0, middle + period / 2, near.y1)


def area_near(area: shapely.Geometry, near: Near, period: float | None) -> shapely.Geometry:
    """The part of an area that lies in a box, whichever turn of the globe it is written at; perhaps empty.

    Raises:
        AoiInvalid: it reaches round the globe too often.
    """
    box = shapely.box(*near)
    if period is None:
        return shapely.intersection(area, box)
    x0, _, x1, _ = area.bounds
    first, last = math.ceil((near.x0 - x1) / period), math.floor((near.x1 - x0) / period)
    if last - first > MOST_TURNS:
        raise AoiInvalid("The area of interest has longitudes that reach round the globe many times.")
    parts = [turned(area, turn * period) for turn in range(first, last + 1)]
    return shapely.union_all([shapely.intersection(part, box) for part in parts])


def cut_at_seam(area: shapely.Geometry, crs: str, target: str) -> list[shapely.Geometry]:
    """An area in the pieces that a projection does not tear apart, opposite of its middle."""
    seam = _seam_of(target)
    period = period_of(crs)
    if seam is None or period is None or not CRS.from_user_input(crs).is_geographic:
        return [area]
    seam *= period / 360
    x0, y0, x1, y1 = area.bounds
    first, last = math.floor((x0 - seam) / period), math.floor((x1 - seam) / period)
    gap = period * _GAP
    strips = [
        shapely.box(seam + turn * period + gap, y0, seam + (turn + 1) * period - gap, y1)
        for turn in range(first, last + 1)
    ]
    parts = [shapely.intersection(area, strip) for strip in strips]
    return [part for part in parts if part.area > 0]


@lru_cache(maxsize=64)
def _seam_of(crs: str) -> float | None:
    """The longitude in degrees opposite of a projection's middle."""
    operation = CRS.from_user_input(crs).coordinate_operation
    if operation is None or period_of(crs) is not None or any(w in operation.method_name for w in _AZIMUTHAL):
        return None
    for parameter in operation.params:
        if parameter.name.lower().startswith("longitude of"):
            return float(parameter.value) * parameter.unit_conversion_factor / math.radians(1) + 180
    return None


def _padded(points: np.ndarray) -> Near:
    low, high = points.min(axis=0), points.max(axis=0)
    margin = (high - low) * _MARGIN
    return Near(*(low - margin).tolist(), *(high + margin).tolist())


def _poles_within(box: shapely.Polygon, crs: str) -> list[int]:
    """-1 and 1 for the poles that a box holds; a CRS in which a pole is no place has none."""
    poles = []
    for sign in (-1, 1):
        place = moved(np.array([[0.0, sign * _POLE]]), LONLAT, crs)[0]
        if np.isfinite(place).all() and period_of(crs) is None and shapely.intersects_xy(box, *place):
            poles.append(sign)
    return poles


def _with_poles(near: Near, poles: list[int], target: str) -> Near:
    """In longitudes and latitudes, what holds a pole reaches all the way round."""
    period = period_of(target)
    if period is None or not poles or not CRS.from_user_input(target).is_geographic:
        return near
    middle, pole = (near.x0 + near.x1) / 2, _POLE * period / 360
    low = -pole if -1 in poles else near.y0
    high = pole if 1 in poles else near.y1
    return Near(middle - period / 2, low, middle + period / 2, high)
