"""What is indexed as a vector file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from msa_model.index.vector_file import write_vector
from msa_model.protocol.indexes import CoverageReply


def write_coverage(path: str | Path, reply: CoverageReply) -> None:
    """Write multipolygons with scale_m, tiles and source, replacing an older file at once.

    Raises:
        BadArgument: neither .gpkg nor .geojson.
        folder_read_only, DiskFull: the file cannot be written; an older one is as it was.
    """
    columns: dict[str, NDArray[Any]] = {
        "scale_m": np.array([area.scale_m for area in reply.areas], np.float64),
        "tiles": np.array([area.tiles for area in reply.areas], np.int32),
        "source": np.array([reply.source] * len(reply.areas), object),
    }
    areas = shapely.from_wkt([area.wkt for area in reply.areas])
    write_vector(Path(path), areas, columns, "MultiPolygon", reply.crs, "coverage")
