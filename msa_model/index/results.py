"""Hits as a vector file that QGIS and others open."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from msa_model.index.vector_file import driver_of, write_vector
from msa_model.protocol.messages import Hit
from msa_model.raster.placing import LONLAT, polygon_in, split_at_date_line


def write_hits(path: str | Path, hits: Sequence[Hit], query: str) -> None:
    """Write polygons with rank, score, scale_m, query, source and index, replacing an older file at once.

    GeoPackage in the first hit's CRS, GeoJSON in longitude and latitude (RFC 7946), where a tile on the date
    line is cut in two.

    Raises:
        BadArgument: neither .gpkg nor .geojson.
        IndexFolderReadOnly, DiskFull: the file cannot be written; an older one is as it was.
    """
    path = Path(path)
    if driver_of(path) == "GPKG":
        crs = hits[0].crs if hits else LONLAT
        write_vector(path, _polygons(hits, crs), _columns(hits, query), "Polygon", crs, "results")
    else:
        write_vector(path, _on_the_globe(hits), _columns(hits, query), "Unknown", LONLAT, "results")


def _columns(hits: Sequence[Hit], query: str) -> dict[str, NDArray[Any]]:
    return {
        "rank": np.array([hit.rank for hit in hits], np.int32),
        "score": np.array([hit.score for hit in hits], np.float64),
        "scale_m": np.array([hit.scale_m for hit in hits], np.float64),
        "query": np.array([query] * len(hits), object),
        "source": np.array([hit.source for hit in hits], object),
        "index": np.array([hit.index for hit in hits], object),
    }


def _polygons(hits: Sequence[Hit], crs: str) -> list[shapely.Polygon]:
    """Rings in `crs`, whichever CRS each hit came in."""
    return [polygon_in(hit.ring, hit.crs, crs) for hit in hits]


def _on_the_globe(hits: Sequence[Hit]) -> list[shapely.Geometry]:
    """Rings in longitude and latitude, cut at 180°."""
    return [split_at_date_line(polygon) for polygon in _polygons(hits, LONLAT)]
