"""The GDAL and PROJ that rasterio, pyproj and pyogrio bring along, and how GDAL is set up for reading."""

from __future__ import annotations

import os

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
