"""What an index says of itself is checked, though whoever made it up gave it the right checksum."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from msa_model.index.checksums import of_rows
from msa_model.index.manifest import Manifest
from msa_model.index.store import TileIndex
from msa_model.protocol.errors import IndexUnreadable

HUGE = 10**400


def make_up(path: Path, name: str, value: object) -> None:
    """Put another value into a manifest, and its checksum right."""
    connection = sqlite3.connect(path)
    with connection:
        rows = dict(connection.execute("SELECT name, value FROM msa_manifest"))
        rows[name] = json.dumps(value)
        told = {key: text for key, text in rows.items() if key not in ("check", "totals", "totals_check")}
        for key, text in ((name, rows[name]), ("check", of_rows(told))):
            connection.execute("UPDATE msa_manifest SET value = ? WHERE name = ?", (text, key))
    connection.close()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, value) for name in ("raster", "title", "model", "stamp") for value in ("a\0b", "\ud800")),
        ("crs", "\ud800"),
        ("crs", "caf\udce9"),
        ("gsd_m", HUGE),
        ("transform", [HUGE, 0, 0, 0, -1, 0]),
        ("stretch", {"low": [0, 0, 0], "high": [HUGE] * 3}),
        *((name, value) for name in ("width", "dimension", "lattice") for value in (HUGE, True, 0.5)),
    ],
)
def test_a_manifest_that_cannot_be_true_is_refused(
    name: str, value: object, path: Path, make_manifest: Callable[..., Manifest]
) -> None:
    TileIndex.open_for_writing(path, make_manifest()).close()
    make_up(path, name, value)
    with pytest.raises(IndexUnreadable, match=r"town\.gpkg"):
        TileIndex.open_for_reading(path)


def test_a_name_that_is_no_utf8_is_a_name(path: Path, make_manifest: Callable[..., Manifest]) -> None:
    TileIndex.open_for_writing(path, make_manifest()).close()
    make_up(path, "raster", "/rasters/caf\udce9.tif")
    with TileIndex.open_for_reading(path) as index:
        assert index.manifest.name == "caf\udce9.tif"
