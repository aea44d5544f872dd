"""Index files behind GDAL's file systems (/vsicurl, /vsis3 …), read through copies in the cache folder.

A copy is named by the file's address without secrets, and by what the index tells of itself: one that has
grown, or was made anew, gets another. SQLite needs a file, and rasterio reads only rasters, so the bytes come
as those of a raw one. Only addresses that a user's command names are asked for.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from html import escape
from pathlib import Path

import pyogrio
import rasterio
from pyogrio.errors import DataLayerError, DataSourceError
from rasterio.errors import RasterioError
from rasterio.windows import Window

from msa_model.files.folders import make_folder, user_cache_folder
from msa_model.files.replacing import replacing
from msa_model.index.files import begins_as_index, delete_index, file_size
from msa_model.index.store import TileIndex
from msa_model.protocol.errors import DiskFull, IndexUnreadable, MsaError
from msa_model.protocol.redaction import without_secrets
from msa_model.raster.environment import GDAL_OPTIONS

FOLDER = "index-copies"
_NAME = re.compile(r"[0-9a-f]{24}-[0-9a-f]{16}\.gpkg")
_KEPT_BYTES = 64 * 2**30  # of all copies
_LEFT_FREE = 2**30  # bytes of the disk
_MAGIC, _HEADER = b"SQLite format 3\0", 100
_ROWS_AT_ONCE = 256  # pages
_NOTHING_KEPT = (
    "/vsicurl/:/vsis3/:/vsigs/:/vsiaz/:/vsiadls/:/vsioss/:/vsiswift/"  # of what a file held before
)
_SECONDS = {
    "GDAL_HTTP_CONNECTTIMEOUT": "10",
    "GDAL_HTTP_LOW_SPEED_TIME": "30",
    "GDAL_HTTP_LOW_SPEED_LIMIT": "1",
}
_OPTIONS = _SECONDS | {
    "CPL_VSIL_CURL_NON_CACHED": _NOTHING_KEPT,
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
}


def is_remote(path: str) -> bool:
    """Whether a path may be that of an index behind one of GDAL's file systems."""
    return path.startswith("/vsi") and without_secrets(path).lower().endswith(".gpkg")


def is_copy(path: Path) -> bool:
    """Whether a file lies where copies do, under a copy's name."""
    return path.parent.name == FOLDER and bool(_NAME.fullmatch(path.name))


class RemoteIndexes:
    """Makes and finds copies below a cache folder (the user's own when None)."""

    def __init__(self, cache_folder: str | None) -> None:
        self._folder = Path(cache_folder or user_cache_folder()).absolute() / FOLDER

    def copy_of(self, path: str) -> Path | None:
        """The copy of an index as it is now; None where no index is read at `path`.

        Raises:
            IndexUnreadable: the file is none to its end, or changes meanwhile.
            DiskFull, storage_failed, folder_read_only: it cannot be read, or the copy not be written.
        """
        state = _state(path)
        if state is None:
            return None
        place = self._folder / f"{_digest(without_secrets(path), 24)}-{state}.gpkg"
        if not (place.is_file() and _state(str(place)) == state):
            make_folder(self._folder)
            with replacing(place, _is_ours) as part:
                self._fetch(path, part)
                if _state(str(part)) != state:
                    raise IndexUnreadable(f"{path} changed while it was copied.")
                TileIndex.open_for_reading(part).close()
        with suppress(OSError):
            os.utime(place)  # those used last are kept longest
        self._forget_older(place)
        return place

    def _fetch(self, path: str, part: Path) -> None:
        try:
            with rasterio.Env(**GDAL_OPTIONS, **_OPTIONS, GDAL_VRT_RAWRASTERBAND_ALLOWED_SOURCE="ALL"):
                page, count = _pages(path)
                if page * count + _LEFT_FREE > shutil.disk_usage(self._folder).free:
                    raise DiskFull(f"There is no room for the {page * count / 1e9:.1f} GB of {path}.")
                with part.open("wb") as file:
                    for row in range(0, count, _ROWS_AT_ONCE):
                        file.write(_bytes(path, page, count, row))
        except RasterioError as error:
            told = f"{path} could not be read to its end: {error.__cause__ or error}."
            raise MsaError.of("storage_failed", told) from error

    def _forget_older(self, place: Path) -> None:
        """Remove copies of earlier states of the same index, and those unused for longest of too many."""
        copies = [copy for copy in self._folder.glob("*.gpkg") if is_copy(copy)]
        copies.sort(key=lambda copy: copy.stat().st_mtime, reverse=True)
        room = _KEPT_BYTES
        for copy in copies:
            room -= file_size(copy)
            earlier = copy.name.partition("-")[0] == place.name.partition("-")[0]
            if copy != place and (earlier or room < 0):
                with suppress(MsaError, OSError):  # another process reads it
                    delete_index(copy)


def _is_ours(path: Path) -> bool:
    return is_copy(path) and begins_as_index(path)


def _state(path: str) -> str | None:
    """A digest of all that an index tells of itself: identity, manifest, counts; None where there is none."""
    try:
        with _options():
            _, _, _, columns = pyogrio.raw.read(
                path, sql="SELECT name, value FROM msa_manifest ORDER BY name"
            )
    except (DataSourceError, DataLayerError, UnicodeDecodeError, ValueError):
        return None
    return _digest(json.dumps([list(map(str, column)) for column in columns]), 16)


@contextmanager
def _options() -> Iterator[None]:
    """GDAL's options for reading an index, as pyogrio sets them."""
    before = {name: pyogrio.get_gdal_config_option(name) for name in _OPTIONS}
    pyogrio.set_gdal_config_options(_OPTIONS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # of a name that ends in a signature
            yield
    finally:
        pyogrio.set_gdal_config_options(before)


def _pages(path: str) -> tuple[int, int]:
    """Bytes of a page of an SQLite file, and how many pages it has.

    Raises:
        IndexUnreadable: its header tells neither.
    """
    header = _bytes(path, _HEADER, 1, 0)
    page, count = struct.unpack_from(">H", header, 16)[0], struct.unpack_from(">I", header, 28)[0]
    if not header.startswith(_MAGIC) or page < 2 * _HEADER or not count:
        raise IndexUnreadable(f"{path} does not tell how large it is.")
    return page, count


def _bytes(path: str, width: int, height: int, row: int) -> bytes:
    """The bytes of some rows of a file seen as a raster of `width` × `height` bytes."""
    band = '<VRTRasterBand dataType="Byte" band="1" subClass="VRTRawRasterBand">'
    file = f'<SourceFilename relativetoVRT="0">{escape(path, quote=False)}</SourceFilename>'
    offsets = f"<ImageOffset>0</ImageOffset><PixelOffset>1</PixelOffset><LineOffset>{width}</LineOffset>"
    text = f'<VRTDataset rasterXSize="{width}" rasterYSize="{height}">{band}{file}{offsets}'
    with rasterio.open(f"{text}</VRTRasterBand></VRTDataset>") as dataset:
        rows = Window(0, row, width, min(_ROWS_AT_ONCE, height - row))
        return bytes(dataset.read(1, window=rows).tobytes())


def _digest(text: str, length: int) -> str:
    return hashlib.sha256(os.fsencode(text)).hexdigest()[:length]
