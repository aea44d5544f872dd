"""Vector files that QGIS and others open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyogrio
import shapely
from numpy.typing import NDArray

from msa_model.index.replacing import replacing
from msa_model.protocol.errors import BadArgument

_OPTIONS = {
    "GeoJSON": {"RFC7946": "YES"},
    "GPKG": {"VERSION": "1.3"},
}  # 1.4 makes the GDAL of QGIS 3.22 complain
_DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".json": "GeoJSON"}


def driver_of(path: Path) -> str:
    """GDAL's name for the format that the file's ending says.

    Raises:
        BadArgument: neither .gpkg nor .geojson.
    """
    driver = _DRIVERS.get(path.suffix.lower())
    if driver is None:
        raise BadArgument(f"{path} must end in .gpkg or .geojson.")
    return driver


def write_vector(  # noqa: PLR0917  (the parts of a layer)
    path: Path,
    geometries: Sequence[shapely.Geometry],
    columns: Mapping[str, NDArray[Any]],
    geometry_type: str,
    crs: str,
    layer: str,
) -> None:
    """Write a layer, replacing an older file at once; GeoJSON comes out in longitude and latitude.

    Raises:
        BadArgument: neither .gpkg nor .geojson.
        IndexFolderReadOnly, DiskFull: the file cannot be written; an older one is as it was.
    """
    driver = driver_of(path)
    with replacing(path, RuntimeError) as part:
        pyogrio.raw.write(
            part,
            shapely.to_wkb(geometries),
            list(columns.values()),
            list(columns),
            geometry_type=geometry_type,
            crs=crs,
            driver=driver,
            layer=layer,
            **_OPTIONS[driver],
        )
