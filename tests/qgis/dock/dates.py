"""Two dates of one place, for tests: the raster of `conftest`, and ten years later."""

from __future__ import annotations

import shutil
from pathlib import Path

from osgeo import gdal

BUILT = (512, 256)  # upper left of what is new (px), and its side


def ten_years_later(before: Path, after: Path) -> Path:
    """The raster darker by nothing but a lake that was not there."""
    shutil.copy(before, after)
    data = gdal.Open(str(after), gdal.GA_Update)
    at, side = BUILT
    for band, value in ((1, 40), (2, 70), (3, 130)):
        rows = bytes(value + (x * 7 + y * 3) % 5 for y in range(side) for x in range(side))
        data.GetRasterBand(band).WriteRaster(at, at, side, side, rows)
    data.FlushCache()
    return after
