"""Rasters whose content is known: mosaics of one source's labelled images, cut as a scan cuts them.

A source is what an image's file name begins with ("palm640_012.jpg"), else its data set: images of one
camera, place and processing, which a model may know by their look.

A whole image in the product's own tiles, whether it is georeferenced or not.
"""

from __future__ import annotations

import re
import tempfile
import warnings
from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
import rasterio.shutil
from numpy.typing import NDArray
from PIL import Image
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from msa_model.index.manifest import Manifest
from msa_model.measure.dataset import DatasetImage, read_pixels
from msa_model.measure.evaluation import TileTextEncoder, encode_at, encode_images
from msa_model.protocol.errors import DatasetUnreadable, RasterWithoutCrs, RasterWithoutTransform
from msa_model.protocol.messages import RasterRef, ScanSettings
from msa_model.raster.grid import TILE, Keys, TileGrid
from msa_model.raster.source import RasterSource
from msa_model.raster.tiles import inside_shares, plan_tiles, read_tiles, tile_boxes

SIDES = (6, 3)  # cells along a mosaic: at most, at least
FACTORS = (1, 2)
GRIDS = (1, 2, 4)  # small images along a cell of one class
_LARGEST_CELL = 1.2 * TILE  # px: an image is shrunk no further to share a cell
_NAME = re.compile(r"(.+?)_?\d+")
_KINDS, _GROUND, _SOUGHT = (1, 2, 4), 48, 3  # classes of the ground on which few tiles of another are sought

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Ground:
    """Tiles of one raster: unit `vectors` [n, d], and which of `labels` each shows a part of, bool [n, l]."""

    source: str
    kind: str
    vectors: Floats
    labels: tuple[str, ...]
    shown: Flags

    def part(self, keep: Flags | NDArray[np.int64], kind: str) -> Ground:
        """Some of the tiles."""
        return Ground(self.source, kind, self.vectors[keep], self.labels, self.shown[keep])


def by_source(rows: Sequence[DatasetImage], name: str) -> dict[str, tuple[DatasetImage, ...]]:
    """The images of each source of the data set `name`, in the order of the file."""
    sources: dict[str, list[DatasetImage]] = defaultdict(list)
    for row in rows:
        sources[source_of(row, name)].append(row)
    return {source: tuple(own) for source, own in sources.items()}


def source_of(row: DatasetImage, name: str) -> str:
    """What the file name begins with, unless that is the image's class or folder: then `name`."""
    match = _NAME.fullmatch(row.path.stem)
    known = {_plain(row.label), _plain(row.path.parent.name), ""}
    return match[1] if match and _plain(match[1]) not in known else name


def _plain(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())


def grounds(
    encoder: TileTextEncoder, source: str, rows: Sequence[DatasetImage], seed: int, most: int
) -> Iterator[Ground]:
    """Rasters of one source: at most `most` mosaics, all of them as one, and images alone, few of a class.

    Too few images make no mosaic.

    Raises:
        DatasetUnreadable: an image cannot be decoded.
    """
    random = np.random.default_rng(seed)
    mosaics = [_mosaic(encoder, source, cells) for cells in _laid_out(rows, random, most)]
    yield from mosaics
    if len(mosaics) > 1:
        yield joined_grounds(mosaics, source, "all mosaics")
    yield from _few_classes(_alone(encoder, source, rows), random)


def joined_grounds(parts: Sequence[Ground], source: str, kind: str) -> Ground:
    """Several as one raster."""
    labels = tuple(sorted({label for part in parts for label in part.labels}))
    shown = []
    for part in parts:
        columns = np.zeros((len(part.vectors), len(labels)), bool)
        columns[:, [labels.index(label) for label in part.labels]] = part.shown
        shown.append(columns)
    vectors = np.concatenate([part.vectors for part in parts])
    return Ground(source, kind, vectors, labels, np.concatenate(shown))


Cell = Sequence[DatasetImage]  # 1, 4 or 16 images of one class


def _laid_out(
    rows: Sequence[DatasetImage], random: np.random.Generator, most: int
) -> Iterator[NDArray[np.object_]]:
    """Cells [side, side] of each mosaic."""
    grids = _grids(rows)
    for number in range(most):
        cells = _cells(rows, random, grids[random.integers(len(grids))])
        side = min(SIDES[0], int(np.sqrt(len(cells))))
        if side >= SIDES[1] and number * side**2 < len(cells):  # else all images have been in one
            yield cells[: side**2].reshape(side, side)


