"""Lengths on the ground, measured on the ellipsoid whatever the CRS and its unit."""

from __future__ import annotations

import math

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import ProjError

from msa_model.protocol.errors import RasterWithoutCrs, RasterWithoutTransform

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
