"""The tiles of an index as a search holds them: in memory or mapped from a file, growing during a scan.

The tiles of large indexes as files in the cache folder, which a search maps instead of reading blocks.

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
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from msa_model.files.folders import user_cache_folder
from msa_model.files.replacing import replacing
from msa_model.index.rank import (
    MOST_WANTED,
    SEGMENT,
    Floats,
    Halves,
    Positions,
    Products,
    Segment,
    available,
    check_asked,
    encoded,
    rank_exactly,
    rank_tiles,
    widened,
)
from msa_model.protocol.errors import MsaError
from msa_model.raster.grid import Keys

Kept = NDArray[np.bool_]


class GrowingTable:
    """Keys int32 [n, 3], vectors float16 [n, d], valid float32 [n]; appending does not copy all each time."""

    def __init__(self, dimension: int) -> None:
        self._keys: Keys = np.empty((0, 3), np.int32)
        self._vectors: Halves = np.empty((0, dimension), np.float16)
        self._valid: Floats = np.empty(0, np.float32)
        self._count = 0
        self._segments: list[Segment] = []

    @property
    def keys(self) -> Keys:
        """Lattice keys int32 [n, 3]."""
        return self._keys[: self._count]

    @property
    def vectors(self) -> Halves:
        """Unit vectors float16 [n, d], as stored."""
        return self._vectors[: self._count]

    @property
    def valid(self) -> Floats:
        """Share of each tile that has data."""
        return self._valid[: self._count]

    @property
    def segments(self) -> Sequence[Segment]:
        """The first rows as bytes, as far as they fill segments; made when they are asked for."""
        if available():
            for start in range(self._coded, self._count - SEGMENT + 1, SEGMENT):
                self._segments.append(encoded(self._vectors[start : start + SEGMENT]))
        return self._segments

    @property
    def _coded(self) -> int:
        """How many of the first rows are there as bytes."""
        return sum(len(segment.codes) for segment in self._segments)

    def whole_as_segments(self) -> Sequence[Segment]:
        """All rows as bytes, the last of them as a short segment; none without FAISS."""
        whole = self.segments
        rest = self.vectors[self._coded :]
        return [*whole, encoded(rest)] if available() and len(rest) else whole

    def extend(self, keys: Keys, vectors: Halves, valid: Floats) -> None:
        """Appends rows; the first ones are taken over without a copy."""
        if self._count == 0:
            self._keys, self._vectors, self._valid = keys, vectors, valid
            self._count = len(keys)
            return
        end = self._count + len(keys)
        if end > len(self._keys):
            self._reserve(max(end, self._count * 3 // 2))
        new = slice(self._count, end)
        self._keys[new], self._vectors[new], self._valid[new] = keys, vectors, valid
        self._count = end

    def take_over(self, keys: Keys, vectors: Halves, valid: Floats, segments: Sequence[Segment]) -> None:
        """Hold rows that lie in a file, and their segments, in place of what there was."""
        self._count = 0
        self.extend(keys, vectors, valid)
        self._segments = list(segments)

    def rows(self, positions: Positions | Sequence[int]) -> Floats:
        """The vectors float32 [m, d] at `positions`."""
        return widened(self.vectors[positions])

    def rank(self, query: Floats, k: int, keep: Kept | None = None) -> tuple[Positions, Floats]:
        """The `k` nearest rows to query [d]; see `rank_tiles`, whose answer this is."""
        check_asked(self.vectors, query, k)
        if k > MOST_WANTED or not self.segments:
            return rank_tiles(self.vectors, query, k, keep)
        return rank_exactly(self.vectors, query, k, self._candidates(query, k, keep))

    def _candidates(self, query: Floats, k: int, keep: Kept | None) -> Positions:
        """The rows that may be among the `k` nearest."""
        products, coded, start = Products(query), self._coded, 0
        places, cosines = rank_tiles(self.vectors[coded:], query, k, None if keep is None else keep[coded:])
        places, floor, slack = places + coded, -np.inf, 0.0
        for segment in self._segments:
            rows = slice(start, start + len(segment.codes))
            found, near = products.best(segment, k, None if keep is None else keep[rows], floor)
            places, cosines = np.concatenate((places, found + start)), np.concatenate((cosines, near))
            start = rows.stop
            slack = max(slack, 2 * products.margin(segment.step))
            if len(cosines) >= k:
                floor = float(np.partition(cosines, -k)[-k])
                near_enough = cosines >= floor - slack
                places, cosines = places[near_enough], cosines[near_enough]
        return places

    def _reserve(self, rows: int) -> None:
        keys, vectors, valid = self.keys, self.vectors, self.valid
        self._keys = np.empty((rows, keys.shape[1]), np.int32)
        self._vectors = np.empty((rows, vectors.shape[1]), np.float16)
        self._valid = np.empty(rows, np.float32)
        old = slice(self._count)
        self._keys[old], self._vectors[old], self._valid[old] = keys, vectors, valid


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
