"""Areas of interest: from WKT or a vector file to one valid polygon in a raster's CRS.

What of the world lies around a raster, as a box in another CRS.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pyogrio
import shapely
from affine import Affine
from numpy.typing import NDArray
from pyogrio.util import vsi_path
from pyproj import CRS
from pyproj.exceptions import ProjError

from msa_model.protocol.errors import AoiInvalid
from msa_model.protocol.messages import Aoi
from msa_model.raster.coordinates import LONLAT, MOST_TURNS, moved, period_of, polygons_of, turned, wrapped

_SIDE = 33  # places looked at, either way
_MARGIN = 0.05  # of the box, for what lies between them
_POLE = 90.0
_AZIMUTHAL = ("Stereographic", "Azimuthal", "Orthographic", "Gnomonic", "Perspective", "Geostationary")
_GAP = 1e-9  # of the period, on either side of a seam


class WorldBox(NamedTuple):
    """A box; no broader than the world."""

    x0: float
    y0: float
    x1: float
    y1: float


def surroundings(box: shapely.Polygon, crs: str, target: str) -> WorldBox | None:
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
    return WorldBox(middle - period / 2, near.y0, middle + period / 2, near.y1)


def area_near(area: shapely.Geometry, near: WorldBox, period: float | None) -> shapely.Geometry:
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


def _padded(points: np.ndarray) -> WorldBox:
    low, high = points.min(axis=0), points.max(axis=0)
    margin = (high - low) * _MARGIN
    return WorldBox(*(low - margin).tolist(), *(high + margin).tolist())


def _poles_within(box: shapely.Polygon, crs: str) -> list[int]:
    """-1 and 1 for the poles that a box holds; a CRS in which a pole is no place has none."""
    poles = []
    for sign in (-1, 1):
        place = moved(np.array([[0.0, sign * _POLE]]), LONLAT, crs)[0]
        if np.isfinite(place).all() and period_of(crs) is None and shapely.intersects_xy(box, *place):
            poles.append(sign)
    return poles


def _with_poles(near: WorldBox, poles: list[int], target: str) -> WorldBox:
    """In longitudes and latitudes, what holds a pole reaches all the way round."""
    period = period_of(target)
    if period is None or not poles or not CRS.from_user_input(target).is_geographic:
        return near
    middle, pole = (near.x0 + near.x1) / 2, _POLE * period / 360
    low = -pole if -1 in poles else near.y0
    high = pole if 1 in poles else near.y1
    return WorldBox(middle - period / 2, low, middle + period / 2, high)


_POLYGONAL = ("Polygon", "Surface", "Unknown", "GeometryCollection")  # in a layer type; curves come straight
_PIECES = 64  # an edge is cut this often before it is bent by a reprojection
_ANY_BYTES = "ISO-8859-1"  # each byte is a character of it
_CELLS = 32  # either way, where a CRS has no coordinates for some of an area
_EWKT = re.compile(r"\s*SRID=(\d+);(.*)", re.DOTALL | re.IGNORECASE)
_WKT = re.compile(r"\s*(MULTI)?(POLYGON|SURFACE|GEOMETRYCOLLECTION|POINT|LINESTRING)\b", re.IGNORECASE)


def parse_aoi(text: str, crs: str | None) -> Aoi:
    """The area that `text` names: WKT (or EWKT), or a vector file, whose polygons are united.

    `crs` is that of the WKT, or of a file that names none. Without any, WKT is in the raster's own CRS
    (an `Aoi` with an empty `crs`).

    Raises:
        AoiInvalid: neither WKT nor a file with polygons and a CRS.
    """
    if match := _EWKT.match(text):
        return _checked(match[2], f"EPSG:{match[1]}")
    if _WKT.match(text):
        return _checked(text, crs or "")
    if not os.path.exists(text) and not text.startswith("/vsi"):
        raise AoiInvalid(f"{text!r} is neither a WKT polygon nor a vector file.")
    if os.path.exists(text) and not (os.path.isfile(text) or os.path.isdir(text)):
        raise AoiInvalid(f"{text!r} is a pipe or a device, not a vector file.")
    return _from_file(text, crs)


def vector_name(path: str) -> str:
    """A vector file's name as pyogrio leaves it whole: it takes '!' and ';' for parts of an address."""
    whole = not os.path.isfile(path) or vsi_path(path) == path
    return path if whole else f"/vsisubfile/0,{os.path.abspath(path)}"


def frame_of(transform: Affine, width: int, height: int) -> shapely.Polygon:
    """The outline of a raster in its CRS."""
    return shapely.Polygon(
        [transform @ corner for corner in ((0, 0), (width, 0), (width, height), (0, height))]
    )


def aoi_in(aoi: Aoi, crs: str, frame: shapely.Polygon) -> shapely.Geometry:
    """The area as a valid polygon or multipolygon in `crs`, cut to the surroundings of a raster's `frame`.

    Empty where it lies elsewhere. What is far away may lie where `crs` has no coordinates; longitudes may be
    written at any turn of the globe. Edges are densified before reprojection.

    Raises:
        AoiInvalid: no polygon, or an unknown CRS.
    """
    area = _polygon_of(aoi.wkt)
    source = aoi.crs or crs
    if _crs(source) == _crs(crs):
        return area_near(area, WorldBox(*_grown(frame, crs)), period_of(crs))
    return _brought(area, source, crs, frame)


