"""Indexes as tests need them: of no raster, or as an older version left them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from msa_model.index.manifest import Manifest
from msa_model.raster.colours import IDENTITY

PLAIN = Manifest(
    raster="/rasters/town.tif",
    fingerprint="f" * 64,
    width=3000,
    height=2000,
    transform=(0.5, 0.0, 500_000.0, 0.0, -0.5, 5_000_000.0),
    crs="EPSG:32633",
    gsd_m=0.5,
    bands=(1, 2, 3),
    stretch=IDENTITY,
    model="msa-small",
    model_sha256="a" * 64,
    dimension=16,
)


def as_version_1(path: Path) -> None:
    """Make an index as version 0.1 left it: without checksums and counts."""
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE msa_blocks DROP COLUMN checks")
        connection.execute(
            "DELETE FROM msa_manifest WHERE name IN ('check', 'identity', 'totals', 'totals_check')"
        )
        connection.execute("UPDATE msa_manifest SET value = '1' WHERE name = 'version'")
        if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'msa_pictures'").fetchone():
            connection.execute("ALTER TABLE msa_pictures DROP COLUMN checksum")
    connection.close()
