"""Rasters for the desktop: corners of the demo's scene, small enough to be scanned in seconds."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
import rasterio
from PIL import Image
from rasterio.windows import Window

from tests.demo.run_demo import FOLDER, embedded_scene
from tools.staging import ROOT


@pytest.fixture(scope="session")
def scene() -> Path:
    return embedded_scene(FOLDER / "scene")[0]


@pytest.fixture(scope="module")
def airfield(scene: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1,536 px with a river, its bridge and a part of the airfield."""
    return cut(scene, tmp_path_factory.mktemp("airfield") / "airfield.tif", Window(1250, 150, 1536, 1536))


@pytest.fixture(scope="module")
def town(scene: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2,048 px with town, river and sports field: a scan long enough to be disturbed."""
    return cut(scene, tmp_path_factory.mktemp("town") / "town.tif", Window(1400, 1280, 2048, 2048))


@pytest.fixture(scope="module")
def region(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town 400 times, as a mosaic that takes no room: a scan of minutes on any processor."""
    return mosaic(town, tmp_path_factory.mktemp("region") / "region.vrt", 20)


def mosaic(raster: Path, whole: Path, times: int) -> Path:
    """Write a virtual raster of `times` by `times` copies of a raster, side by side."""
    with rasterio.open(raster) as source:
        side, crs, place, bands = source.width, source.crs.to_wkt(), source.transform, source.count
    root = ET.Element("VRTDataset", rasterXSize=str(times * side), rasterYSize=str(times * side))
    ET.SubElement(root, "SRS").text = crs
    ET.SubElement(root, "GeoTransform").text = ", ".join(map(str, place.to_gdal()))
    for band, colour in zip(range(1, bands + 1), ("Red", "Green", "Blue"), strict=True):
        made = ET.SubElement(root, "VRTRasterBand", dataType="Byte", band=str(band))
        ET.SubElement(made, "ColorInterp").text = colour
        for x, y in product(range(times), range(times)):
            copy = ET.SubElement(made, "SimpleSource")
            ET.SubElement(copy, "SourceFilename").text = str(raster)
            ET.SubElement(copy, "SourceBand").text = str(band)
            for rect, left, top in (("SrcRect", 0, 0), ("DstRect", x * side, y * side)):
                offset, size = {"xOff": str(left), "yOff": str(top)}, {"xSize": str(side), "ySize": str(side)}
                ET.SubElement(copy, rect, offset | size)
    ET.ElementTree(root).write(whole)
    return whole


def cut(scene: Path, corner: Path, window: Window) -> Path:
    """Write a window of the scene as a raster of its own."""
    with rasterio.open(scene) as whole:
        profile = whole.profile | {
            "width": window.width,
            "height": window.height,
            "transform": whole.window_transform(window),
        }
        with rasterio.open(corner, "w", **profile) as out:
            out.write(whole.read(window=window))
    return corner


@pytest.fixture(scope="session")
def screenshots() -> Iterator[Path]:
    """docs/screenshots where `make screenshots` asks for it, else below build/; made small at the end."""
    folder = ROOT / os.environ.get("MSA_SCREENSHOTS", "build/screenshots")
    yield folder
    for picture in folder.glob("*.png"):
        with Image.open(picture) as image:
            image.convert("RGB").quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(
                picture, optimize=True
            )
