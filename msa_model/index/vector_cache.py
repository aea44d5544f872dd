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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from msa_model.files.folders import user_cache_folder
from msa_model.files.replacing import replacing
from msa_model.index.codes import Segment
from msa_model.protocol.errors import MsaError
from msa_model.raster.grid import Keys

_log = logging.getLogger(__name__)

_FOLDER, _SUFFIX, _MAGIC = "vectors", ".msa-vectors", b"MSA Search vectors 1\n"
_HEADER, _ALIGNED = 2**16, 2**12  # bytes
_MOST_BYTES = 64 * 2**30  # of all files together
_LEFT_FREE = 2**30  # bytes of the disk


@dataclass(frozen=True)
class CachedRows:
    """Rows of an index up to `last_block`: keys, vectors, valid shares, and segments of the first ones."""

    digest: str
    last_block: int
    keys: Keys
    vectors: NDArray[np.float16]
    valid: NDArray[np.float32]
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
        path = self.path(index)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if self._makes_room(path, _size(rows)):
                with replacing(path, is_own_cache) as part:
                    _write(part, os.path.realpath(index), rows)
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


def _parts(rows: CachedRows) -> list[NDArray[Any]]:
    return [rows.keys, rows.valid, rows.vectors, *(segment.codes for segment in rows.segments)]


def _size(rows: CachedRows) -> int:
    """Bytes of the file."""
    return _HEADER + sum(part.nbytes + -part.nbytes % _ALIGNED for part in _parts(rows))


def _write(path: Path, index: str, rows: CachedRows) -> None:
    told = {
        "index": index,
        "digest": rows.digest,
        "last_block": rows.last_block,
        "shape": rows.vectors.shape,
        "segments": [(len(segment.codes), segment.step) for segment in rows.segments],
    }
    text = json.dumps(told).encode()
    with path.open("wb") as file:
        file.write(_MAGIC + f"{zlib.crc32(text):08x}\n".encode() + text + b"\n")
        file.seek(_HEADER)
        for part in _parts(rows):
            file.write(np.ascontiguousarray(part).data)
            file.seek(-file.tell() % _ALIGNED, os.SEEK_CUR)
        file.truncate()


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
