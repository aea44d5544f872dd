"""The tables of an index that describe it: whether they are ours, its manifest, and how much there is.

Whether what an index says can be true: fields that belong together, tiles on the raster, unit vectors.

Checksums tell whether something changed; this also holds for indexes of versions that stored none.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, astuple, dataclass, fields, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from msa_model.index.checksums import of_rows
from msa_model.index.database import size_of
from msa_model.index.manifest import BLOCKS, EXACT, UNCHECKED, Manifest, manifest_from_rows, manifest_rows
from msa_model.protocol.codec import decoded
from msa_model.protocol.errors import FileNotOurs, IndexUnreadable, MsaError
from msa_model.raster.coordinates import ground_sample_m
from msa_model.raster.grid import LATTICE, TILE, Keys
from msa_model.raster.tiles import tile_boxes

_MOST_PIXELS = 2**31
_MOST_NUMBERS = 65_536  # of a vector
_MOST_FACTOR = 2**15
_MOST_ENGINES, _LONGEST_NAME = 32, 100
_GSD_ERROR = 0.02  # relative; a PROJ of another version may differ
_NORM_ERROR = 0.02  # of a unit vector in float16
_SHARE_ERROR = 1e-5
_TYPES: dict[str, type | tuple[type, ...]] = {"int": int, "float": (int, float), "str": str, "bool": bool}


def manifest_fault(manifest: Manifest) -> str:
    """What cannot be true of a manifest, or nothing."""
    try:
        return _fault(manifest)
    except (ValueError, ArithmeticError) as error:  # numbers beyond a float, halves of characters
        return f"{error!r:.80}"


def _fault(manifest: Manifest) -> str:
    for field in fields(Manifest):
        value, kind = getattr(manifest, field.name), _TYPES.get(str(field.type))
        if kind and (not isinstance(value, kind) or (kind is not bool and isinstance(value, bool))):
            return f"{field.name} is {value!r:.60}"
        if isinstance(value, str) and not _is_text(value):
            return f"{field.name} is {value!a:.60}"
    return _numbers_fault(manifest) or _encoding_fault(manifest) or _georeference_fault(manifest)


def _is_text(value: str) -> bool:
    """Whether a path may be spelt so: bytes of a name that are no UTF-8 are kept as halves of characters."""
    try:
        return b"\0" not in os.fsencode(value)
    except UnicodeEncodeError:
        return False


def tiles_fault(manifest: Manifest, keys: Keys) -> str:
    """What cannot be true of the keys int32 [n, 3] of tiles, or nothing."""
    if not len(keys):
        return ""
    if keys.min() < 0 or keys[:, 0].min() < 1 or keys[:, 0].max() > _MOST_FACTOR:
        return "a tile has no place"
    boxes = tile_boxes(keys)
    if (boxes[:, 0] >= manifest.width).any() or (boxes[:, 1] >= manifest.height).any():
        return "a tile lies outside the raster"
    return ""


def vectors_fault(vectors: NDArray[np.float32]) -> str:
    """What cannot be true of the vectors [n, d] of a model, or nothing."""
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return "" if (np.abs(lengths - 1) <= _NORM_ERROR).all() else "a vector is not of length 1"


def numbers_fault(halves: NDArray[np.float16]) -> str:
    """What cannot be true of the numbers of vectors, or nothing: 50 ms for a million tiles."""
    endless = np.uint16(0x7C00)  # the exponent of what is infinite, and of what is no number
    return "a vector holds what is no number" if (halves.view(np.uint16) & endless == endless).any() else ""


def shares_fault(valid: NDArray[np.float32]) -> str:
    """What cannot be true of shares of valid pixels [n], or nothing."""
    return "" if ((valid >= 0) & (valid <= 1 + _SHARE_ERROR)).all() else "a share lies outside 0 … 1"


def _encoding_fault(manifest: Manifest) -> str:
    if manifest.encoding not in (EXACT, BLOCKS):
        return f"tiles were encoded as {manifest.encoding!r:.60}"
    names = manifest.engines
    if len(names) > _MOST_ENGINES or not all(
        type(name) is str and len(name) < _LONGEST_NAME for name in names
    ):
        return f"the engines are {names!r:.60}"
    return ""


def _numbers_fault(manifest: Manifest) -> str:
    if not (1 <= manifest.width <= _MOST_PIXELS and 1 <= manifest.height <= _MOST_PIXELS):
        return f"the raster has {manifest.width} × {manifest.height} px"
    if (manifest.tile, manifest.lattice) != (TILE, LATTICE):
        return f"tiles have {manifest.tile} px on a lattice of {manifest.lattice} px"
    if not 1 <= manifest.dimension <= _MOST_NUMBERS:
        return f"vectors have {manifest.dimension} numbers"
    bands = manifest.bands
    if not bands or not all(type(band) is int and band > 0 for band in bands):
        return f"the bands are {bands!r:.60}"
    lows, highs = astuple(manifest.stretch)
    if not all(isinstance(end, (int, float)) and math.isfinite(end) for end in (*lows, *highs)):
        return "the stretch is no pair of numbers"
    return ""


def _georeference_fault(manifest: Manifest) -> str:
    transform = manifest.transform
    if len(transform) != 6 or not all(isinstance(n, (int, float)) and math.isfinite(n) for n in transform):  # noqa: PLR2004  (Affine's a … f)
        return f"the transform is {transform!r:.80}"
    gsd = manifest.gsd_m
    if not (math.isfinite(gsd) and gsd > 0):
        return f"a pixel has {gsd} m"
    true = _ground_sample_m(transform, manifest.crs, manifest.width, manifest.height)
    if not abs(true - gsd) <= _GSD_ERROR * true:
        return f"a pixel has {gsd} m, where the transform gives {true:.6g} m"
    return ""


@lru_cache(maxsize=256)
def _ground_sample_m(transform: tuple[float, ...], crs: str, width: int, height: int) -> float:
    """NaN where the place is none."""
    try:
        CRS.from_user_input(crs)
        return ground_sample_m("index", Affine(*transform), crs, width, height)
    except (CRSError, MsaError):
        return math.nan


TABLES = ("coverage", "msa_manifest", "msa_blocks", "msa_pixels", "msa_pictures")
_NEEDED = {"msa_manifest", "msa_blocks", "coverage"}
_IDENTITY, _CHECK, _TOTALS, _TOTALS_CHECK = "identity", "check", "totals", "totals_check"
_MOST_ROWS, _LONGEST_VALUE = 100, 1_000_000
_BYTES_OF_KEY_AND_SHARE = 16
_PROBES = 8  # blocks that are compared


@dataclass(frozen=True)
class Totals:
    """Blocks, the highest number that one ever had, tiles, those without enough pixels, factors of both."""

    blocks: int = 0
    last: int = 0
    tiles: int = 0
    skipped: int = 0
    factors: tuple[int, ...] = ()

    def with_block(self, keys: Keys, skipped: Keys) -> Totals:
        """Of an index with one block more."""
        factors = np.unique(np.concatenate((keys[:, 0], skipped[:, 0]))).tolist()
        return Totals(
            self.blocks + 1,
            self.last + 1,
            self.tiles + len(keys),
            self.skipped + len(skipped),
            tuple(sorted({*self.factors, *factors})),
        )

    def without_block(self, tiles: int, skipped: int) -> Totals:
        """Of an index with one block less."""
        return replace(self, blocks=self.blocks - 1, tiles=self.tiles - tiles, skipped=self.skipped - skipped)


def read_manifest(connection: sqlite3.Connection, path: Path) -> Manifest | None:
    """The manifest; None for a file without any table, as a scan killed at its start leaves it.

    Raises:
        IndexUnreadable: a database of something else, or a damaged one.
    """
    found = dict(connection.execute("SELECT name, type FROM sqlite_schema"))
    if not found:
        return None
    _check_tables(connection, found, path)
    rows = dict(
        connection.execute(
            "SELECT name, value FROM msa_manifest WHERE length(value) < ? LIMIT ?",
            (_LONGEST_VALUE, _MOST_ROWS),
        )
    )
    check = rows.pop(_CHECK, None)
    rows = {name: text for name, text in rows.items() if name not in (_TOTALS, _TOTALS_CHECK)}
    manifest = manifest_from_rows(rows, str(path))
    if manifest.version != UNCHECKED and check != of_rows(rows):
        raise IndexUnreadable(f"{path} is damaged: its manifest is not the one that was written.")
    if fault := manifest_fault(manifest):
        raise IndexUnreadable(f"{path} is damaged: {fault}.")
    return manifest


def read_identity(connection: sqlite3.Connection) -> str:
    """What tells an index from another one of the same raster; empty in earlier versions."""
    row = connection.execute("SELECT value FROM msa_manifest WHERE name = ?", (_IDENTITY,)).fetchone()
    return str(row[0]) if row else ""


def write_manifest(connection: sqlite3.Connection, manifest: Manifest) -> None:
    """Put the manifest, with its checksum, in place of an earlier one, within the caller's transaction."""
    identity = read_identity(connection) or json.dumps(secrets.token_hex(8))
    rows = {**dict(manifest_rows(manifest)), _IDENTITY: identity}
    connection.execute("DELETE FROM msa_manifest WHERE name NOT IN (?, ?)", (_TOTALS, _TOTALS_CHECK))
    connection.executemany(
        "INSERT INTO msa_manifest (name, value) VALUES (?, ?)", {**rows, _CHECK: of_rows(rows)}.items()
    )


