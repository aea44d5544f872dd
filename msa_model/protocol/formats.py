"""Formats that other programs' GDAL reads and the one in rasterio's wheels is built without."""

from __future__ import annotations

import os
import re
import stat

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
