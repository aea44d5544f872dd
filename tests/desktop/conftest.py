"""Rasters for the desktop: corners of the demo's scene, small enough to be scanned in seconds."""

from __future__ import annotations

import os
from collections.abc import Iterator
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
