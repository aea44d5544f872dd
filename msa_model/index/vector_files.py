"""Vector files that QGIS and others open: hits, coverage, and groups of tiles."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray

from msa_model.files.replacing import (
    check_replaceable,
    is_sealed,
    mark,
    replacing,
    replacing_together,
    sealed,
)
from msa_model.index.database import connect_for_reading
from msa_model.protocol.errors import BadArgument, MsaError
from msa_model.protocol.hit_filter import DATE, HIT_FIELDS, INTEGER, REAL, TEXT, hit_values
from msa_model.protocol.indexes import CoverageReply
from msa_model.protocol.messages import Hit
from msa_model.protocol.tile_groups import (
    ExploreReply,
    area_text,
    group_name,
    group_style,
)
from msa_model.raster.coordinates import LONLAT, on_globe, polygon_in

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


_STYLE = "style of groups"


def check_explored(path: Path) -> None:
    """Whether both files may be written, before any work is done; errors as of `write_explored`."""
    driver_of(path)
    check_replaceable(path, is_own_vector)
    check_replaceable(style_of(path), _is_own_style)


def style_of(path: Path) -> Path:
    """Where the style of a vector file lies."""
    return path.with_suffix(".qml")


def write_explored(path: Path, reply: ExploreReply) -> None:
    """Write a multipolygon a group, and the style: both, or neither.

    Raises:
        BadArgument: neither .gpkg nor .geojson.
        FileNotOurs: a file that is there is somebody else's, or was changed.
        folder_read_only, DiskFull, storage_failed: a file cannot be written; older ones are as they were.
    """
    driver_of(path)
    groups = reply.groups
    names = [group_name(group) for group in groups]
    columns: dict[str, NDArray[Any]] = {
        "id": np.array([group.id for group in groups], np.int32),
        "name": np.array(names, object),
        "phrase": np.array([group.phrase for group in groups], object),
        "verdict": np.array([group.verdict for group in groups], object),
        "tiles": np.array([group.tiles for group in groups], np.int32),
        "area_m2": np.array([group.area_m2 for group in groups], np.float64),
    }
    labels = [
        (group.id, f"{name} ({group.tiles:,} tiles, {area_text(group.area_m2)})")
        for group, name in zip(groups, names, strict=True)
    ]
    style = sealed(group_style(labels, f"<!-- {mark(_STYLE)} -->\n"), _STYLE)
    shapes = shapely.from_wkt([group.shape for group in groups])
    proofs = {path: is_own_vector, style_of(path): _is_own_style}
    with replacing_together(proofs, RuntimeError) as (vector_part, style_part):
        write_part(vector_part, shapes, columns, "MultiPolygon", reply.crs, "groups")
        style_part.write_bytes(style)


def _is_own_style(path: Path) -> bool:
    return is_sealed(path, _STYLE)


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
