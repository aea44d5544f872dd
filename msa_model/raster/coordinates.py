"""Coordinates in other CRSs, whichever turn around the globe they mean, and lengths on the ground."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import ProjError

from msa_model.protocol.errors import RasterWithoutCrs, RasterWithoutTransform

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
    """Differences [n] brought to within half a period either way; those that are stay exactly as they are."""
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


_WGS84 = Geod(ellps="WGS84")
_BASELINE_PX = 64.0  # half of it: long enough for lon/lat rounding, short enough to be local


def ground_sample_m(path: str, transform: Affine, crs: str, width: int, height: int) -> float:
    """Pixel side in metres: geometric mean of both axes, at the raster's centre.

    Raises:
        RasterWithoutCrs: the CRS is a local one that no place on Earth corresponds to, or not of the ground.
        RasterWithoutTransform: the raster's centre lies outside its CRS's domain.
    """
    try:
        known = CRS.from_user_input(crs)
        to_lonlat = Transformer.from_crs(known, "EPSG:4326", always_xy=True)
    except ProjError as error:
        raise RasterWithoutCrs(f"{path} has a CRS that cannot be tied to the ground: {error}") from error
    if known.is_geocentric or known.is_vertical:
        raise RasterWithoutCrs(f"{path} has a CRS without two axes on the ground: {known.name}.")
    x, y = width / 2, height / 2
    half_x, half_y = min(_BASELINE_PX, width / 2), min(_BASELINE_PX, height / 2)
    across = _distance_m(to_lonlat, transform @ (x - half_x, y), transform @ (x + half_x, y)) / (2 * half_x)
    down = _distance_m(to_lonlat, transform @ (x, y - half_y), transform @ (x, y + half_y)) / (2 * half_y)
    gsd = math.sqrt(across * down) if across > 0 and down > 0 else math.nan
    if not math.isfinite(gsd):
        raise RasterWithoutTransform(f"The coordinates of {path} lie outside the area of its CRS.")
    return gsd


def _distance_m(to_lonlat: Transformer, a: tuple[float, float], b: tuple[float, float]) -> float:
    """Geodesic metres between two places in the CRS's coordinates; nan outside its domain."""
    lons, lats = to_lonlat.transform((a[0], b[0]), (a[1], b[1]))
    if not all(map(math.isfinite, (*lons, *lats))) or max(map(abs, lats)) > 90:  # noqa: PLR2004
        return math.nan
    return float(_WGS84.inv(lons[0], lats[0], lons[1], lats[1])[2])


def area_ha(area: shapely.Geometry, crs: str) -> float:
    """Hectares on the ellipsoid of polygons in `crs`."""
    to_lonlat = Transformer.from_crs(CRS.from_user_input(crs), "EPSG:4326", always_xy=True)
    lonlat = shapely.transform(area, lambda xy: np.column_stack(to_lonlat.transform(xy[:, 0], xy[:, 1])))
    parts = [part for part in shapely.get_parts(lonlat) if part.geom_type == "Polygon"]
    return sum(abs(_WGS84.geometry_area_perimeter(shapely.normalize(part))[0]) for part in parts) / 10_000


def areas_m2(rings: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    """Square metres on the ellipsoid of rings [n, k, 2] in `crs`; not finite outside its domain."""
    to_lonlat = Transformer.from_crs(CRS.from_user_input(crs), "EPSG:4326", always_xy=True)
    lons, lats = to_lonlat.transform(rings[..., 0], rings[..., 1])
    known = np.isfinite(lons).all(axis=1) & np.isfinite(lats).all(axis=1)
    sizes = [
        abs(_WGS84.polygon_area_perimeter(lon, lat)[0]) if good else math.nan
        for lon, lat, good in zip(lons, lats, known, strict=True)
    ]
    return np.array(sizes)
