"""The tiles of large indexes as files in the cache folder, which a search maps instead of reading blocks.

A file tells by a digest which index it was made of, and up to which block; an index that was replaced, or of
which tiles were taken out, has another. Such a file can always be made again; what is none is not touched.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from msa_model.files.folders import user_cache_folder
from msa_model.files.replacing import replacing
from msa_model.index.rank import SEGMENT, Floats, Halves, Segment, available, encoded
from msa_model.index.store import TileIndex
from msa_model.protocol.errors import MsaError
from msa_model.raster.grid import Keys

_log = logging.getLogger(__name__)

_FOLDER, _SUFFIX, _MAGIC = "vectors", ".msa-vectors", b"MSA Search vectors 1\n"
_HEADER, _ALIGNED = 2**16, 2**12  # bytes
_MOST_BYTES = 64 * 2**30  # of all files together
_LEFT_FREE = 2**30  # bytes of the disk


@dataclass(frozen=True)
class Rows:
    """Some of an index's rows: keys int32 [n, 3], vectors float16 [n, d], valid shares float32 [n]."""

    keys: Keys
    vectors: Halves
    valid: Floats

    def cut(self, start: int, stop: int) -> Rows:
        """Those from `start` to before `stop`."""
        part = slice(start, stop)
        return Rows(self.keys[part], self.vectors[part], self.valid[part])


@dataclass(frozen=True)
class CachedRows:
    """Rows of an index up to `last_block`: keys, vectors, valid shares, and segments of the first ones."""

    digest: str
    last_block: int
    keys: Keys
    vectors: Halves
    valid: Floats
    segments: tuple[Segment, ...]


class VectorCache:
    """The folder of such files below a cache folder (the user's own when None)."""

    def __init__(self, cache_folder: str | None) -> None:
        self._folder = Path(cache_folder or user_cache_folder()) / _FOLDER

    def path(self, index: Path) -> Path:
        """Where the file of an index lies."""
        place = hashlib.sha256(os.fsencode(os.path.realpath(index))).hexdigest()[:32]
        return self._folder / f"{place}{_SUFFIX}"

    def read(self, index: Path, dimension: int) -> CachedRows | None:
        """The rows that are kept of an index, mapped from the file; None where there are none, or not all."""
        try:
            return _mapped(self.path(index), dimension)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, index: Path, rows: CachedRows) -> None:
        """Keep rows of an index; where that cannot be done, the log says why, and blocks are read again."""
        layout = _Layout(len(rows.keys), rows.vectors.shape[1])
        parts = in_segments([Rows(rows.keys, rows.vectors, rows.valid)])
        for _ in self._writing(index, layout, parts, lambda: (rows.digest, rows.last_block)):
            pass

    def making(self, path: Path, index: TileIndex) -> Generator[int, None, CachedRows | None]:
        """Keeps all tiles of an index and maps them; only some thousands at a time are in memory.

        Yields how many tiles are written; closing it leaves no file. None where that cannot be done; the log
        says why.
        """
        last = 0

        def rows() -> Iterator[Rows]:
            nonlocal last
            for block in index.blocks():
                last = block.number
                yield Rows(block.keys, block.halves, block.valid)

        with index.moment():
            layout = _Layout(index.counts().tiles, index.manifest.dimension)
            yield from self._writing(path, layout, in_segments(rows()), lambda: (index.digest(last), last))
        return self.read(path, index.manifest.dimension)

    def _writing(
        self, index: Path, layout: _Layout, parts: Iterable[Rows], told: Callable[[], tuple[str, int]]
    ) -> Generator[int, None, None]:
        """`told` is asked for digest and last block when all parts are written."""
        path = self.path(index)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if self._makes_room(path, layout.size):
                with replacing(path, is_own_cache) as part, part.open("wb") as file:
                    yield from layout.writing(file, os.path.realpath(index), parts, told)
            else:
                _log.warning("The vectors of %s are not kept: no room for %d bytes", index, layout.size)
        except (MsaError, OSError) as error:
            _log.warning("The vectors of %s are not kept for the next search: %s", index, error)

    def _makes_room(self, path: Path, size: int) -> bool:
        """Whether there is room; files of indexes that are gone, and the oldest of too many, are deleted."""
        files = [file for file in self._folder.glob(f"*{_SUFFIX}") if file != path and is_own_cache(file)]
        files.sort(key=lambda file: (os.path.exists(str(_told(file)["index"])), file.stat().st_mtime))
        taken = size + sum(file.stat().st_size for file in files)
        for file in files:
            if taken > _MOST_BYTES or not os.path.exists(str(_told(file)["index"])):
                taken -= file.stat().st_size
                file.unlink()
        return shutil.disk_usage(self._folder).free > size + _LEFT_FREE


