"""Damaged indexes are refused, or answer as if nothing had happened: never otherwise."""
# ruff: noqa: S608, S311, E501  (SQL out of these tests' own names, seeded damage, tables of odd values)

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from msa_model.index.blocks import EncodedTiles, TileTable
from msa_model.index.store import TileIndex
from msa_model.protocol.errors import FileNotOurs, IndexMissing, IndexUnreadable, MsaError
from tests.manifests import PLAIN, as_version_1
from tests.refusals import raises_kind

MakeTiles = Callable[..., tuple[np.ndarray, np.ndarray, np.ndarray]]
Damage = Callable[[Path, random.Random], None]

MANY = 500
COLUMNS = ("tiles", "keys", "vectors", "valid", "skipped_keys", "least_valid", "checks")


def made(path: Path, seed: int = 0) -> Path:
    """An index of four blocks, one of them of skipped tiles."""
    random_ = np.random.default_rng(seed)
    rows, cols = np.divmod(np.arange(60), 10)
    keys = np.column_stack((np.ones(60), rows, cols + seed % 2)).astype(np.int32)
    vectors = random_.normal(size=(60, PLAIN.dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    with TileIndex.open_for_writing(path, PLAIN) as index:
        for part in (slice(0, 20), slice(20, 35), slice(35, 50)):
            index.append(EncodedTiles(keys[part], vectors[part], np.ones(len(keys[part]), np.float32)))
        index.append(EncodedTiles(keys[:0], vectors[:0], np.ones(0, np.float32), keys[50:], least_valid=0.5))
    return path


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("sound") / "town.gpkg")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("other") / "town.gpkg", seed=1)


def said(path: Path) -> list[Any]:
    """Everything that is answered out of an index."""
    with TileIndex.open_for_reading(path) as index:
        table, counts = index.load(), index.counts()
        manifest = replace(index.manifest, version=PLAIN.version)
        return [
            manifest,
            *arrays(table),
            index.done_keys().tolist(),
            index.done_keys(0.1).tolist(),
            counts,
        ]


def arrays(table: TileTable) -> list[Any]:
    return [part.tolist() for part in (table.keys, table.vectors, table.valid)]


def outcome(path: Path, right: list[Any]) -> str:
    """'right', or the kind of the refusal."""
    try:
        found = said(path)
    except MsaError as error:
        return error.kind if path.name in error.sentence else f"nameless {error.kind}"
    return "right" if found == right else "wrong"


def flip_bits(path: Path, random_: random.Random) -> None:
    content = bytearray(path.read_bytes())
    for _ in range(random_.choice((1, 1, 3, 40))):
        content[random_.randrange(len(content))] ^= 1 << random_.randrange(8)
    path.write_bytes(content)


def zero_a_stretch(path: Path, random_: random.Random) -> None:
    content = bytearray(path.read_bytes())
    start, count = random_.randrange(len(content)), random_.choice((16, 512, 16_384))
    content[start : start + count] = bytes(len(content[start : start + count]))
    path.write_bytes(content)


def cut_off(path: Path, random_: random.Random) -> None:
    os.truncate(path, random_.randrange(path.stat().st_size))


def swap_pages(path: Path, random_: random.Random) -> None:
    content, page = path.read_bytes(), 16_384
    pages = [content[start : start + page] for start in range(0, len(content), page)]
    one, two = random_.sample(range(len(pages)), 2)
    pages[one], pages[two] = pages[two], pages[one]
    path.write_bytes(b"".join(pages))


def run(path: Path, *statements: tuple[str, tuple[Any, ...]]) -> None:
    connection = sqlite3.connect(path)
    with connection:
        for sql, values in statements:
            connection.execute(sql, values)
    connection.close()


def column_of(path: Path, name: str, block: int) -> Any:  # noqa: ANN401  (any column)
    connection = sqlite3.connect(path)
    value = connection.execute(f"SELECT {name} FROM msa_blocks WHERE block = ?", (block,)).fetchone()[0]
    connection.close()
    return value