def _grids(rows: Sequence[DatasetImage]) -> list[int]:
    """How many images may lie along a cell: small ones several, as long as that makes a mosaic."""
    with Image.open(rows[0].path) as image:
        side = max(image.size)
    counts = np.unique([row.label for row in rows], return_counts=True)[1]
    enough = [grid for grid in GRIDS if (counts // grid**2).sum() >= SIDES[1] ** 2]
    return [grid for grid in enough if grid * side <= _LARGEST_CELL] or [1]


def _cells(rows: Sequence[DatasetImage], random: np.random.Generator, grid: int) -> NDArray[np.object_]:
    by_label: dict[str, list[DatasetImage]] = defaultdict(list)
    for place in random.permutation(len(rows)):
        by_label[rows[place].label].append(rows[place])
    cells: list[Cell] = [
        own[start : start + grid**2]
        for own in by_label.values()
        for start in range(0, len(own) - grid**2 + 1, grid**2)
    ]
    out = np.empty(len(cells), object)
    out[:] = [cells[place] for place in random.permutation(len(cells))]
    return out


def _mosaic(encoder: TileTextEncoder, source: str, cells: NDArray[np.object_]) -> Ground:
    side = len(cells)
    lines = [np.concatenate([_picture(cell) for cell in line], axis=1) for line in cells]
    mosaic = Image.fromarray(np.concatenate(lines))
    keys, vectors = [], []
    for factor in FACTORS:
        level = np.asarray(mosaic.reduce(factor))
        places = TileGrid(side * TILE, side * TILE, factor).keys()
        vectors.append(encode_at(encoder, level, places))
        keys.append(np.column_stack((np.full(len(places), factor, np.int32), places)))
    return _labelled(source, np.concatenate(keys), np.concatenate(vectors), cells)


def _labelled(source: str, keys: Keys, vectors: Floats, cells: NDArray[np.object_]) -> Ground:
    names = np.array([[cell[0].label for cell in line] for line in cells])
    labels = tuple(sorted(set(names.ravel().tolist())))
    shown = np.column_stack([touching(keys, names == label) for label in labels])
    return Ground(source, "a mosaic", vectors, labels, shown)


def _picture(cell: Cell) -> NDArray[np.uint8]:
    """The images of a cell side by side, as one of `TILE` px."""
    grid = int(np.sqrt(len(cell)))
    size = (TILE // grid, TILE // grid)
    images = [
        np.asarray(Image.fromarray(read_pixels(row.path)).resize(size, Image.Resampling.BILINEAR))
        for row in cell
    ]
    lines = [np.concatenate(images[start : start + grid], axis=1) for start in range(0, len(cell), grid)]
    return np.concatenate(lines)


def touching(keys: Keys, places: Flags) -> Flags:
    """Which tiles of a mosaic, keys int32 [n, 3], meet a cell at one of `places` bool [rows, columns]."""
    x0, y0, x1, y1 = (tile_boxes(keys) / TILE).T
    meets = np.zeros(len(keys), bool)
    for row, col in np.argwhere(places):
        meets |= (x0 < col + 1) & (x1 > col) & (y0 < row + 1) & (y1 > row)
    return meets


def _alone(encoder: TileTextEncoder, source: str, rows: Sequence[DatasetImage]) -> Ground:
    labels = tuple(sorted({row.label for row in rows}))
    shown = np.array([[row.label == label for label in labels] for row in rows])
    return Ground(source, "images", encode_images(encoder, [row.path for row in rows]), labels, shown)


def _few_classes(images: Ground, random: np.random.Generator) -> Iterator[Ground]:
    """Ground of one, two or four classes and three tiles of another: once for each class, and number."""
    for place in range(len(images.labels)):
        others = random.permutation(np.delete(np.arange(len(images.labels)), place))
        for kinds in _KINDS[: max(1, len(others))]:
            ground = random.permutation(np.flatnonzero(images.shown[:, others[:kinds]].any(axis=1)))[:_GROUND]
            sought = random.permutation(np.flatnonzero(images.shown[:, place]))
            sought = sought[: _SOUGHT if len(ground) else _GROUND]
            yield images.part(np.concatenate([ground, sought]).astype(np.int64), "few classes")


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
