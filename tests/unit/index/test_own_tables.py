"""What an index says of itself is checked, though whoever made it up gave it the right checksum."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from msa_model.index.checksums import BlockParts, Checks, of_rows
from msa_model.index.manifest import Manifest
from msa_model.index.own_tables import read_identity, read_manifest
from msa_model.index.store import TileIndex
from msa_model.protocol.errors import IndexUnreadable
from tests.unit.index.test_blocks_damage import COLUMNS, made, outcome, said

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


def sealed_anew(path: Path, change: Callable[[BlockParts], BlockParts]) -> None:
    """Change the first block as somebody does who knows how its checksums are made."""
    connection = sqlite3.connect(path)
    manifest = read_manifest(connection, path)
    assert manifest is not None
    names = ", ".join(COLUMNS[:-1])
    row = connection.execute(f"SELECT {names} FROM msa_blocks WHERE block = 1").fetchone()  # noqa: S608
    parts = change(BlockParts(*row))
    checks = Checks(manifest, read_identity(connection)).of_block(1, parts)
    with connection:
        values = ", ".join(f"{name} = ?" for name in COLUMNS)
        connection.execute(f"UPDATE msa_blocks SET {values} WHERE block = 1", (*astuple(parts), checks))  # noqa: S608
    connection.close()


def _with_vectors(change: Callable[[Any], Any]) -> Callable[[BlockParts], BlockParts]:
    def changed(parts: BlockParts) -> BlockParts:
        numbers = change(np.frombuffer(parts.vectors, "<f2").reshape(parts.tiles, -1).copy())
        return replace(parts, vectors=numbers.astype("<f2").tobytes())

    return changed


def _one_with_nan(numbers: Any) -> Any:  # noqa: ANN401  (an array)
    numbers[3, 1] = np.nan
    return numbers


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_with_vectors(_one_with_nan), "no number"),
        (_with_vectors(lambda numbers: numbers - np.inf), "no number"),
        (lambda parts: replace(parts, keys=parts.keys[:12] * parts.tiles), "twice"),
    ],
)
def test_a_block_that_cannot_be_true_is_refused_though_its_checksums_are_right(
    tmp_path: Path, change: Callable[[BlockParts], BlockParts], why: str
) -> None:
    path = made(tmp_path / "town.gpkg")
    right = said(path)
    sealed_anew(path, lambda parts: parts)
    assert outcome(path, right) == "right"
    sealed_anew(path, change)
    with pytest.raises(IndexUnreadable, match=why):
        said(path)
