"""Index files as a whole: finding, deleting, moving."""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from msa_model.files.folders import is_writable, make_folder, reading
from msa_model.files.replacing import replacing
from msa_model.index.database import connect_for_reading, connect_for_writing, settle, storing
from msa_model.index.locations import index_stem
from msa_model.index.lock import WriterLock
from msa_model.index.own_tables import check_only_ours
from msa_model.index.store import TileIndex
from msa_model.protocol.errors import BadArgument, IndexMissing, IndexUnreadable, MsaError

_PART_OF_NAME = re.compile(r"\.msa-[0-9a-f]{8}\.gpkg$")
_COMPANIONS = ("-wal", "-shm", "-journal")
SQLITE, _FIRST_PAGE = b"SQLite format 3\0", 65_536
_CHUNK = 16_000_000


def index_files(folders: Iterable[Path], rasters: Iterable[Path]) -> tuple[Path, ...]:
    """Index files in folders and beside rasters, each once, by path; other GeoPackages are left out.

    A file that only its name makes an index is among them: it may be damaged.
    """
    found = {path.absolute() for folder in folders for path in _listed(folder) if path.suffix == ".gpkg"}
    for raster in rasters:
        stem = f"{index_stem(raster.name)}.msa-"
        found |= {p.absolute() for p in _listed(raster.parent) if p.name.startswith(stem) and _is_named(p)}
    return tuple(sorted(path for path in found if _is_named(path) or _holds_tiles(path)))


def indexes_in(folder: Path, model_sha256: str) -> tuple[Path, ...]:
    """Files of a folder that are named as a model's indexes are, by path."""
    end = f".msa-{model_sha256[:8]}.gpkg"
    return tuple(sorted(path for path in _listed(folder) if path.name.endswith(end)))


def delete_index(path: Path) -> int:
    """Remove an index, and tell how many bytes that frees.

    Raises:
        IndexMissing, IndexUnreadable: there is none, or the file is something else.
        FileNotOurs: nothing in it proves that it is an index, or it also holds layers of another program.
        index_locked: a scan is writing it.
        folder_read_only: it cannot be removed.
    """
    _check_index(path)
    freed = file_size(path)
    with writing_alone(path):
        _remove(path)
    return freed


def move_index(path: Path, folder: Path) -> Generator[tuple[int, int], None, Path]:
    """Bring an index to another folder; yields (bytes copied, of all) and returns the new path.

    The file is whole in the old place until it is whole in the new one.

    Raises:
        IndexMissing, IndexUnreadable: there is none, or the file is something else.
        index_locked: it is being written, or read.
        BadArgument: a file of that name is there already.
        folder_read_only, DiskFull: the folder cannot be written to, or has no room.
    """
    TileIndex.open_for_reading(path).close()
    target = folder / path.name
    if os.path.lexists(target):
        raise BadArgument(f"There is a {path.name} in {folder} already.")
    make_folder(folder)
    with writing_alone(path):
        _fold(path)
        if os.stat(path).st_dev == os.stat(folder).st_dev:
            _rename(path, target)
        else:
            yield from _carried(path, target)
    return target


def file_size(path: Path) -> int:
    """Bytes of an index with what SQLite keeps beside it."""
    places = [path, *(path.with_name(path.name + end) for end in _COMPANIONS)]
    return sum(place.stat().st_size for place in places if place.exists())


@contextmanager
def writing_alone(path: Path) -> Iterator[None]:
    """Hold the writer's lock of an index; errors as of `WriterLock`."""
    lock = WriterLock(path)
    try:
        yield
    finally:
        lock.release()


def _fold(path: Path) -> None:
    """Fold the write-ahead log in, so that the file can travel alone."""
    with closing(connect_for_writing(path)) as connection:
        settle(connection)
    if path.with_name(path.name + "-wal").exists():
        raise MsaError.of("index_locked", f"{path} is being read by another program.")


def _rename(path: Path, target: Path) -> None:
    try:
        os.rename(path, target)
    except OSError as error:
        raise MsaError.of("folder_read_only", f"{path} cannot be moved: {error.strerror}.") from error


def _carried(path: Path, target: Path) -> Generator[tuple[int, int], None, None]:
    """To another disk."""
    total = path.stat().st_size
    with replacing(target, _nothing_may_go) as part, path.open("rb") as source, part.open("wb") as copy:
        while chunk := source.read(_CHUNK):
            copy.write(chunk)
            yield copy.tell(), total
        copy.flush()
        os.fsync(copy.fileno())
    _remove(path)


def _nothing_may_go(_: Path) -> bool:
    return False


def _listed(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if os.path.isfile(path)]
    except (OSError, ValueError):
        return []


def _is_named(path: Path) -> bool:
    return bool(_PART_OF_NAME.search(path.name))


def _holds_tiles(path: Path) -> bool:
    """Other programs' files are not opened as databases: that may write files beside them."""
    try:
        if not begins_as_index(path):
            return False
        TileIndex.open_for_reading(path).close()
    except (MsaError, OSError):
        return False
    return True


def begins_as_index(path: Path) -> bool:
    """Whether the tables of an index are told on a file's first page, however damaged the rest is."""
    with path.open("rb") as file:
        beginning = file.read(_FIRST_PAGE)
    return beginning.startswith(SQLITE) and b"CREATE TABLE msa_blocks" in beginning


def _check_index(path: Path) -> None:
    """A damaged file may be removed where its content tells that it is an index, and of nobody else.

    An empty one where its name does: a scan that was killed at its start leaves it.
    """
    try:
        TileIndex.open_for_reading(path).close()
    except IndexMissing:
        if not (os.path.isfile(path) and _is_named(path)):
            raise
        return
    except IndexUnreadable:
        with reading(path):
            if not begins_as_index(path):
                raise
    with suppress(IndexUnreadable), closing(connect_for_reading(path)) as connection, storing(path):
        check_only_ours(connection, path)


def _remove(path: Path) -> None:
    if not is_writable(path.parent):
        raise MsaError.of("folder_read_only", f"{path} cannot be removed: its folder cannot be written to.")
    try:
        for end in ("", *_COMPANIONS):
            path.with_name(path.name + end).unlink(missing_ok=True)
    except OSError as error:
        raise MsaError.of("folder_read_only", f"{path} cannot be removed: {error.strerror}.") from error
