"""Areas of interest: from WKT or a vector file to one valid polygon in a raster's CRS."""

from __future__ import annotations

import os
import re

import numpy as np
import pyogrio
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError

from msa_model.protocol.errors import AoiInvalid
from msa_model.protocol.messages import Aoi

_POLYGONAL = ("Polygon", "Surface", "Unknown", "GeometryCollection")  # in a layer type; curves come straight
_PIECES = 64  # an edge is cut this often before it is bent by a reprojection
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
    return _from_file(text, crs)


def aoi_in(aoi: Aoi, crs: str) -> shapely.Geometry:
    """The area as a valid polygon or multipolygon in `crs`, its edges densified before reprojection.

    Raises:
        AoiInvalid: no polygon, an unknown CRS, or a place that `crs` does not reach.
    """
    area = _polygon_of(aoi.wkt)
    source, target = _crs(aoi.crs or crs), _crs(crs)
    if source == target:
        return area
    transformer = Transformer.from_crs(source, target, always_xy=True)
    minx, miny, maxx, maxy = area.bounds
    bent = shapely.transform(
        shapely.segmentize(area, max(maxx - minx, maxy - miny) / _PIECES),
        lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])),
    )
    if not np.isfinite(shapely.get_coordinates(bent)).all():
        raise AoiInvalid("The area of interest reaches beyond the domain of the raster's CRS.")
    return _polygonal(bent)


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


def _polygon_of(wkt: str) -> shapely.Geometry:
    try:
        return _polygonal(shapely.from_wkt(wkt))
    except (shapely.errors.GEOSException, NotImplementedError) as error:  # the latter: curves
        raise AoiInvalid(f"The area of interest is no WKT polygon: {error}") from error


def _polygonal(geometry: shapely.Geometry) -> shapely.Geometry:
    """The polygons of a geometry as one valid area."""
    if not np.isfinite(shapely.get_coordinates(geometry)).all():
        raise AoiInvalid("The area of interest has coordinates that are no numbers.")
    parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(geometry)))  # multi inside a collection
    area = shapely.union_all([part for part in parts if part.geom_type == "Polygon"])
    if area.is_empty or not area.area > 0:
        raise AoiInvalid("The area of interest has no polygon with an area.")
    return area


def _from_file(path: str, crs: str | None) -> Aoi:
    try:
        for layer, kind in pyogrio.list_layers(path):
            if kind is not None and any(part in kind for part in _POLYGONAL):
                area = _from_layer(path, layer, crs)
                if area is not None:
                    return area
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise AoiInvalid(f"{path} is no vector file: {error}") from error
    raise AoiInvalid(f"{path} holds no polygons.")


def _from_layer(path: str, layer: str, crs: str | None) -> Aoi | None:
    """The area of a layer; None for one without any shape."""
    meta, _, geometry, _ = pyogrio.raw.read(path, layer=layer, columns=[], force_2d=True)
    shapes = shapely.from_wkb([wkb for wkb in geometry if wkb is not None])
    if len(shapes) == 0:
        return None
    own = meta["crs"] or crs
    if not own:
        raise AoiInvalid(f"{path} does not say which CRS its coordinates are in.")
    area = _polygonal(shapely.GeometryCollection([shapely.make_valid(shape) for shape in shapes]))
    return _checked(area.wkt, own)
