"""Indexes of layers that QGIS draws: no raster stands behind them, so they keep pictures of their tiles."""

from __future__ import annotations

import hashlib
import math
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from affine import Affine

from msa_model.files.folders import user_cache_folder
from msa_model.index.checksums import Checks
from msa_model.index.manifest import Manifest
from msa_model.protocol.errors import IndexUnreadable
from msa_model.protocol.layers import DrawnLayer
from msa_model.raster.colours import IDENTITY
from msa_model.raster.drawn import DrawnSource, look_of
from msa_model.raster.grid import LATTICE, Keys
from msa_model.raster.tiles import tile_boxes

_BANDS = (1, 2, 3)
_LONGEST_NAME = 60
_WHERE = "factor = ? AND row = ? AND col = ?"
_PICTURES = """
CREATE TABLE IF NOT EXISTS msa_pictures (
  factor INTEGER NOT NULL, row INTEGER NOT NULL, col INTEGER NOT NULL, jpeg BLOB NOT NULL, checksum INTEGER,
  PRIMARY KEY (factor, row, col)) WITHOUT ROWID
"""


def drawn_manifest(source: DrawnSource, *, model: str, model_sha256: str, dimension: int) -> Manifest:
    """The manifest of a drawn layer's index under a model."""
    layer = source.layer
    return Manifest(
        raster=layer.source,
        fingerprint=source.fingerprint,
        width=layer.width,
        height=layer.height,
        transform=layer.transform,
        crs=layer.crs,
        gsd_m=source.gsd_m,
        bands=_BANDS,
        stretch=IDENTITY,
        model=model,
        model_sha256=model_sha256,
        dimension=dimension,
        drawn=True,
        title=layer.title,
    )


def drawn_index_path(layer: DrawnLayer, model_sha256: str, cache_folder: str | None) -> Path:
    """The one place for the index of a drawn layer: another look or GSD has another, so that none is lost."""
    place = hashlib.sha256(repr((look_of(layer), layer.crs, layer.transform)).encode()).hexdigest()[:12]
    name = re.sub(r"[^\w.-]+", "_", layer.source)[:_LONGEST_NAME].strip("_")
    return Path(cache_folder or user_cache_folder()) / f"{place}-{name}.msa-{model_sha256[:8]}.gpkg"


def cropped(manifest: Manifest, keys: Keys) -> tuple[Manifest, Keys]:
    """The manifest and the keys [n, 3] as if the layer ended around these tiles: it may span a UTM zone.

    So what is made per cell of a raster is made for these alone.
    """
    unit = LATTICE * math.lcm(*np.unique(keys[:, 0]).tolist())
    low = np.floor(tile_boxes(keys)[:, :2].min(axis=0) / unit).astype(np.int64) * unit
    high = tile_boxes(keys)[:, 2:].max(axis=0).astype(np.int64)
    width, height = np.minimum(high, (manifest.width, manifest.height)) - low
    moved = keys.copy()
    moved[:, 1] -= (low[1] // (LATTICE * keys[:, 0])).astype(np.int32)
    moved[:, 2] -= (low[0] // (LATTICE * keys[:, 0])).astype(np.int32)
    place = manifest.affine @ Affine.translation(int(low[0]), int(low[1]))
    part = replace(manifest, width=int(width), height=int(height), transform=tuple(place)[:6])
    return part, moved


def add_pictures(connection: sqlite3.Connection, checks: Checks, keys: Keys, jpegs: Sequence[bytes]) -> None:
    """Keep JPEG pictures of tiles [n, 3], within the caller's transaction."""
    connection.execute(_PICTURES)
    rows = [
        (*key, jpeg, checks.of_picture(tuple(key), jpeg))
        for key, jpeg in zip(keys.tolist(), jpegs, strict=True)
    ]
    connection.executemany(
        "INSERT OR REPLACE INTO msa_pictures (factor, row, col, jpeg, checksum) VALUES (?, ?, ?, ?, ?)", rows
    )


def check_pictures(connection: sqlite3.Connection, checks: Checks) -> None:
    """Give the pictures of an earlier version their checksums, within the caller's transaction."""
    if not _has_pictures(connection):
        return
    connection.execute("ALTER TABLE msa_pictures ADD COLUMN checksum INTEGER")
    for factor, row, col in connection.execute("SELECT factor, row, col FROM msa_pictures").fetchall():
        key = (factor, row, col)
        (jpeg,) = connection.execute(f"SELECT jpeg FROM msa_pictures WHERE {_WHERE}", key).fetchone()  # noqa: S608  # nosec B608
        connection.execute(
            f"UPDATE msa_pictures SET checksum = ? WHERE {_WHERE}",  # noqa: S608  # nosec B608
            (checks.of_picture(key, jpeg), *key),
        )


def read_picture(
    connection: sqlite3.Connection, checks: Checks | None, key: tuple[int, int, int]
) -> bytes | None:
    """The JPEG picture of a tile, if the index keeps one; without `checks`, in earlier versions, unchecked.

    Raises:
        IndexUnreadable: it is another one than was written.
    """
    if not _has_pictures(connection):
        return None
    checksum = "checksum" if checks else "NULL"
    row = connection.execute(f"SELECT jpeg, {checksum} FROM msa_pictures WHERE {_WHERE}", key).fetchone()  # noqa: S608  # nosec B608
    if row is None:
        return None
    if not isinstance(row[0], bytes) or (checks and row[1] != checks.of_picture(key, row[0])):
        raise IndexUnreadable(f"The picture of tile {key} is damaged.")
    return row[0]


def _has_pictures(connection: sqlite3.Connection) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'msa_pictures'").fetchone()
    return found is not None
