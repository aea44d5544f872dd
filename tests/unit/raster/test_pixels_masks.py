"""An alpha band hides pixels also where nodata or a mask is declared besides, which GDAL prefers to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray

from msa_model.protocol.messages import RasterRef
from msa_model.raster.source import RasterSource

MakeRaster = Callable[..., Path]
Textured = Callable[..., NDArray[np.uint8]]


def opened(path: Path) -> RasterSource:
    return RasterSource.open(RasterRef(str(path)))


@pytest.mark.parametrize("bands", [2, 4])
def test_an_alpha_band_masks_beside_declared_nodata(
    make_raster: MakeRaster, textured: Textured, bands: int
) -> None:
    values = textured(1024, 1024, bands=bands)
    values[:-1, :512] = 7
    values[-1] = 255
    values[-1, :, :512] = 0
    path = make_raster(values, alpha="yes", nodata=7, photometric="rgb" if bands > 3 else "minisblack")
    with opened(path) as source:
        assert source.read_window(0, 0, 1024, 256).valid == pytest.approx(0.25)
        assert source.read_window(512, 512, 256).valid == 1
        assert source.read_window(0, 512, 256).valid == 0
        assert source.sample.gaps == ()


def test_an_alpha_band_masks_beside_an_internal_mask(make_raster: MakeRaster, textured: Textured) -> None:
    values = textured(256, 256, bands=4)
    values[3] = 255
    values[3, :, :128] = 0
    path = make_raster(values, alpha="yes")
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "r+") as dataset:
        mask = np.full((256, 256), 255, np.uint8)
        mask[:128] = 0
        dataset.write_mask(mask)
    with opened(path) as source:
        assert source.read_window(0, 0, 256).valid == pytest.approx(0.25)


def test_a_palette_has_an_alpha_band_of_its_own(make_raster: MakeRaster) -> None:
    values = np.full((2, 256, 256), 255, np.uint8)
    values[0] = np.arange(256) // 32
    values[1, :, :128] = 0
    path = make_raster(values, alpha="yes", photometric="palette")
    with rasterio.open(path, "r+") as dataset:
        dataset.write_colormap(1, {n: (n * 30, 255 - n * 30, 90, 255) for n in range(8)})
        dataset.nodata = 7
    with opened(path) as source:
        assert source.read_window(0, 0, 256).valid == pytest.approx(0.375)
