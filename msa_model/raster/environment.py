"""The GDAL and PROJ that rasterio, pyproj and pyogrio bring along, and how GDAL is set up for reading."""

from __future__ import annotations

import os

_FOREIGN = ("GDAL_DATA", "GDAL_DRIVER_PATH", "PROJ_DATA", "PROJ_LIB")

BLOCK_CACHE_BYTES = 32 * 2**20

GDAL_OPTIONS = {
    "GDAL_CACHEMAX": BLOCK_CACHE_BYTES,
    # libjpeg only warns of a cut-off stream and hands out grey: that would be indexed as if it were there.
    "GDAL_ERROR_ON_LIBJPEG_WARNING": True,
    "VSI_CACHE": True,
}


def forget_foreign_gdal() -> None:
    """Drop variables that lead the wheels' GDAL and PROJ to another installation's data or drivers.

    A PROJ database of another version makes every CRS fail (`DATABASE.LAYOUT.VERSION`).
    """
    for name in _FOREIGN:
        os.environ.pop(name, None)