def change_a_column(path: Path, random_: random.Random) -> None:
    name, block = random_.choice(COLUMNS), random_.randint(1, 4)
    old = column_of(path, name, block)
    odd = random_.choice((None, "text", -1, 2**62, 0.25, b"", b"\xff" * 8, float("inf"), b"\0" * 640))
    changed = odd if not isinstance(old, bytes) or random_.random() < 0.4 else changed_blob(old, random_)
    try:
        run(path, (f"UPDATE msa_blocks SET {name} = ? WHERE block = ?", (changed, block)))
    except sqlite3.IntegrityError:
        run(path, ("DELETE FROM msa_blocks WHERE block = ?", (block,)))


def changed_blob(old: bytes, random_: random.Random) -> bytes:
    """Zero, NaN, shifted, turned round, scaled, cut."""
    halves = np.frombuffer(old[: len(old) // 2 * 2], "<f2")
    nan = np.full(len(halves), np.nan, "<f2").tobytes()
    return random_.choice(
        (bytes(len(old)), nan, old[2:] + old[:2], old[::-1], halves[::2].repeat(2).tobytes(), old[:-4])
    )


def swap_columns(path: Path, random_: random.Random) -> None:
    name, (one, two) = random_.choice(COLUMNS), random_.sample(range(1, 5), 2)
    values = column_of(path, name, one), column_of(path, name, two)
    sql = f"UPDATE msa_blocks SET {name} = ? WHERE block = ?"
    run(path, (sql, (values[1], one)), (sql, (values[0], two)))


def lose_a_block(path: Path, random_: random.Random) -> None:
    run(path, ("DELETE FROM msa_blocks WHERE block = ?", (random_.randint(1, 4),)))


def repeat_a_block(path: Path, random_: random.Random) -> None:
    names = ", ".join(COLUMNS)
    sql = f"INSERT INTO msa_blocks ({names}) SELECT {names} FROM msa_blocks WHERE block = ?"
    run(path, (sql, (random_.randint(1, 4),)))


ODD_VALUES: tuple[Any, ...] = (
    0, -1, 1, 2**40, 10**400, 0.0, -0.5, 1e308, "x", "", [], {}, None, True, [1], [0] * 6, [1, 2, 3], ["a"] * 6,
    float("nan"), float("inf"), [[]] * 3, {"low": [], "high": []}, {"low": ["a"], "high": [1]}, "EPSG:4326",
    "EPSG:32634",
)  # fmt: skip


def change_the_manifest(path: Path, random_: random.Random) -> None:
    connection = sqlite3.connect(path)
    rows = dict(connection.execute("SELECT name, value FROM msa_manifest"))
    connection.close()
    name = random_.choice(sorted(rows))
    old = json.loads(rows[name])
    near = (
        old * 2 if isinstance(old, (int, float)) and not isinstance(old, bool) else random_.choice(ODD_VALUES)
    )
    text = random_.choice(
        (json.dumps(near), json.dumps(random_.choice(ODD_VALUES)), "[" * 100_000, "{", "", None)
    )
    if text == rows[name]:
        text = None
    run(path, ("UPDATE msa_manifest SET value = ? WHERE name = ?", (text, name)))


def without_a_field(path: Path, random_: random.Random) -> None:
    connection = sqlite3.connect(path)
    names = [name for (name,) in connection.execute("SELECT name FROM msa_manifest")]
    connection.close()
    run(path, ("DELETE FROM msa_manifest WHERE name = ?", (random_.choice(names),)))


DAMAGES: tuple[Damage, ...] = (
    flip_bits, zero_a_stretch, cut_off, swap_pages, change_a_column, change_a_column, swap_columns, lose_a_block,
    repeat_a_block, change_the_manifest, change_the_manifest, without_a_field,
)  # fmt: skip


@pytest.mark.parametrize("damage", [*dict.fromkeys(DAMAGES)], ids=lambda damage: damage.__name__)
def test_a_damaged_index_is_refused_or_right(damage: Damage, sound: Path, tmp_path: Path) -> None:
    right = said(sound)
    for seed in range(4):
        path = Path(shutil.copy(sound, tmp_path / "town.gpkg"))
        damage(path, random.Random(seed))
        assert outcome(path, right) in ("right", "index_unreadable", "index_missing")


@pytest.mark.full_size
def test_hundreds_of_damaged_indexes_are_refused_or_right(sound: Path, tmp_path: Path) -> None:
    right, seen = said(sound), dict.fromkeys(("right", "index_unreadable", "index_missing"), 0)
    for seed in range(MANY):
        path = Path(shutil.copy(sound, tmp_path / "town.gpkg"))
        DAMAGES[seed % len(DAMAGES)](path, random.Random(seed))
        seen[outcome(path, right)] += 1
    print(seen)
    assert sum(seen.values()) == MANY


@pytest.mark.parametrize("table", ["msa_blocks", "msa_manifest", "coverage"])
def test_a_table_of_another_index_is_refused(table: str, sound: Path, other: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(sound, tmp_path / "town.gpkg"))
    connection = sqlite3.connect(path)
    connection.execute("ATTACH ? AS other", (str(other),))
    with connection:
        connection.execute(f"DELETE FROM main.{table}")
        connection.execute(f"INSERT INTO main.{table} SELECT * FROM other.{table}")
    connection.close()
    assert outcome(path, said(sound)) == ("right" if table == "coverage" else "index_unreadable")


@pytest.mark.parametrize("table", ["msa_blocks", "msa_manifest", "msa_pictures"])
def test_an_endless_view_in_a_tables_place_is_refused_at_once(
    table: str, sound: Path, tmp_path: Path
) -> None:
    path = Path(shutil.copy(sound, tmp_path / "town.gpkg"))
    endless = "WITH RECURSIVE n(block) AS (SELECT 1 UNION ALL SELECT block + 1 FROM n) SELECT block, 'a' AS name, '1' AS value FROM n"
    run(path, (f"DROP TABLE IF EXISTS {table}", ()), (f"CREATE VIEW {table} AS {endless}", ()))
    with pytest.raises(IndexUnreadable, match=f"{table}|lacks its tables"):
        TileIndex.open_for_reading(path)
    with pytest.raises(IndexUnreadable):
        TileIndex.open_for_writing(path, PLAIN)


def test_a_trigger_of_the_file_is_not_run(sound: Path, tmp_path: Path, make_tiles: MakeTiles) -> None:
    path = Path(shutil.copy(sound, tmp_path / "town.gpkg"))
    run(path, ("CREATE TRIGGER t AFTER INSERT ON msa_blocks BEGIN DELETE FROM coverage; END", ()))
    keys, vectors, valid = make_tiles(70)
    with (
        TileIndex.open_for_writing(path, PLAIN) as index,
        pytest.raises(FileNotOurs, match="triggers"),
    ):
        index.append(EncodedTiles(keys[65:], vectors[65:], valid[65:]))
    assert said(path) == said(sound)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE msa_blocks SET vectors = zeroblob(length(vectors)) WHERE block = 2",
        "UPDATE msa_blocks SET keys = zeroblob(length(keys)) WHERE block = 2",
        "UPDATE msa_blocks SET tiles = tiles + 1 WHERE block = 2",
        "UPDATE msa_manifest SET value = '0' WHERE name = 'gsd_m'",
        "UPDATE msa_manifest SET value = '64' WHERE name = 'lattice'",
        "UPDATE msa_manifest SET value = '[1.0, 0.0, 500000.0, 0.0, -1.0, 5000000.0]' WHERE name = 'transform'",
        "UPDATE msa_manifest SET value = '64' WHERE name = 'width'",
        "UPDATE msa_blocks SET block = -1 WHERE block = 2",
        "UPDATE msa_blocks SET block = 0 WHERE block = 2",
        "UPDATE msa_blocks SET keys = (SELECT substr(keys, 1, 180) FROM msa_blocks WHERE block = 1) WHERE block = 2",
        "INSERT INTO msa_blocks (tiles, keys, vectors, valid, skipped_keys, least_valid)"
        " SELECT tiles, keys, vectors, valid, skipped_keys, least_valid FROM msa_blocks WHERE block = 2",
    ],
)
def test_an_index_of_version_1_is_checked_by_lengths_and_ranges(
    sound: Path, tmp_path: Path, sql: str
) -> None:
    path = Path(shutil.copy(sound, tmp_path / "town.gpkg"))
    as_version_1(path)
    assert outcome(path, said(sound)) == "right"
    run(path, (sql, ()))
    assert outcome(path, said(sound)) == "index_unreadable"


