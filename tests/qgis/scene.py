"""A small georeferenced raster, written with QGIS's own GDAL."""

from __future__ import annotations

from pathlib import Path

from osgeo import gdal, osr

LEFT, TOP, PIXEL = 500_000.0, 3_060_000.0, 0.5
CRS = 32645


def write_scene(path: Path, side: int = 1024, bands: int = 3) -> Path:
    """Blocks of colour, `side` px square, 0.5 m pixels in UTM 45 N."""
    data = gdal.GetDriverByName("GTiff").Create(str(path), side, side, bands, gdal.GDT_Byte, ["TILED=YES"])
    data.SetGeoTransform((LEFT, PIXEL, 0.0, TOP, 0.0, -PIXEL))
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(CRS)
    data.SetProjection(reference.ExportToWkt())
    for band in range(1, bands + 1):
        blocks = [_row(band, block, side) for block in range(side // 40 + 1)]
        rows = (blocks[y // 40] for y in range(side))
        data.GetRasterBand(band).WriteRaster(0, 0, side, side, b"".join(rows))
    data.FlushCache()
    return path


def _row(band: int, block: int, side: int) -> bytes:
    return bytes((band * 40 + 7 * (x // 24) + 13 * block) % 251 for x in range(side))
