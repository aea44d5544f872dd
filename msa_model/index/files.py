"""Index files as a whole: finding, deleting, moving."""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from msa_model.index.database import connect_for_writing, settle
from msa_model.index.lock import WriterLock
from msa_model.index.places import is_writable, make_folder
from msa_model.index.replacing import replacing
from msa_model.index.store import TileIndex
from msa_model.protocol.errors import (
    BadArgument,
    IndexFolderReadOnly,
    IndexLocked,
    IndexMissing,
    IndexUnreadable,
)

_PART_OF_NAME = re.compile(r"\.msa-[0-9a-f]{8}\.gpkg$")
_COMPANIONS = ("-wal", "-shm", "-journal")
_CHUNK = 16_000_000


def index_files(folders: Iterable[Path], rasters: Iterable[Path]) -> tuple[Path, ...]:
    """Index files in folders and beside rasters, each once, by path; other GeoPackages are left out.

    A file that only its name makes an index is among them: it may be damaged.
    """
    found = {path.absolute() for folder in folders for path in _listed(folder) if path.suffix == ".gpkg"}
    for raster in rasters:
        beside = _listed(raster.parent)
        found |= {p.absolute() for p in beside if p.name.startswith(f"{raster.name}.msa-") and _is_named(p)}
    return tuple(sorted(path for path in found if _is_named(path) or _holds_tiles(path)))


def delete_index(path: Path) -> int:
    """Remove an index, and tell how many bytes that frees.

    Raises:
        IndexMissing, IndexUnreadable: there is none, or the file is something else.
        IndexLocked: a scan is writing it.
        IndexFolderReadOnly: it cannot be removed.
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
        IndexLocked: it is being written, or read.
        BadArgument: a file of that name is there already.
        IndexFolderReadOnly, DiskFull: the folder cannot be written to, or has no room.
    """
    TileIndex.open_for_reading(path).close()
    target = folder / path.name
    if target.exists():
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
        raise IndexLocked(f"{path} is being read by another program.")


def _rename(path: Path, target: Path) -> None:
    try:
        os.rename(path, target)
    except OSError as error:
        raise IndexFolderReadOnly(f"{path} cannot be moved: {error.strerror}.") from error


def _carried(path: Path, target: Path) -> Generator[tuple[int, int], None, None]:
    """To another disk."""
    total = path.stat().st_size
    with replacing(target, OSError) as part, path.open("rb") as source, part.open("wb") as copy:
        while chunk := source.read(_CHUNK):
            copy.write(chunk)
            yield copy.tell(), total
        copy.flush()
        os.fsync(copy.fileno())
    _remove(path)


def _listed(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_file()]
    except OSError:
        return []


def _is_named(path: Path) -> bool:
    return bool(_PART_OF_NAME.search(path.name))


def _holds_tiles(path: Path) -> bool:
    try:
        TileIndex.open_for_reading(path).close()
    except (IndexMissing, IndexUnreadable):
        return False
    return True


def _check_index(path: Path) -> None:
    """A damaged file may be removed where its name says that it is an index."""
    try:
        TileIndex.open_for_reading(path).close()
    except IndexUnreadable:
        if not _is_named(path):
            raise
    except IndexMissing:
        if not (path.is_file() and _is_named(path)):
            raise


def _remove(path: Path) -> None:
    if not is_writable(path.parent):
        raise IndexFolderReadOnly(f"{path} cannot be removed: its folder cannot be written to.")
    try:
        for end in ("", *_COMPANIONS):
            path.with_name(path.name + end).unlink(missing_ok=True)
    except OSError as error:
        raise IndexFolderReadOnly(f"{path} cannot be removed: {error.strerror}.") from error
