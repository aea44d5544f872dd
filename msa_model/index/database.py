"""SQLite connections of an index file, and what SQLite's failures mean to a user."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msa_model.protocol.errors import (
    DiskFull,
    IndexFolderReadOnly,
    IndexLocked,
    IndexMissing,
    IndexUnreadable,
    MsaError,
)

_PAGE_BYTES = 16_384  # a batch's vectors fill a few pages
_BUSY_SECONDS = 30.0
_FAILURES: dict[int, tuple[type[MsaError], str]] = {
    sqlite3.SQLITE_FULL: (DiskFull, "There is no room left on the disk for {path}."),
    sqlite3.SQLITE_READONLY: (IndexFolderReadOnly, "{path} cannot be written to."),
    sqlite3.SQLITE_PERM: (IndexFolderReadOnly, "{path} cannot be written to."),
    sqlite3.SQLITE_CANTOPEN: (IndexFolderReadOnly, "{path} cannot be opened."),
    sqlite3.SQLITE_BUSY: (IndexLocked, "{path} is in use by another process."),
    sqlite3.SQLITE_LOCKED: (IndexLocked, "{path} is in use by another process."),
}


@contextmanager
def storing(path: Path) -> Iterator[None]:
    """Name SQLite's failures.

    Raises:
        DiskFull, IndexFolderReadOnly, IndexLocked, IndexUnreadable: what went wrong with `path`.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        kind, sentence = _FAILURES.get(
            code, (IndexUnreadable, "{path} is no tile index, or it is damaged: {error}.")
        )
        raise kind(sentence.format(path=path, error=error)) from error


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


def connect_for_writing(path: Path) -> sqlite3.Connection:
    """A connection that makes the file where there is none."""
    with storing(path):
        return sqlite3.connect(path, _BUSY_SECONDS, isolation_level=None, check_same_thread=False)


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
        IndexMissing, IndexUnreadable: no file, or none that SQLite opens.
    """
    if not path.is_file():
        raise IndexMissing(f"There is no index at {path}.")
    uri = path.absolute().as_uri()
    try:
        return _reader(f"{uri}?mode=ro")
    except sqlite3.OperationalError as error:
        if path.with_name(path.name + "-wal").exists():
            raise IndexUnreadable(f"{path} cannot be read: {error}.") from error
        # On a read-only medium the log's shared memory cannot be made, and without a log need not.
        with storing(path):
            return _reader(f"{uri}?immutable=1")
    except sqlite3.DatabaseError as error:
        raise IndexUnreadable(f"{path} is no tile index, or it is damaged: {error}.") from error


def _reader(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, _BUSY_SECONDS, isolation_level=None, uri=True, check_same_thread=False)
    try:
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
