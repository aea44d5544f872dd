"""What is indexed as a vector file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio
import shapely

from msa_model.index.replacing import replacing
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.indexes import CoverageReply

_OPTIONS = {"GeoJSON": {"RFC7946": "YES"}, "GPKG": {"VERSION": "1.3"}}  # the former in lon/lat
_DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".json": "GeoJSON"}


def write_coverage(path: str | Path, reply: CoverageReply) -> None:
    """Write multipolygons with scale_m, tiles and source, replacing an older file at once.

    Raises:
        BadArgument: neither .gpkg nor .geojson.
        IndexFolderReadOnly, DiskFull: the file cannot be written; an older one is as it was.
    """
    path = Path(path)
    driver = _DRIVERS.get(path.suffix.lower())
    if driver is None:
        raise BadArgument(f"{path} must end in .gpkg or .geojson.")
    columns = {
        "scale_m": np.array([area.scale_m for area in reply.areas], np.float64),
        "tiles": np.array([area.tiles for area in reply.areas], np.int32),
        "source": np.array([reply.source] * len(reply.areas), object),
    }
    with replacing(path, RuntimeError) as part:
        pyogrio.raw.write(
            part,
            shapely.to_wkb(shapely.from_wkt([area.wkt for area in reply.areas])),
            list(columns.values()),
            list(columns),
            geometry_type="MultiPolygon",
            crs=reply.crs,
            driver=driver,
            layer="coverage",
            **_OPTIONS[driver],
        )