def read_totals(connection: sqlite3.Connection, manifest: Manifest, path: Path) -> Totals:
    """How much there is.

    Raises:
        IndexUnreadable: more or fewer blocks than were written, or more than the file can hold.
    """
    counted = _counted(connection, path)
    each = _BYTES_OF_KEY_AND_SHARE + 2 * manifest.dimension
    if not 0 <= counted.tiles * each <= size_of(path):
        raise IndexUnreadable(f"{path} is damaged: {counted.tiles} tiles are more than it can hold.")
    if manifest.version == UNCHECKED:
        return counted
    totals = told_totals(connection, path)
    same = replace(totals, factors=counted.factors, last=counted.last) == counted
    if not same or counted.last > totals.last:
        raise IndexUnreadable(f"{path} is damaged: it lacks blocks that were written, or has others.")
    return totals


def write_totals(connection: sqlite3.Connection, totals: Totals) -> None:
    """Put the counts in place of earlier ones, within the caller's transaction."""
    text = json.dumps(asdict(totals))
    connection.executemany(
        "INSERT INTO msa_manifest (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        ((_TOTALS, text), (_TOTALS_CHECK, of_rows({_TOTALS: text}))),
    )


def check_only_ours(connection: sqlite3.Connection, path: Path) -> None:
    """Whether nobody loses anything when the file is deleted.

    Raises:
        FileNotOurs: it holds layers or tables of somebody else.
    """
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    own = ("sqlite_", "gpkg_", *(f"rtree_{table}_" for table in TABLES))
    if foreign := [name for name in names if name not in TABLES and not name.startswith(own)]:
        raise FileNotOurs(f"{path} also holds {', '.join(map(str, foreign))}, not made by MSA Search.")


