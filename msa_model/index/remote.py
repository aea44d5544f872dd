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
from contextlib import contextmanager
from html import escape
from pathlib import Path

import pyogrio
import rasterio
from pyogrio.errors import DataLayerError, DataSourceError
from rasterio.errors import RasterioError
from rasterio.windows import Window

from msa_model.files.folders import forget_older, make_folder, mark_used, user_cache_folder
from msa_model.files.replacing import replacing
from msa_model.index.files import SQLITE, begins_as_index, delete_index
from msa_model.index.store import TileIndex
from msa_model.protocol.errors import BadArgument, DiskFull, IndexUnreadable, MsaError
from msa_model.protocol.redaction import without_secrets
from msa_model.raster.aoi import vector_name
from msa_model.raster.environment import GDAL_OPTIONS

FOLDER = "index-copies"
_STORES = ("/vsis3/", "/vsigs/", "/vsiaz/", "/vsiadls/", "/vsioss/", "/vsiswift/")
_NAME = re.compile(r"[0-9a-f]{24}-[0-9a-f]{16}\.gpkg")
_KEPT_BYTES = 64 * 2**30  # of all copies
_LEFT_FREE = 2**30  # bytes of the disk
_MOST_FILES = 10_000  # of a folder
_HEADER = 100  # bytes of an SQLite file
_ROWS_AT_ONCE = 256  # pages
_OPTIONS = {
    "GDAL_HTTP_CONNECTTIMEOUT": "10",  # seconds
    "GDAL_HTTP_LOW_SPEED_TIME": "30",
    "GDAL_HTTP_LOW_SPEED_LIMIT": "1",
    # Nothing is kept of what a file held before.
    "CPL_VSIL_CURL_NON_CACHED": "/vsicurl/:/vsis3/:/vsigs/:/vsiaz/:/vsiadls/:/vsioss/:/vsiswift/",
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
}


def is_remote(path: str) -> bool:
    """Whether a path may be that of an index behind one of GDAL's file systems."""
    return path.startswith("/vsi") and without_secrets(path).lower().endswith(".gpkg")


def is_remote_folder(path: str) -> bool:
    """Whether a path is that of a folder in an object store: its last part has no extension."""
    return path.startswith(_STORES) and not os.path.splitext(path.rstrip("/"))[1]


def is_copy(path: Path) -> bool:
    """Whether a file lies where copies do, under a copy's name."""
    return path.parent.name == FOLDER and bool(_NAME.fullmatch(path.name))


def remote_index_files(folder: str) -> tuple[str, ...]:
    """The GeoPackages of a folder in an object store (/vsis3/bucket/folder …), by name, none below it.

    Raises:
        BadArgument: it has more than can be searched at once.
        storage_failed: it cannot be listed.
    """
    start = f"{folder.rstrip('/')}/"
    try:
        with _options():
            names = pyogrio.vsi_listtree(start, pattern="*.gpkg")
    except (OSError, DataSourceError) as error:
        raise MsaError.of("storage_failed", f"{folder} could not be listed: {error}.") from error
    found = sorted({name for name in names if name.startswith(start) and "/" not in name[len(start) :]})
    if len(found) > _MOST_FILES:
        raise BadArgument(f"{folder} has {len(found):,} index files; at most {_MOST_FILES:,} are searched.")
    return tuple(found)


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
            forget_older(place, _NAME, _KEPT_BYTES, delete_index)
        mark_used(place)
        return place

    def _fetch(self, path: str, part: Path) -> None:
        try:
            with rasterio.Env(**GDAL_OPTIONS, **_OPTIONS, GDAL_VRT_RAWRASTERBAND_ALLOWED_SOURCE="ALL"):
                page, count = _pages(path)
                if page * count + _LEFT_FREE > shutil.disk_usage(self._folder).free:
                    raise DiskFull(f"There is no room for the {page * count / 1e9:.1f} GB of {path}.")
                with rasterio.open(_raw(path, page, count)) as pages, part.open("wb") as file:
                    for row in range(0, count, _ROWS_AT_ONCE):
                        rows = Window(0, row, page, min(_ROWS_AT_ONCE, count - row))
                        file.write(pages.read(1, window=rows).tobytes())
        except RasterioError as error:
            told = f"{path} could not be read to its end: {error.__cause__ or error}."
            raise MsaError.of("storage_failed", told) from error


def _is_ours(path: Path) -> bool:
    return is_copy(path) and begins_as_index(path)


def _state(path: str) -> str | None:
    """A digest of all that an index tells of itself: identity, manifest, counts; None where there is none."""
    try:
        with _options():
            _, _, _, columns = pyogrio.raw.read(
                vector_name(path), sql="SELECT name, value FROM msa_manifest ORDER BY name"
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
    with rasterio.open(_raw(path, _HEADER, 1)) as beginning:
        header = beginning.read(1).tobytes()
    page, count = struct.unpack_from(">H", header, 16)[0], struct.unpack_from(">I", header, 28)[0]
    if not header.startswith(SQLITE) or page < 2 * _HEADER or not count:
        raise IndexUnreadable(f"{path} does not tell how large it is.")
    return page, count


def _raw(path: str, width: int, height: int) -> str:
    """A file as a raster of `width` × `height` bytes, for GDAL to open."""
    band = '<VRTRasterBand dataType="Byte" band="1" subClass="VRTRawRasterBand">'
    file = f'<SourceFilename relativetoVRT="0">{escape(path, quote=False)}</SourceFilename>'
    offsets = f"<ImageOffset>0</ImageOffset><PixelOffset>1</PixelOffset><LineOffset>{width}</LineOffset>"
    size = f'rasterXSize="{width}" rasterYSize="{height}"'
    return f"<VRTDataset {size}>{band}{file}{offsets}</VRTRasterBand></VRTDataset>"


def _digest(text: str, length: int) -> str:
    return hashlib.sha256(os.fsencode(text)).hexdigest()[:length]
