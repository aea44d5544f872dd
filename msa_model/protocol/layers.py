"""Layers that the worker's GDAL does not read, those that QGIS draws first, and formats told by content."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass

DRAWN = "qgis:"  # what the source of a drawn layer begins with; a file's provider is 'gdal'
Transform = tuple[float, float, float, float, float, float]  # Affine's a … f: (column, row) → map units


@dataclass(frozen=True)
class DrawnLayer:
    """A layer that QGIS draws for the worker, block by block: no file that the worker could open.

    `source` names it for good, `transform` and size fix its pixels: anchored to the layer and the GSD that
    the user picked, never to the view. `version` changes when the look of the pixels does (style, bands,
    source). At most `most` tiles are fetched from its server in one scan; 0 sets no limit.
    """

    source: str
    title: str
    version: str
    crs: str
    transform: Transform
    width: int
    height: int
    most: int = 0

    @property
    def address(self) -> str:
        """The layer as files and answers name it."""
        return self.source

    @property
    def name(self) -> str:
        """The layer for people."""
        return self.title


_BEGINNINGS = {
    b"\x0e\x03\x13\x01": "an HDF4 file",
    b"%PDF-": "a PDF",
    b"msid": "a MrSID image",
}
_SUFFIXES = {".ecw": "an ECW image", ".sid": "a MrSID image"}
_SUBDATASET = re.compile(r"(HDF4_(?:SDS|EOS|GR)|HDF4|PDF|GEOPDF)[^:]*:", re.IGNORECASE)


def format_of(path: str) -> str:
    """The name of such a format, as a sentence says it; empty for a file of any other."""
    if found := _SUBDATASET.match(path):
        return "an HDF4 file" if found[1].upper().startswith("HDF4") else "a PDF"
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return ""
        with open(path, "rb") as file:
            head = file.read(8)
    except (OSError, ValueError):
        return ""
    named = [name for start, name in _BEGINNINGS.items() if head.startswith(start)]
    return named[0] if named else _SUFFIXES.get(os.path.splitext(path)[1].lower(), "")


def is_pam(path: str | os.PathLike[str]) -> bool:
    """Whether a file is what GDAL keeps beside a raster ('.aux.xml')."""
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        return file.read(100).lstrip().startswith(b"<PAMDataset")