def _check_tables(connection: sqlite3.Connection, found: dict[str, str], path: Path) -> None:
    """Views and virtual tables of these names may have no end, and run what the file brings along."""
    if {name for name in _NEEDED if found.get(name) == "table"} != _NEEDED:
        raise IndexUnreadable(f"{path} is no tile index: it lacks its tables.")
    for name in (name for name in TABLES if name in found):
        sql = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (name,)).fetchone()[0]
        hidden = [row for row in connection.execute(f"PRAGMA table_xinfo({name})") if row[-1]]
        if found[name] != "table" or hidden or not _is_plain(sql):
            raise IndexUnreadable(f"{path} is no tile index: its {name} is no plain table.")


def _is_plain(sql: object) -> bool:
    return isinstance(sql, str) and sql.split(None, 2)[1:2] == ["TABLE"]


def _counted(connection: sqlite3.Connection, path: Path) -> Totals:
    blocks, last, tiles, skipped, odd = connection.execute(
        "SELECT count(*), coalesce(max(block), 0), coalesce(sum(tiles), 0),"
        " coalesce(sum(length(skipped_keys)), 0) / 12, count(CASE WHEN tiles < 0 OR block < 1 THEN 1 END)"
        " FROM msa_blocks"
    ).fetchone()
    if odd or not all(isinstance(number, int) for number in (blocks, last, tiles, skipped)):
        raise IndexUnreadable(f"{path} is damaged: a block has no number, or none of tiles.")
    factors = _integers(connection.execute("SELECT DISTINCT factor FROM coverage ORDER BY factor LIMIT 100"))
    return Totals(blocks, last, tiles, skipped, factors)


def told_totals(connection: sqlite3.Connection, path: Path) -> Totals:
    """How much was written, without looking whether it is there.

    Raises:
        IndexUnreadable: the index does not say.
    """
    rows = dict(
        connection.execute(
            "SELECT name, value FROM msa_manifest WHERE name IN (?, ?)", (_TOTALS, _TOTALS_CHECK)
        )
    )
    check = rows.pop(_TOTALS_CHECK, None)
    try:
        if check != of_rows(rows):
            raise ValueError("other checksum")
        return decoded(Totals, json.loads(rows[_TOTALS]))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise IndexUnreadable(f"{path} is damaged: it does not say how much it holds.") from error


def blocks_digest(connection: sqlite3.Connection, manifest: Manifest, last: int) -> str:
    """Of identity and manifest, of how much the blocks up to `last` hold, and of what some of them hold."""
    counts = connection.execute(
        "SELECT count(*), coalesce(sum(tiles), 0) FROM msa_blocks WHERE block <= ?", (last,)
    ).fetchone()
    told = [
        read_identity(connection),
        manifest_rows(replace(manifest, fingerprint="", stamp="")),
        counts,
        last,
    ]
    digest = hashlib.sha256(json.dumps(told).encode())
    for number in np.linspace(0, last, _PROBES).astype(int).tolist():
        row = connection.execute(
            "SELECT block, keys, vectors, valid FROM msa_blocks WHERE block <= ? ORDER BY block DESC LIMIT 1",
            (number,),
        ).fetchone()
        for value in row or ():
            digest.update(value if isinstance(value, bytes) else repr(value).encode())
    return digest.hexdigest()


def _integers(rows: Iterable[tuple[object]]) -> tuple[int, ...]:
    return tuple(value for (value,) in rows if isinstance(value, int) and value > 0)
