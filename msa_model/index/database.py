"""SQLite connections of an index file, and what SQLite's failures mean to a user."""

from __future__ import annotations

import os
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from msa_model.files.folders import make_folder, writing
from msa_model.protocol.errors import FileNotOurs, IndexUnreadable, MsaError, PathMissing
from msa_model.protocol.unfinished import is_full

_PAGE_BYTES = 16_384  # a batch's vectors fill a few pages
_BUSY_SECONDS = 30.0
_FAILURES: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: ("disk_full", "There is no room left on the disk for {path}."),
    sqlite3.SQLITE_READONLY: ("folder_read_only", "{path} cannot be written to."),
    sqlite3.SQLITE_PERM: ("folder_read_only", "{path} cannot be written to."),
    sqlite3.SQLITE_CANTOPEN: ("folder_read_only", "{path} cannot be opened."),
    sqlite3.SQLITE_BUSY: ("index_locked", "{path} is in use by another process."),
    sqlite3.SQLITE_LOCKED: ("index_locked", "{path} is in use by another process."),
    sqlite3.SQLITE_PROTOCOL: ("index_locked", "{path} is in use by another process."),
    sqlite3.SQLITE_IOERR: ("storage_failed", "{path} could not be read or written: {error}."),
    sqlite3.SQLITE_NOLFS: ("storage_failed", "{path} became larger than its disk allows."),
    sqlite3.SQLITE_NOMEM: ("out_of_memory", "There was not enough memory for {path}."),
    sqlite3.SQLITE_AUTH: (
        "file_not_ours",
        "{path} holds triggers or views of another program: none of them is run.",
    ),
    sqlite3.SQLITE_INTERRUPT: ("index_unreadable", "{path} has no end, so it is no tile index."),
    sqlite3.SQLITE_READONLY_DBMOVED: (
        "index_gone",
        "{path} was removed or replaced while it was being written.",
    ),
}
_SCHEMA_OF_USERS = "SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite~_%' ESCAPE '~'"
_STEPS_AT_LEAST, _STEPS_AT_ONCE = 10_000_000, 100_000  # of SQLite's machine; a row takes some tens
_JOURNAL = struct.Struct(">8sIIIII")  # magic, records, nonce, pages before, bytes of a sector and of a page
_APPLICATION, _HEADER = slice(68, 72), ("page_size", "application_id")
_COMPANIONS = {
    "-journal": (b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", b"\0" * 8),
    "-wal": (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83"),
    "-shm": (b"\x18\xe2\x2d", b"\x00\x2d\xe2", b"\0" * 3),  # SQLite cuts it to three bytes
}


@contextmanager
def storing(path: Path) -> Iterator[None]:
    """Name SQLite's failures.

    Raises:
        DiskFull, storage_failed, folder_read_only, index_locked, index_gone, IndexUnreadable …: what went
            wrong with `path`.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        unknown = ("index_unreadable", "{path} is no tile index, or it is damaged: {error}.")
        if code & 0xFF == sqlite3.SQLITE_IOERR and is_full(path.parent):  # its files beside the database
            code = sqlite3.SQLITE_FULL
        kind, sentence = _FAILURES.get(code, _FAILURES.get(code & 0xFF, unknown))
        raise MsaError.of(kind, sentence.format(path=path, error=error)) from error


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """All or nothing, on the disk when it ends; SQLite's failures are named as in `storing`."""
    with storing(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def connect_for_writing(path: Path, wait_s: float = _BUSY_SECONDS) -> sqlite3.Connection:
    """A connection that makes the file where there is none; nothing that a file brings along is run.

    Raises:
        FileNotOurs: it is no regular file, or one beside it has the name of SQLite's own and is not.
    """
    _check_regular(path)
    for end, beginnings in _COMPANIONS.items():
        _check_companion(path.with_name(path.name + end), beginnings)
    _check_journal(path)
    with storing(path):
        connection = sqlite3.connect(path, wait_s, isolation_level=None, check_same_thread=False)
        return _distrusting(connection)


def connect_to_table(
    path: Path, table: str, columns: str, wait_s: float = _BUSY_SECONDS
) -> sqlite3.Connection:
    """A connection that writes to a file of one table and nothing else; file and folder are made if need be.

    Raises:
        FileNotOurs: the file that is there is something else.
        folder_read_only, index_locked, DiskFull, storage_failed: it cannot be written.
    """
    make_folder(path.parent)
    connection = connect_for_writing(path, wait_s)
    try:
        with storing(path):
            found = connection.execute(_SCHEMA_OF_USERS).fetchall()
            if found not in ([], [(f"CREATE TABLE {table} {columns}",)]):
                raise FileNotOurs(f"{path} was not made by MSA Search: it is not written to.")
            connection.execute(f"CREATE TABLE IF NOT EXISTS {table} {columns}")
    except IndexUnreadable as error:
        connection.close()
        raise FileNotOurs(f"{path} was not made by MSA Search: it is not written to.") from error
    except BaseException:
        connection.close()
        raise
    return connection


def _check_regular(path: Path) -> None:
    if os.path.lexists(path) and not os.path.isfile(path):
        raise FileNotOurs(f"{path} is no file.")


def _check_companion(path: Path, beginnings: tuple[bytes, ...]) -> None:
    """SQLite would take such a file for its own, and delete it."""
    if not os.path.lexists(path):
        return
    _check_regular(path)
    with writing(path), path.open("rb") as file:
        found = file.read(8)
    if found and not found.startswith(beginnings):
        raise FileNotOurs(f"{path} is no file of SQLite, which would replace it.")


def _check_journal(path: Path) -> None:
    """SQLite would write the pages that a journal keeps into the file, though they are another database's.

    Raises:
        FileNotOurs: its pages have another size, it began with more of them than the file has, or its first
            page (which it need not hold) has another application's mark.
    """
    journal = path.with_name(f"{path.name}-journal")
    if not (os.path.isfile(journal) and size_of(path)):
        return
    with writing(journal), journal.open("rb") as kept:
        head = kept.read(_JOURNAL.size)
        if len(head) < _JOURNAL.size or not head.startswith(_COMPANIONS["-journal"][0]):
            return
        _, _, _, pages, sector, size = _JOURNAL.unpack(head)
        own_size, application = _told_by_header(path)
        same = size == own_size and pages * size <= path.stat().st_size
        kept.seek(sector)
        while same and len(record := kept.read(4 + size + 4)) == 4 + size + 4:
            if int.from_bytes(record[:4], "big") == 1:
                same = record[4:][_APPLICATION] == application
    if not same:
        raise FileNotOurs(f"{journal} belongs to another database than {path.name}, which it would damage.")


def _told_by_header(path: Path) -> tuple[int, bytes]:
    """Bytes of a page and mark of the application.

    SQLite reads them: where this process closed the file otherwise, its connections would lose their locks.
    """
    with (
        storing(path),
        closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as header,
    ):
        size, application = (header.execute(f"PRAGMA {name}").fetchone()[0] for name in _HEADER)
    return size, application.to_bytes(4, "big", signed=True)


def _distrusting(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Let the file's triggers and views do nothing, and its functions nothing that has an effect."""
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.set_authorizer(_no_code_of_the_file)
    return connection


def _no_code_of_the_file(*access: str | int | None) -> int:
    return sqlite3.SQLITE_OK if access[-1] is None else sqlite3.SQLITE_DENY  # the trigger or view that asks


def bounded(connection: sqlite3.Connection, path: Path) -> None:
    """End statements that take more steps than a file of this size can need; for reading connections."""
    left = _STEPS_AT_LEAST + size_of(path)

    def spend() -> bool:
        nonlocal left
        left -= _STEPS_AT_ONCE
        return left < 0

    connection.set_progress_handler(spend, _STEPS_AT_ONCE)


def size_of(path: Path) -> int:
    """Bytes of the file and of its write-ahead log."""
    places = (path, path.with_name(path.name + "-wal"))
    return sum(place.stat().st_size for place in places if os.path.isfile(place))


class OpenedFile:
    """The file that a connection was opened on: another one may lie in its place later."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._status = os.stat(path)
        except OSError as error:
            raise self._gone() from error

    def check(self) -> None:
        """Whether it is still there.

        Raises:
            index_gone: it was removed or replaced, so that what is written goes nowhere.
        """
        try:
            same = os.path.samestat(self._status, os.stat(self._path))
        except OSError:
            same = False
        if not same:
            raise self._gone()

    def _gone(self) -> MsaError:
        return MsaError.of("index_gone", f"{self._path} was removed or replaced while it was being written.")


def prepare_writing(connection: sqlite3.Connection) -> None:
    """Set up a file that is known to be an index, or empty.

    A write-ahead log lets another connection read in the middle of a scan, and a batch wait for no disk: a
    killed process loses nothing, a power cut the last batches.
    """
    connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


def connect_for_reading(path: Path) -> sqlite3.Connection:
    """A connection that cannot write.

    Raises:
        PathMissing, IndexUnreadable: no file, or none that SQLite opens.
    """
    if not os.path.isfile(path):
        raise PathMissing(f"There is no index at {path}.")
    uri = path.absolute().as_uri()
    with storing(path):
        try:
            connection = _reader(f"{uri}?mode=ro")
        except sqlite3.OperationalError:
            if os.path.exists(path.with_name(path.name + "-wal")):
                raise
            # On a read-only medium the log's shared memory cannot be made, and without a log need not.
            connection = _reader(f"{uri}?immutable=1")
    bounded(connection, path)
    return connection


def _reader(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, _BUSY_SECONDS, isolation_level=None, uri=True, check_same_thread=False)
    try:
        _distrusting(connection)
        connection.execute("SELECT count(*) FROM sqlite_schema")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def settle(connection: sqlite3.Connection) -> None:
    """Fold the write-ahead log into the file, which then travels alone; skipped while someone reads."""
    try:
        connection.execute("PRAGMA busy_timeout = 200")
        connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error:
        return  # a reader holds the log open; the next writer folds it in
