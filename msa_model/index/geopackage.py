"""The index file as a GeoPackage, written with plain SQLite.

QGIS and OGR see the layer `coverage` (what was scanned) and the table `msa_manifest`; the vectors lie in
`msa_blocks`, one row per batch. Indexes of format 1 may have a column `scales` there: nothing reads it.
"""

from __future__ import annotations

import sqlite3

import numpy as np
import shapely
from affine import Affine

from msa_model.index.digests import create_digests
from msa_model.index.gpkg_core import (
    add_attributes,
    add_layer,
    create_core,
    create_tables,
    geometry_blob,
    touch,
)
from msa_model.index.manifest import Manifest
from msa_model.raster.grid import Keys
from msa_model.raster.tiles import box_rings, mapped, tile_boxes

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
