"""The index file as a GeoPackage, written with plain SQLite.

QGIS and OGR see the layer `coverage` (what was scanned) and the table `msa_manifest`; the vectors lie in
`msa_blocks`, one row per batch. Indexes of format 1 may have a column `scales` there: nothing reads it.

What every GeoPackage 1.3 (OGC 12-128r17) that is written with plain SQLite begins with.

No spatial index: its triggers need functions that plain SQLite lacks.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterable

import numpy as np
import shapely
from affine import Affine
from pyproj import CRS
from pyproj.exceptions import CRSError

from msa_model.index.checksums import create_digests
from msa_model.index.manifest import Manifest
from msa_model.protocol.messages import Bounds
from msa_model.raster.grid import Keys
from msa_model.raster.tiles import box_rings, mapped, tile_boxes

_APPLICATION_ID = 0x47504B47  # 'GPKG'
_USER_VERSION = 10300
_OWN_SRS_ID = 100_000  # for a CRS that has no EPSG number
_GEOMETRY_HEADER = struct.Struct("<2sBBi")  # magic, version, flags, srs_id
_LITTLE_ENDIAN_NO_ENVELOPE = 0b1

_CORE_SCHEMA = """
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
"""


def create_core(connection: sqlite3.Connection, crs: str) -> int:
    """Make the standard's own tables in an empty database, within the caller's transaction; the srs_id."""
    connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {_USER_VERSION}")
    create_tables(connection, _CORE_SCHEMA)
    return _write_reference_systems(connection, crs)


def create_tables(connection: sqlite3.Connection, schema: str) -> None:
    """Run statements that end with ';' and a line break, within the caller's transaction."""
    for statement in schema.split(";\n"):
        connection.execute(statement)


def add_layer(
    connection: sqlite3.Connection, table: str, geometry: str, srs_id: int, bounds: Bounds | None
) -> None:
    """Register a table whose column `geom` holds `geometry`, such as 'POLYGON'."""
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, min_x, min_y, max_x, max_y, srs_id)"
        " VALUES (?, 'features', ?, ?, ?, ?, ?, ?)",
        (table, table, *(bounds or (None,) * 4), srs_id),
    )
    connection.execute(
        "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, 0, 0)", (table, geometry, srs_id)
    )


def add_attributes(connection: sqlite3.Connection, tables: Iterable[str]) -> None:
    """Register tables without geometry."""
    connection.executemany(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id)"
        " VALUES (?, 'attributes', ?, 0)",
        [(table, table) for table in tables],
    )


def touch(connection: sqlite3.Connection, table: str) -> None:
    """Note that a table has changed."""
    connection.execute(
        "UPDATE gpkg_contents SET last_change = strftime('%Y-%m-%dT%H:%M:%fZ','now') WHERE table_name = ?",
        (table,),
    )


def geometry_blob(geometry: shapely.Geometry, srs_id: int) -> bytes:
    """GeoPackageBinary: header without envelope, then WKB."""
    header = _GEOMETRY_HEADER.pack(b"GP", 0, _LITTLE_ENDIAN_NO_ENVELOPE, srs_id)
    return header + bytes(shapely.to_wkb(geometry, byte_order=1))


def geometry_of(blob: bytes) -> shapely.Geometry:
    """The geometry of a blob that `geometry_blob` made."""
    return shapely.from_wkb(blob[_GEOMETRY_HEADER.size :])


def _write_reference_systems(connection: sqlite3.Connection, crs: str) -> int:
    """The three rows that the standard wants, and the raster's own; its srs_id."""
    known = CRS.from_user_input(crs)
    code = known.to_epsg() if crs.startswith("EPSG:") else None
    rows = {
        -1: ("Undefined Cartesian", -1, "NONE", -1, "undefined", None),
        0: ("Undefined geographic", 0, "NONE", 0, "undefined", None),
        4326: ("WGS 84 geodetic", 4326, "EPSG", 4326, _wkt1(CRS.from_epsg(4326)), None),
    }
    srs_id = code or _OWN_SRS_ID
    organization = "EPSG" if code else "NONE"
    rows.setdefault(srs_id, (known.name, srs_id, organization, srs_id, _wkt1(known), None))
    connection.executemany("INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", rows.values())
    return srs_id


def _wkt1(crs: CRS) -> str:
    """WKT 1 as the standard wants; WKT 2 for what it cannot say (OGR reads both)."""
    try:
        return crs.to_wkt("WKT1_GDAL")
    except CRSError:
        return crs.to_wkt()


_SCHEMA = """
CREATE TABLE coverage (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom MULTIPOLYGON, scale_m DOUBLE, factor INTEGER,
  tiles INTEGER);
CREATE TABLE msa_manifest (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, name TEXT UNIQUE, value TEXT);
CREATE TABLE msa_blocks (
  block INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, tiles INTEGER NOT NULL, keys BLOB NOT NULL,
  vectors BLOB NOT NULL, valid BLOB NOT NULL, skipped_keys BLOB NOT NULL, least_valid REAL, checks BLOB);
"""


def create_schema(connection: sqlite3.Connection, manifest: Manifest) -> None:
    """Make the tables of an empty database but for the manifest's rows, within the caller's transaction."""
    srs_id = create_core(connection, manifest.crs)
    create_tables(connection, _SCHEMA)
    create_digests(connection)
    whole = np.array([[0.0, 0.0, manifest.width, manifest.height]])
    (x0, y0), (x1, y1) = (
        edge(box_rings(manifest.affine, whole)[0], axis=0).tolist() for edge in (np.min, np.max)
    )
    add_layer(connection, "coverage", "MULTIPOLYGON", srs_id, (x0, y0, x1, y1))
    add_attributes(connection, ["msa_manifest"])


def add_missing_columns(connection: sqlite3.Connection) -> None:
    """Give an index of an earlier version what it lacks, within the caller's transaction."""
    create_digests(connection)
    found = {name for _, name, *_ in connection.execute("PRAGMA table_info(msa_blocks)")}
    for name, kind in (("least_valid", "REAL"), ("checks", "BLOB")):
        if name not in found:
            connection.execute(f"ALTER TABLE msa_blocks ADD COLUMN {name} {kind}")


def add_coverage(connection: sqlite3.Connection, manifest: Manifest, keys: Keys) -> None:
    """Add the union of the tiles' squares, a row per scale, within the caller's transaction."""
    srs_id = connection.execute("SELECT srs_id FROM gpkg_geometry_columns").fetchone()[0]
    for factor in np.unique(keys[:, 0]).tolist():
        level = keys[keys[:, 0] == factor]
        blob = geometry_blob(_union(manifest.affine, level), srs_id)
        connection.execute(
            "INSERT INTO coverage (geom, scale_m, factor, tiles) VALUES (?, ?, ?, ?)",
            (blob, manifest.scale_m(factor), factor, len(level)),
        )
    touch(connection, "coverage")


def _union(transform: Affine, keys: Keys) -> shapely.Geometry:
    area = shapely.union_all(shapely.box(*tile_boxes(keys).T))
    placed = shapely.transform(area, lambda xy: mapped(transform, xy))
    return placed if placed.geom_type == "MultiPolygon" else shapely.MultiPolygon([placed])
