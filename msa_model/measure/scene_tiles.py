"""A whole image in the product's own tiles, whether it is georeferenced or not."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
import rasterio.shutil
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from msa_model.index.manifest import Manifest
from msa_model.measure.evaluation import TileTextEncoder
from msa_model.protocol.errors import DatasetUnreadable, RasterWithoutCrs, RasterWithoutTransform
from msa_model.protocol.messages import RasterRef, ScanSettings
from msa_model.raster.grid import Keys
from msa_model.raster.source import RasterSource
from msa_model.raster.tiles import inside_shares, plan_tiles, read_tiles

_BATCH = 32
_PLACELESS_CRS, _PLACELESS_X = "EPSG:32631", 500_000.0


@dataclass(frozen=True)
class SceneTiles:
    """An image's tiles: its manifest, `keys` int32 [n, 3] and unit `vectors` [n, d]."""

    manifest: Manifest
    keys: Keys
    vectors: NDArray[np.float32]


def encode_scene(encoder: TileTextEncoder, image: Path, gsd_m: float, settings: ScanSettings) -> SceneTiles:
    """The tiles that a scan would store; see `scene_steps`."""
    steps = scene_steps(encoder, image, gsd_m, settings)
    try:
        while True:
            next(steps)
    except StopIteration as end:
        scene: SceneTiles = end.value
        return scene


def scene_steps(
    encoder: TileTextEncoder, image: Path, gsd_m: float, settings: ScanSettings
) -> Generator[tuple[int, int], None, SceneTiles]:
    """The same, telling after each batch how many tiles are done, of how many.

    `gsd_m`: ground size of a pixel, for an image that is not georeferenced.

    Raises:
        RasterUnreadable, DatasetUnreadable: the image cannot be decoded, or is all nodata.
    """
    with _georeferenced(image, gsd_m) as path, RasterSource.open(RasterRef(str(path))) as source:
        plan = plan_tiles(source, settings, None)
        manifest = Manifest.of(source, model="", model_sha256="", dimension=encoder.dimension)
        keys, vectors, done = [], [], 0
        for batch in read_tiles(source, plan.keys, _BATCH):
            inside = inside_shares(batch.keys, source.width, source.height)
            keep = (batch.valid >= settings.min_valid * inside) & (batch.valid > 0)
            keys.append(batch.keys[keep])
            vectors.append(encoder.encode_tiles(batch.pixels[keep]))
            done += len(batch.keys)
            yield done, len(plan.keys)
    if not sum(map(len, keys)):
        raise DatasetUnreadable(f"{image} has no tile with enough pixels.")
    return SceneTiles(manifest, np.concatenate(keys), np.concatenate(vectors))


@contextmanager
def _georeferenced(image: Path, gsd_m: float) -> Iterator[Path]:
    """The image, or a VRT around it that puts it somewhere with pixels of `gsd_m` metres."""
    try:
        with warnings.catch_warnings(action="ignore", category=NotGeoreferencedWarning):
            RasterSource.open(RasterRef(str(image))).close()
    except (RasterWithoutCrs, RasterWithoutTransform):
        with tempfile.TemporaryDirectory(prefix="msa-scene-") as folder:
            yield _placed(image, gsd_m, Path(folder) / "scene.vrt")
    else:
        yield image


def _placed(image: Path, gsd_m: float, vrt: Path) -> Path:
    try:
        with warnings.catch_warnings(action="ignore", category=NotGeoreferencedWarning):
            rasterio.shutil.copy(image.resolve(), vrt, driver="VRT")
            with rasterio.open(vrt, "r+") as dataset:
                dataset.crs = _PLACELESS_CRS
                dataset.transform = rasterio.Affine(gsd_m, 0, _PLACELESS_X, 0, -gsd_m, 0)
    except RasterioError as error:
        raise DatasetUnreadable(f"The image {image} cannot be read: {error}.") from error
    return vrt