def _brought(area: shapely.Geometry, source: str, crs: str, frame: shapely.Polygon) -> shapely.Geometry:
    """The part of an area around a frame, in the frame's CRS."""
    near = surroundings(shapely.box(*_grown(frame, crs)), crs, source)
    if near is None:
        raise AoiInvalid("The area of interest and the raster lie in CRSs that do not go together.")
    part = area_near(area, near, period_of(source))
    if part.is_empty:
        return part
    around = frame.centroid.x
    pieces = cut_at_seam(part, source, crs)
    bent = [_bent(piece, source, crs, around) for piece in pieces]
    if not all(np.isfinite(shapely.get_coordinates(piece)).all() for piece in bent):
        bent = [_bent_in_cells(piece, source, crs, around) for piece in pieces]
    return shapely.union_all([polygon for piece in bent for polygon in polygons_of(piece)])


def _bent(area: shapely.Geometry, source: str, crs: str, around: float) -> shapely.Geometry:
    x0, y0, x1, y1 = area.bounds
    dense = shapely.segmentize(area, max(x1 - x0, y1 - y0) / _PIECES)
    return shapely.transform(dense, lambda points: moved(points, source, crs, around))


def _bent_in_cells(area: shapely.Geometry, source: str, crs: str, around: float) -> shapely.Geometry:
    """What of an area has coordinates in `crs`, to a fraction of its size."""
    x0, y0, x1, y1 = area.bounds
    xs, ys = np.linspace(x0, x1, _CELLS + 1), np.linspace(y0, y1, _CELLS + 1)
    left, low = np.meshgrid(xs[:-1], ys[:-1])
    right, high = np.meshgrid(xs[1:], ys[1:])
    cells = shapely.box(left.ravel(), low.ravel(), right.ravel(), high.ravel())
    shapely.prepare(area)
    pieces = shapely.intersection(area, cells[shapely.intersects(area, cells)])
    bent = [_bent(piece, source, crs, around) for piece in pieces if piece.area > 0]
    whole = [part for part in bent if np.isfinite(shapely.get_coordinates(part)).all()]
    return shapely.union_all([polygon for part in whole for polygon in polygons_of(part)])


def _grown(frame: shapely.Polygon, crs: str) -> tuple[float, float, float, float]:
    """A box around a frame, its size broader on each side, but no broader than the world."""
    x0, y0, x1, y1 = frame.bounds
    across, down = x1 - x0, y1 - y0
    period = period_of(crs)
    if period is not None:
        across = max(0.0, min(across, (period - across) / 2))
    return x0 - across, y0 - down, x1 + across, y1 + down


def _checked(wkt: str, crs: str) -> Aoi:
    area = _polygon_of(wkt)
    if crs:
        _crs(crs)
    return Aoi(area.wkt, crs)


def _crs(text: str) -> CRS:
    try:
        return CRS.from_user_input(text)
    except ProjError as error:
        raise AoiInvalid(f"{text!r} is no coordinate reference system.") from error


def geometry_of(wkt: str) -> shapely.Geometry:
    """What a WKT says.

    Raises:
        AoiInvalid: it is none, or of a kind that cannot be read, such as curves.
    """
    with _understood():
        return shapely.from_wkt(wkt)


@contextmanager
def _understood() -> Iterator[None]:
    try:
        yield
    except (shapely.errors.GEOSException, NotImplementedError) as error:  # the latter: curves
        why = str(error) or "it is no text"  # half a character
        raise AoiInvalid(f"The area of interest is no WKT polygon: {why}") from error


def _polygon_of(wkt: str) -> shapely.Geometry:
    with _understood():
        return _polygonal(geometry_of(wkt))


def _polygonal(geometry: shapely.Geometry) -> shapely.Geometry:
    """The polygons of a geometry as one valid area."""
    if not np.isfinite(shapely.get_coordinates(geometry)).all():
        raise AoiInvalid("The area of interest has coordinates that are no numbers.")
    area = shapely.union_all(polygons_of(geometry))
    if area.is_empty or not area.area > 0:
        raise AoiInvalid("The area of interest has no polygon with an area.")
    return area


def _from_file(path: str, crs: str | None) -> Aoi:
    try:
        for layer, kind in pyogrio.list_layers(vector_name(path)):
            if kind is not None and any(part in kind for part in _POLYGONAL):
                area = _from_layer(path, layer, crs)
                if area is not None:
                    return area
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise AoiInvalid(f"{path} is no vector file: {error}") from error
    raise AoiInvalid(f"{path} holds no polygons.")


def _from_layer(path: str, layer: str, crs: str | None) -> Aoi | None:
    """The area of a layer; None for one without any shape."""
    meta, geometry = _read(vector_name(path), layer)
    shapes = shapely.from_wkb([wkb for wkb in geometry if wkb is not None])
    if len(shapes) == 0:
        return None
    own = meta["crs"] or crs
    if not own:
        raise AoiInvalid(f"{path} does not say which CRS its coordinates are in.")
    area = _polygonal(shapely.GeometryCollection([shapely.make_valid(shape) for shape in shapes]))
    return _checked(area.wkt, own)


def _read(name: str, layer: str) -> tuple[dict[str, Any], NDArray[Any]]:
    """What a layer says of itself, and its shapes as WKB; whatever encoding its fields' names are in."""
    options: dict[str, Any] = {"layer": layer, "columns": [], "force_2d": True}
    try:
        meta, _, geometry, _ = pyogrio.raw.read(name, **options)
    except UnicodeDecodeError:
        meta, _, geometry, _ = pyogrio.raw.read(name, **options, encoding=_ANY_BYTES)
    return meta, geometry