def test_an_index_of_version_1_gets_checksums_when_it_is_written(sound: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(sound, tmp_path / "town.gpkg"))
    as_version_1(path)
    TileIndex.open_for_writing(path, PLAIN).close()
    assert said(path) == said(sound)
    run(
        path,
        (
            "UPDATE msa_blocks SET vectors = (SELECT vectors FROM msa_blocks WHERE block = 2) WHERE block = 3",
            (),
        ),
    )
    assert outcome(path, said(sound)) == "index_unreadable"


def test_a_damaged_index_of_version_1_is_not_given_checksums(sound: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(sound, tmp_path / "town.gpkg"))
    as_version_1(path)
    run(path, ("UPDATE msa_blocks SET vectors = zeroblob(length(vectors))", ()))
    with pytest.raises(IndexUnreadable, match="length 1"):
        TileIndex.open_for_writing(path, PLAIN)


def test_skipped_tiles_are_not_forgotten_in_a_damaged_block(sound: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(sound, tmp_path / "town.gpkg"))
    run(path, ("UPDATE msa_blocks SET keys = x'000000000000000000000000', tiles = 1 WHERE block = 4", ()))
    with (
        pytest.raises(IndexUnreadable, match="damaged"),
        TileIndex.open_for_writing(path, PLAIN) as index,
    ):
        index.forget_skipped(0.1)


