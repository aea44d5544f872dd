"""Files beside an index that have the names of SQLite's own."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from msa_model.index.database import connect_for_writing, connect_to_table, prepare_writing
from msa_model.index.locations import NAME, Catalogue
from msa_model.index.manifest import Manifest
from msa_model.index.store import TileIndex
from msa_model.protocol.errors import FileNotOurs

KILLED = """
import os, sys
from pathlib import Path
from msa_model.index.database import connect_for_writing, prepare_writing
connection = connect_for_writing(Path(sys.argv[1]))
prepare_writing(connection)
connection.execute("CREATE TABLE kept (a)")
os._exit(0)
"""


@pytest.mark.parametrize("end", ["-wal", "-journal", "-shm"])
def test_a_file_of_somebody_else_with_the_name_of_sqlites_own_is_kept(tmp_path: Path, end: str) -> None:
    (tmp_path / f"index.gpkg{end}").write_text("my diary")
    with pytest.raises(FileNotOurs, match="no file of SQLite"):
        connect_for_writing(tmp_path / "index.gpkg")
    assert (tmp_path / f"index.gpkg{end}").read_text() == "my diary"


HALF_WRITTEN = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode = DELETE")
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN")
connection.execute("UPDATE msa_manifest SET value = '{}'")
connection.execute("CREATE TABLE half (text)")
connection.execute("INSERT INTO half VALUES (randomblob(500000))")
os._exit(0)
"""


def test_what_a_process_killed_in_mid_write_left_is_undone(
    tmp_path: Path, make_manifest: Callable[..., Manifest]
) -> None:
    path = tmp_path / "town.gpkg"
    TileIndex.open_for_writing(path, make_manifest()).close()
    subprocess.run([sys.executable, "-c", HALF_WRITTEN, path], check=True)
    assert path.with_name("town.gpkg-journal").stat().st_size > 0
    with TileIndex.open_for_writing(path, make_manifest()) as index:
        assert index.counts().tiles == 0


@pytest.mark.parametrize("page", [4096, 16_384])
def test_a_journal_of_another_database_is_kept_and_not_written_into_an_index(
    tmp_path: Path, make_manifest: Callable[..., Manifest], page: int
) -> None:
    TileIndex.open_for_writing(tmp_path / "town.gpkg", make_manifest()).close()
    before = (tmp_path / "town.gpkg").read_bytes()
    other = sqlite3.connect(tmp_path / "other.db", isolation_level=None)
    other.execute(f"PRAGMA page_size = {page}")
    other.execute("CREATE TABLE notes (text)")
    other.execute("INSERT INTO notes VALUES (zeroblob(200000))")
    other.execute("PRAGMA cache_size = 1")
    other.execute("BEGIN")
    other.execute("CREATE TABLE more (text)")
    other.execute("UPDATE notes SET text = randomblob(200000)")
    journal = (tmp_path / "other.db-journal").read_bytes()
    assert len(journal) > page
    (tmp_path / "town.gpkg-journal").write_bytes(journal)
    with pytest.raises(FileNotOurs, match="another database"):
        TileIndex.open_for_writing(tmp_path / "town.gpkg", make_manifest())
    other.close()
    assert (tmp_path / "town.gpkg").read_bytes() == before
    assert (tmp_path / "town.gpkg-journal").read_bytes() == journal


def test_what_a_killed_process_left_of_sqlites_own_is_taken_up(tmp_path: Path) -> None:
    path = tmp_path / "index.gpkg"
    subprocess.run([sys.executable, "-c", KILLED, path], check=True)
    assert path.with_name("index.gpkg-shm").stat().st_size > 0
    connection = connect_for_writing(path)
    prepare_writing(connection)
    assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    second = connect_for_writing(path)  # while the first has them open
    assert second.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    second.close()
    connection.close()


def note(path: Path) -> None:
    path.write_text("my diary")


def other_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as theirs:
        theirs.execute("CREATE TABLE diary (day TEXT)")


def more_than_ours(path: Path) -> None:
    with closing(sqlite3.connect(path)) as theirs:
        theirs.execute("CREATE TABLE kept (a TEXT)")
        theirs.execute("CREATE TRIGGER mine AFTER INSERT ON kept BEGIN DELETE FROM kept; END")


def same_name(path: Path) -> None:
    with closing(sqlite3.connect(path)) as theirs:
        theirs.execute("CREATE TABLE kept (a TEXT, mine TEXT)")


@pytest.mark.parametrize("make", [note, other_table, more_than_ours, same_name])
def test_a_table_of_ours_comes_into_no_file_of_somebody_else(
    make: Callable[[Path], None], tmp_path: Path
) -> None:
    path = tmp_path / "kept.sqlite"
    make(path)
    before = path.read_bytes()
    with pytest.raises(FileNotOurs, match="not made by MSA Search"):
        connect_to_table(path, "kept", "(a TEXT)")
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == [path.name]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "kept.sqlite")
    with pytest.raises(FileNotOurs, match="no file"):
        connect_to_table(tmp_path / "kept.sqlite", "kept", "(a TEXT)")


def test_a_table_of_ours_is_made_once_and_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "kept.sqlite"
    with closing(connect_to_table(path, "kept", "(a TEXT)")) as first:
        first.execute("INSERT INTO kept VALUES ('x')")
    with closing(connect_to_table(path, "kept", "(a TEXT)")) as again:
        assert again.execute("SELECT a FROM kept").fetchall() == [("x",)]


@pytest.mark.parametrize("make", [note, other_table, os.mkfifo, Path.mkdir])
def test_a_catalogue_leaves_a_file_of_its_name_alone_and_does_without(
    make: Callable[[Path], object], tmp_path: Path
) -> None:
    place = tmp_path / NAME
    make(place)
    before = place.read_bytes() if place.is_file() else b""
    known = Catalogue(str(tmp_path))
    known.keep(tmp_path / "a.gpkg", "/a.tif", "f", "m")
    assert known.at("/a.tif", "m") == ()
    assert (place.read_bytes() if place.is_file() else b"") == before


@pytest.mark.parametrize("path", [None, 5, b"a.gpkg", "a\0.gpkg", "caf\udce9.gpkg"])
def test_a_catalogue_passes_over_what_names_no_file(path: object, tmp_path: Path) -> None:
    known = Catalogue(str(tmp_path))
    known.keep(tmp_path / "a.gpkg", "/a.tif", "f", "m")
    connection = sqlite3.connect(tmp_path / NAME)
    with connection, suppress(UnicodeEncodeError):
        connection.execute("INSERT INTO indexes VALUES (?, '/a.tif', 'f', 'm')", (path,))
    connection.close()
    assert known.at("/a.tif", "m")[0] == known.of("f", "m")[0] == tmp_path / "a.gpkg"
    assert not any(found.is_file() for found in known.of("f", "m"))
