"""Coordinates from one CRS into another, whichever turn around the globe they are written at."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

Points = NDArray[np.float64]

LONLAT = "EPSG:4326"
MOST_TURNS = 16  # round the globe, that an area is cut at one by one
_TURN, _POLE = 360.0, 90.0
_POLAR = 75.0  # latitude beyond which the sides of a tile may be far from straight
_PIECES = 64
_AT_POLE = 1e-9  # of the period: some centimetres
_THROUGH_POLE = 179.0  # degrees of longitude between neighbours on either side of a pole
_DIGITS = 1e-7  # degrees: what GeoJSON's coordinates are rounded to
_NEXT_TO = 1.1e-6  # degrees: a little more than GDAL's own 1e-6
_CYLINDRICAL = ("Mercator", "Equidistant Cylindrical", "Cylindrical Equal Area", "Miller")
_NOT_CYLINDRICAL = ("Transverse", "Oblique", "Space")


@lru_cache(maxsize=256)
def period_of(crs: str) -> float | None:
    """After how many units of its first axis a CRS is at the same place again; None for most projections."""
    known = CRS.from_user_input(crs)
    if known.is_geographic:
        return math.tau / _unit(known)
    method = known.coordinate_operation.method_name if known.coordinate_operation else ""
    method = method.replace("_", " ")
    if any(word in method for word in _NOT_CYLINDRICAL) or not any(word in method for word in _CYLINDRICAL):
        return None
    xs = _way(LONLAT, crs).transform((0.0, 1.0, 90.0, 91.0), (0.0,) * 4)[0]
    step = min(abs(xs[1] - xs[0]), abs(xs[3] - xs[2]))
    return step * _TURN if math.isfinite(step) and step > 0 else None


def moved(points: Points, source: str, target: str, around: float | None = None) -> Points:
    """Points [n, 2] in `target`; first coordinates at the turn of the globe nearest to `around`.

    Not finite where `target` has no coordinates.

    Raises:
        ProjError: one of the CRSs is none.
    """
    out = points
    if source != target:
        out = np.column_stack(_way(source, target).transform(points[:, 0], points[:, 1]))
    period = None if around is None else period_of(target)
    if period is None or around is None:
        return out
    return np.column_stack((around + wrapped(out[:, 0] - around, period), out[:, 1]))


def wrapped(differences: NDArray[np.float64], period: float) -> NDArray[np.float64]:
    """Differences brought to less than half a period either way; those that are stay exactly as they are."""
    far = np.abs(differences) > period / 2
    brought: NDArray[np.float64] = (differences + period / 2) % period - period / 2
    return np.where(far, brought, differences)


def polygon_in(ring: Sequence[Sequence[float]], source: str, target: str) -> shapely.Polygon:
    """The polygon of an open ring in `target`, in one piece: it may reach beyond 180°, or around a pole.

    Raises:
        ProjError: one of the CRSs is none.
    """
    points = np.asarray(ring, np.float64)
    if source == target:
        return shapely.Polygon(points)
    placed = moved(points, source, target)
    period = period_of(target)
    if period is None or not np.isfinite(placed).all():
        return shapely.Polygon(placed)
    polar = np.abs(placed[:, 1]).max() > _POLAR * period / _TURN
    if (CRS.from_user_input(target).is_geographic and polar) or _is_wide(points, source):
        return _bent(points, source, target, period)
    placed[:, 0] = placed[0, 0] + wrapped(placed[:, 0] - placed[0, 0], period)
    return shapely.Polygon(placed)


def on_globe(geometry: shapely.Geometry, crs: str) -> shapely.Geometry:
    """The polygons of a geometry in longitude and latitude, as GeoJSON wants them (RFC 7946).

    Cut at 180° and at the poles, with coordinates that a GeoJSON's seven digits hold, valid as such.

    Raises:
        ProjError: the CRS is none.
    """
    parts = [part for whole in _parts(geometry) for part in _whole_on_globe(whole, crs)]
    return shapely.union_all(parts, grid_size=_DIGITS) if len(parts) > 1 else shapely.union_all(parts)


def _whole_on_globe(polygon: shapely.Polygon, crs: str) -> list[shapely.Polygon]:
    outer, *holes = (
        split_at_date_line(polygon_in(shapely.get_coordinates(ring)[:-1], crs, LONLAT))
        for ring in (polygon.exterior, *polygon.interiors)
    )
    whole = shapely.difference(outer, shapely.union_all(holes)) if holes else outer
    kept = shapely.union_all(polygons_of(shapely.transform(whole, _to_date_line)))
    return polygons_of(shapely.set_precision(kept, _DIGITS)) or polygons_of(whole)


def _to_date_line(points: Points) -> Points:
    """What is next to 180° brought there, as GDAL does when it writes: it may leave nothing of a sliver."""
    near = np.abs(np.abs(points[:, 0]) - _TURN / 2) < _NEXT_TO
    return np.column_stack((np.where(near, np.copysign(_TURN / 2, points[:, 0]), points[:, 0]), points[:, 1]))


def split_at_date_line(polygon: shapely.Polygon) -> shapely.Geometry:
    """A polygon in longitude and latitude, cut into what lies between -180 and 180 of each turn.

    What goes round the globe more often than `MOST_TURNS` is all that lies between its latitudes.
    """
    low, south, high, north = polygon.bounds
    if low >= -_TURN / 2 and high <= _TURN / 2 and south >= -_POLE and north <= _POLE:
        return polygon
    if high - low > MOST_TURNS * _TURN:
        return shapely.box(-_TURN / 2, max(south, -_POLE), _TURN / 2, min(north, _POLE))
    parts = []
    first, last = (math.floor((side + _TURN / 2) / _TURN) for side in (low, high))
    for turn in range(first, last + 1):
        shift = turn * _TURN
        world = shapely.box(shift - _TURN / 2, -_POLE, shift + _TURN / 2, _POLE)
        part = shapely.intersection(polygon, world)
        if part.area > 0:
            parts += polygons_of(turned(part, -shift))
    return shapely.union_all(parts)


def turned(geometry: shapely.Geometry, shift: float) -> shapely.Geometry:
    """A geometry moved along the first axis."""
    return shapely.transform(geometry, lambda points: points + np.array((shift, 0.0))) if shift else geometry


def _is_wide(ring: Points, crs: str) -> bool:
    """Whether a ring reaches over half of the globe and more."""
    period = period_of(crs)
    return period is not None and float(np.ptp(ring[:, 0])) > period / 2


def _bent(ring: Points, source: str, target: str, period: float) -> shapely.Polygon:
    """The polygon with sides as the projection bends them; around a pole it reaches up to it."""
    closed = shapely.LinearRing(ring)
    dense = shapely.get_coordinates(shapely.segmentize(closed, closed.length / _PIECES))
    placed = moved(dense, source, target)
    pole = math.copysign(_POLE * period / _TURN, placed[:, 1].sum())
    xs, ys, reached = _with_poles(placed, pole, period)
    xs = np.concatenate((xs[:1], xs[0] + np.cumsum(wrapped(np.diff(xs), period))))
    round_it = xs[-1] - xs[0]
    if abs(round_it) > period / 2 and reached:  # the pole is on the ring, not within
        xs[reached:] -= math.copysign(period, round_it)
    elif abs(round_it) > period / 2:
        xs, ys = np.append(xs, (xs[-1], xs[0])), np.append(ys, (pole, pole))
    polygon = shapely.Polygon(np.column_stack((xs, ys)))
    return polygon if polygon.is_valid else max(polygons_of(polygon), key=lambda part: part.area)


def _with_poles(placed: Points, pole: float, period: float) -> tuple[Points, Points, int]:
    """Columns of a ring; a pole on it is reached, and left, on the meridians of its neighbours.

    Last the row that leaves it, or 0.
    """
    kept = placed[np.abs(placed[:, 1] - pole) > _AT_POLE * period]
    if not np.array_equal(kept[0], kept[-1]):
        kept = np.vstack((kept, kept[:1]))
    xs, ys, leaving = [kept[0, 0]], [kept[0, 1]], 0
    turns = np.abs(wrapped(np.diff(kept[:, 0]), period))
    gaps = _gaps(placed, pole, period)
    for number, (x, y) in enumerate(kept[1:]):
        if turns[number] > _THROUGH_POLE * period / _TURN or number in gaps:
            leaving = len(xs) + 1
            xs += [xs[-1], x]
            ys += [pole, pole]
        xs.append(x)
        ys.append(y)
    return np.array(xs), np.array(ys), leaving


def _gaps(placed: Points, pole: float, period: float) -> set[int]:
    """After which of the points that are not at the pole one at the pole was left out."""
    at_pole = np.abs(placed[:, 1] - pole) <= _AT_POLE * period
    before = np.cumsum(~at_pole)
    return {int(count) - 1 for count in before[at_pole]}


def polygons_of(geometry: shapely.Geometry) -> list[shapely.Polygon]:
    """The polygons of a geometry, each made valid by itself: parts that overlap may still do so."""
    valid = (shapely.make_valid(part) for part in _parts(geometry) if part.geom_type == "Polygon")
    return [part for whole in valid for part in _parts(whole) if part.geom_type == "Polygon"]


def _parts(geometry: shapely.Geometry) -> Iterator[shapely.Geometry]:
    """The single parts of a collection, of collections within it, too."""
    for part in shapely.get_parts(geometry):
        yield from _parts(part) if hasattr(part, "geoms") else (part,)


def _unit(crs: CRS) -> float:
    """Radians in a unit of a geographic CRS."""
    plain = crs.source_crs if crs.is_bound and crs.source_crs else crs
    return float(plain.axis_info[0].unit_conversion_factor) or math.radians(1)


@lru_cache(maxsize=64)
def _way(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)
