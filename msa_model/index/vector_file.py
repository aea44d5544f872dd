"""Vector files that QGIS and others open."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import pyogrio
import shapely
from numpy.typing import NDArray

from msa_model.files.replacing import replacing
from msa_model.files.seal import is_sealed, mark, sealed
from msa_model.index.database import connect_for_reading
from msa_model.protocol.errors import BadArgument, MsaError
from msa_model.raster.placing import LONLAT, on_globe

_MADE = "vector file"
_MARK = "MSA_SEARCH"
_OPTIONS: dict[str, dict[str, Any]] = {
    "GeoJSON": {"RFC7946": "YES"},
    "GPKG": {"VERSION": "1.3", "layer_metadata": {_MARK: mark(_MADE)}},
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
    """Write a layer of polygons, replacing an older file of ours at once.

    GeoJSON comes out in longitude and latitude, cut at 180° (RFC 7946).

    Raises:
        BadArgument: neither .gpkg nor .geojson.
        FileNotOurs: the older file is somebody else's, or was changed.
        folder_read_only, DiskFull, storage_failed: the file cannot be written; an older one is as it was.
    """
    with replacing(path, is_own_vector, RuntimeError) as part:
        write_part(part, geometries, columns, geometry_type, crs, layer)


def write_part(  # noqa: PLR0917  (the parts of a layer)
    part: Path,
    geometries: Sequence[shapely.Geometry],
    columns: Mapping[str, NDArray[Any]],
    geometry_type: str,
    crs: str,
    layer: str,
) -> None:
    """What `write_vector` writes, into a file of a `replacing` whose failure is RuntimeError."""
    driver, content = driver_of(part), BytesIO()
    if driver == "GeoJSON":
        geometries, geometry_type = [on_globe(geometry, crs) for geometry in geometries], "Unknown"
        crs = LONLAT
    pyogrio.raw.write(  # in memory: pyogrio takes '!' and ';' in a name for parts of an address
        content,
        shapely.to_wkb(geometries),
        list(columns.values()),
        list(columns),
        geometry_type=geometry_type,
        crs=crs,
        driver=driver,
        layer=layer,
        **_OPTIONS[driver],
    )
    seal = _sealed_json if driver == "GeoJSON" else _sealed_geopackage
    part.write_bytes(seal(content.getvalue()))


def is_own_vector(path: Path) -> bool:
    """Whether `write_vector` wrote the file, and nothing of it was added to or changed since."""
    if driver_of(path) == "GeoJSON":
        return is_sealed(path, _MADE)
    try:
        with closing(connect_for_reading(path)) as connection:
            return _stored_mark(connection) == _true_mark(connection)
    except (MsaError, sqlite3.Error):
        return False


def _sealed_json(content: bytes) -> bytes:
    return sealed(content.decode().replace("{", '{\n"made_by": "' + mark(_MADE) + '",', 1), _MADE)


def _sealed_geopackage(content: bytes) -> bytes:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(content)
        with connection:
            connection.execute(
                "UPDATE gpkg_metadata SET metadata = replace(metadata, ?, ?)",
                (mark(_MADE), _true_mark(connection)),
            )
        return connection.serialize()


def _stored_mark(connection: sqlite3.Connection) -> str | None:
    rows = connection.execute("SELECT metadata FROM gpkg_metadata LIMIT 2").fetchall()
    text = str(rows[0][0]) if len(rows) == 1 else ""
    start, end = text.find(f'"{_MARK}">'), text.find("</MDI>")
    return text[start + len(_MARK) + 3 : end] if 0 <= start < end else None


def _true_mark(connection: sqlite3.Connection) -> str:
    """The mark with the checksum of every table that is not the format's own."""
    digest = hashlib.sha256()
    for name, sql in connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'gpkg~_%' ESCAPE '~'"
        " AND name NOT LIKE 'sqlite~_%' ESCAPE '~' AND name NOT LIKE 'rtree~_%' ESCAPE '~' ORDER BY name"
    ).fetchall():
        digest.update(f"{name}\n{sql}\n".encode())
        for row in connection.execute(f'SELECT * FROM "{name}"'):  # noqa: S608  # nosec B608
            digest.update(repr(row).encode())
    return mark(_MADE).replace("0" * 64, digest.hexdigest())
