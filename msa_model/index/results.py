"""Hits as a vector file that QGIS and others open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from msa_model.index.vector_file import driver_of, write_vector
from msa_model.protocol.hit_fields import DATE, HIT_FIELDS, INTEGER, REAL, TEXT, hit_values
from msa_model.protocol.messages import Hit
from msa_model.raster.placing import LONLAT, polygon_in

_DTYPES: dict[str, Any] = {
    INTEGER: np.int32,
    REAL: np.float64,
    TEXT: object,
    DATE: "datetime64[D]",
}  # None becomes NaN, written as null


def write_hits(
    path: str | Path, hits: Sequence[Hit], query: str, fields: Mapping[str, str] = HIT_FIELDS
) -> None:
    """Write polygons with `fields`, replacing an older file at once.

    GeoPackage in the first hit's CRS, GeoJSON in longitude and latitude (RFC 7946), where a tile on the date
    line is cut in two.

    Raises:
        BadArgument: neither .gpkg nor .geojson.
        folder_read_only, DiskFull: the file cannot be written; an older one is as it was.
    """
    path = Path(path)
    crs = hits[0].crs if hits and driver_of(path) == "GPKG" else LONLAT
    polygons = [polygon_in(hit.ring, hit.crs, crs) for hit in hits]
    write_vector(path, polygons, _columns(hits, query, fields), "Polygon", crs, "results")


def _columns(hits: Sequence[Hit], query: str, fields: Mapping[str, str]) -> dict[str, NDArray[Any]]:
    rows = [hit_values(hit, query, fields) for hit in hits]
    return {name: np.array([row[name] for row in rows], _DTYPES[kind]) for name, kind in fields.items()}