def take_away(path: Path) -> None:
    path.unlink()


def put_another_in_its_place(path: Path) -> None:
    os.replace(made(path.with_name("other.gpkg"), seed=1), path)


@pytest.mark.parametrize("loss", [take_away, put_another_in_its_place])
@pytest.mark.parametrize("after", [0, 10])
def test_an_index_that_is_taken_away_in_mid_scan_is_missed(
    loss: Callable[[Path], None], after: int, path: Path, make_tiles: MakeTiles
) -> None:
    def scan() -> None:
        with TileIndex.open_for_writing(path, PLAIN) as index:
            index.append(EncodedTiles(*make_tiles(10)))
            loss(path)
            index.append(EncodedTiles(*make_tiles(after, start=10)))

    with raises_kind("index_gone", match=r"town\.gpkg"):
        scan()


def test_an_index_that_is_emptied_in_mid_scan_is_whole_or_missed(path: Path, make_tiles: MakeTiles) -> None:
    def scan(blocks: int) -> None:
        with TileIndex.open_for_writing(path, PLAIN) as index:
            index._connection.execute("PRAGMA wal_autocheckpoint = 20")
            for start in range(blocks):
                index.append(EncodedTiles(*make_tiles(10, start=10 * start)))
            os.truncate(path, 0)
            index.append(EncodedTiles(*make_tiles(10, start=10 * blocks)))

    with pytest.raises(MsaError):
        scan(30)
    with pytest.raises((IndexMissing, IndexUnreadable)):
        said(path)
