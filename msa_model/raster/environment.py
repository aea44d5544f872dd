"""GDAL as rasterio brings it: how it is set up, what it may open, damage that it only warns of."""

from __future__ import annotations

import logging
import os
import re
import stat
import threading
from collections.abc import Iterator
from pathlib import PurePath

from msa_model.protocol.errors import RasterUnreadable

_FOREIGN = ("GDAL_DATA", "GDAL_DRIVER_PATH", "PROJ_DATA", "PROJ_LIB")

BLOCK_CACHE_BYTES = 32 * 2**20

GDAL_OPTIONS = {
    "GDAL_CACHEMAX": BLOCK_CACHE_BYTES,
    "VSI_CACHE": True,
    # Reading a PNG in one go hands out zeros where the file is cut off, and reports no error.
    "GDAL_PNG_WHOLE_IMAGE_OPTIM": False,
}


def forget_foreign_gdal() -> None:
    """Drop variables that lead the wheels' GDAL and PROJ to another installation's data or drivers.

    A PROJ database of another version makes every CRS fail (`DATABASE.LAYOUT.VERSION`).
    """
    for name in _FOREIGN:
        os.environ.pop(name, None)


_SEPARATORS = re.compile(r'["{},:?&=]|/vsi[a-z0-9_]+/')
_STREAMS = ("/vsistdin", "/vsistdout")
_KINDS = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def check_regular(path: str) -> None:
    """Refuse what GDAL would wait for: `path`, the file in '/vsi…/file' or 'DRIVER:"file"', its sidecars.

    Raises:
        RasterUnreadable: it is a pipe, a socket, a device or a stream.
    """
    if any(stream in path for stream in _STREAMS):
        raise RasterUnreadable(f"{path} is a stream, not a raster file.")
    for name in (*_named_files(path), *_sidecars(path)):
        refuse_endless(name, path)


def refuse_endless(name: str, path: str) -> os.stat_result | None:
    """The status of a file that belongs to the raster at `path`; None where there is none.

    Raises:
        RasterUnreadable: as of `check_regular`.
    """
    try:
        status = os.stat(name)
    except (OSError, ValueError):
        return None
    for is_kind, kind in _KINDS:
        if is_kind(status.st_mode):
            part = "" if name == path else f" ({name})"
            raise RasterUnreadable(f"{path} cannot be read{part}: that is {kind}, not a file.")
    return status


def _named_files(path: str) -> Iterator[str]:
    """Files of this machine that a GDAL name may hold, each as far as it exists."""
    yield path
    for piece in _SEPARATORS.split(path):
        place = PurePath(piece)
        while piece and len(place.parts) > 1 and not os.path.lexists(place):
            place = place.parent
        if piece:
            yield str(place)


def _sidecars(path: str) -> Iterator[str]:
    """What lies beside a file under its name: GDAL looks for masks, overviews, world files and the like."""
    folder, name = os.path.split(path)
    try:
        with os.scandir(folder or ".") as entries:
            stem = os.path.splitext(name)[0]
            found = [
                entry.path
                for entry in entries
                if stem and entry.name.startswith(stem) and not (entry.is_file() or entry.is_dir())
            ]
    except (OSError, ValueError):
        return
    yield from found


_LOST = ("premature end", "bad huffman code", "instead of rst")


class Damage(logging.Handler):
    """Hears rasterio's log of GDAL's warnings, and keeps for each thread what tells of lost pixels.

    Other warnings of libjpeg (extraneous bytes, unknown markers) do not change a pixel.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._heard = threading.local()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a message that tells of lost pixels."""
        text = record.getMessage()
        if any(words in text.lower() for words in _LOST):
            self._heard.text = text

    def take(self) -> str:
        """What this thread heard since it last asked; empty where nothing was lost."""
        text = getattr(self._heard, "text", "")
        self._heard.text = ""
        return text


DAMAGE = Damage()
logging.getLogger("rasterio").addHandler(DAMAGE)