def is_own_cache(path: Path) -> bool:
    """Whether `VectorCache` wrote the file."""
    try:
        return bool(_told(path))
    except (OSError, ValueError):
        return False


def in_segments(parts: Iterable[Rows]) -> Iterator[Rows]:
    """The same rows, as many at a time as share a segment; each is good until the next one."""
    gathered, filled = None, 0
    for part in parts:
        gathered, start = gathered or _empty_like(part), 0
        while start < len(part.keys):
            taken = part.cut(start, start + SEGMENT - filled)
            end = filled + len(taken.keys)
            gathered.keys[filled:end], gathered.valid[filled:end] = taken.keys, taken.valid
            gathered.vectors[filled:end] = taken.vectors
            start, filled = start + len(taken.keys), end % SEGMENT
            if not filled:
                yield gathered
    if gathered is not None and filled:
        yield gathered.cut(0, filled)


def _empty_like(part: Rows) -> Rows:
    """Room for the rows of a segment."""
    vectors = np.empty((SEGMENT, part.vectors.shape[1]), np.float16)
    return Rows(np.empty((SEGMENT, 3), np.int32), vectors, np.empty(SEGMENT, np.float32))


class _Layout:
    """Where the columns of so many rows lie in a file: keys, valid shares, vectors, bytes where FAISS is."""

    def __init__(self, tiles: int, dimension: int) -> None:
        self._shape, self._coded = (tiles, dimension), available()
        widths = (12, 4, 2 * dimension, dimension if self._coded else 0)
        self._starts, at = [], _HEADER
        for width in widths:
            self._starts.append(at)
            at += tiles * width + -(tiles * width) % _ALIGNED
        self._widths, self.size = widths, at

    def writing(
        self, file: BinaryIO, index: str, parts: Iterable[Rows], told: Callable[[], tuple[str, int]]
    ) -> Generator[int, None, None]:
        """All parts, each a segment, and at last the header; yields how many rows are written."""
        done, segments = 0, []
        for rows in parts:
            columns: list[NDArray[Any]] = [rows.keys, rows.valid, rows.vectors]
            if self._coded:
                segment = encoded(rows.vectors)
                segments.append((len(segment.codes), segment.step))
                columns.append(segment.codes)
            for column, start, width in zip(columns, self._starts, self._widths, strict=False):
                file.seek(start + done * width)
                file.write(np.ascontiguousarray(column).data)
            done += len(rows.keys)
            yield done
        digest, last_block = told()
        file.truncate(self.size)
        file.seek(0)
        shape = {"shape": self._shape, "segments": segments}
        text = json.dumps({"index": index, "digest": digest, "last_block": last_block, **shape}).encode()
        file.write(_MAGIC + f"{zlib.crc32(text):08x}\n".encode() + text + b"\n")


def _told(path: Path) -> dict[str, Any]:
    """The header of a file; ValueError where it is none."""
    with path.open("rb") as file:
        head = file.read(_HEADER)
    if not head.startswith(_MAGIC):
        raise ValueError("no vectors of ours")
    check, text, _ = head[len(_MAGIC) :].split(b"\n", 2)
    if int(check, 16) != zlib.crc32(text):
        raise ValueError("another header than was written")
    told: dict[str, Any] = json.loads(text)
    return told


def _mapped(path: Path, dimension: int) -> CachedRows:
    told = _told(path)
    count, stored = told["shape"]
    segments = [(int(length), float(step)) for length, step in told["segments"]]
    if stored != dimension or sum(length for length, _ in segments) > count:
        raise ValueError("rows of another shape")
    cut = _Cut(path)
    rows = CachedRows(
        digest=str(told["digest"]),
        last_block=int(told["last_block"]),
        keys=cut.next(np.int32, count, 3),
        valid=cut.next(np.float32, count, 1)[:, 0],
        vectors=cut.next(np.float16, count, dimension),
        segments=tuple(Segment(cut.next(np.uint8, n, dimension), step) for n, step in segments),
    )
    cut.check()
    return rows


class _Cut:
    """The arrays of a mapped file, one after the other."""

    def __init__(self, path: Path) -> None:
        self._file = np.memmap(path, np.uint8, "r")
        self._at = _HEADER

    def next(self, kind: type[Any], rows: int, columns: int) -> NDArray[Any]:
        """An array [rows, columns]; ValueError where the file ends before."""
        end = self._at + rows * columns * np.dtype(kind).itemsize
        array: NDArray[Any] = self._file[self._at : end].view(np.ndarray).view(kind).reshape(rows, columns)
        self._at = end + -end % _ALIGNED
        return array

    def check(self) -> None:
        """ValueError where the file goes on."""
        if self._at != len(self._file):
            raise ValueError("longer or shorter than was written")
