"""Pairs of images of one place at two dates, and what is known to have changed between them.

Two pictures of the same ground, cut into tiles, with what share of each changed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from msa_model.index.dates import COARSE_M, Floats
from msa_model.measure.dataset import read_pixels
from msa_model.measure.evaluation import TileTextEncoder
from msa_model.protocol.errors import DatasetUnreadable
from msa_model.raster.grid import TILE, Keys, TileGrid
from msa_model.raster.tiles import tile_boxes

CELL = 2 * TILE
UNCHANGED = "unchanged"
_NOT_SITE = 2  # last parts of a pair's name: a quarter of a picture, or two years

Flags = NDArray[np.bool_]
Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class RealPair:
    """Two images uint8 [h, w, 3] of one `site`, and bool [h, w] where it changed as `words` say.

    `coarse`: of pixels so large that it is drawn twice as large, so that a tile is half of it.
    """

    site: str
    words: str
    before: Picture
    after: Picture
    changed: Flags
    coarse: bool


def is_list_of_pairs(file: Path) -> bool:
    """Whether a file looks like a list of pairs, and not like a data set."""
    try:
        return file.is_file() and file.read_text(encoding="utf-8").lstrip().startswith("[")
    except (OSError, UnicodeDecodeError):
        return False


def read_pairs(file: Path) -> list[RealPair]:
    """The pairs that a JSON list names: a, b, mask (or null), query ('appeared: X' or 'unchanged'), gsd.

    Changed pairs without a mask and those of other questions are left out.

    Raises:
        DatasetUnreadable: the list or one of the images cannot be read.
    """
    try:
        rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
        chosen = [row for row in rows if row["query"] == UNCHANGED or _sought(row)]
        return [_pair(file.parent, row) for row in chosen]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetUnreadable(f"{file} is no list of pairs: {error!r:.200}.") from error


def _sought(row: dict[str, Any]) -> bool:
    return row["mask"] is not None and str(row["query"]).startswith("appeared: ")


def _pair(folder: Path, row: dict[str, Any]) -> RealPair:
    coarse = float(row["gsd"]) >= COARSE_M
    before, after = (_sized(read_pixels(folder / row[name]), coarse) for name in ("a", "b"))
    changed = np.zeros(before.shape[:2], bool)
    if row["query"] != UNCHANGED:
        changed = _sized(read_pixels(folder / row["mask"]), coarse)[..., 0] > np.iinfo(np.uint8).max // 2
    words = str(row["query"]).removeprefix("appeared: ")
    site = "_".join(str(row["pair"]).split("_")[:-_NOT_SITE])
    return RealPair(f"{row['set']}/{site}", words, before, after, changed, coarse)


def _sized(pixels: Picture, coarse: bool) -> Picture:
    """Squares that fill a cell, or a quarter of one."""
    side = CELL if coarse or min(pixels.shape[:2]) >= CELL else TILE
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC))


def in_halves(pairs: Sequence[RealPair], seed: int) -> tuple[list[RealPair], list[RealPair]]:
    """Pairs of a site stay together; sites where something changed are dealt first."""
    sites = sorted({pair.site for pair in pairs})
    drawn = [sites[at] for at in np.random.default_rng(seed).permutation(len(sites))]
    busy = {pair.site for pair in pairs if pair.changed.any()}
    dealt = [site for site in drawn if site in busy] + [site for site in drawn if site not in busy]
    first = set(dealt[::2])
    return [pair for pair in pairs if pair.site in first], [pair for pair in pairs if pair.site not in first]


FACTORS = (1, 2)
CAST = ((1.15, 12.0), (1.0, 0.0), (0.8, -5.0))  # gain and offset of red, green and blue
_BATCH = 32
_LEAST_VALID = 0.5  # of a tile, as a scan skips those with less


@dataclass(frozen=True)
class Mosaic:
    """Pictures uint8 [h, w, 3] before and after, tiles int32 [n, 3], and what share of each changed [n]."""

    before: Picture
    after: Picture
    keys: Keys
    share: Floats

    @classmethod
    def of(cls, before: Picture, after: Picture, changed: Flags) -> Mosaic:
        """Without the tiles that are mostly blank before."""
        keys = _keys(changed.shape)
        there, changes = (tile_means(plane, keys) for plane in (before.max(axis=-1) > 0, changed))
        full = there >= _LEAST_VALID
        return cls(before, after, keys[full], changes[full])


def _keys(shape: tuple[int, ...]) -> Keys:
    grids = [(factor, TileGrid(shape[1], shape[0], factor).keys()) for factor in FACTORS]
    return np.concatenate([np.column_stack((np.full(len(own), f, np.int32), own)) for f, own in grids])


def tile_means(plane: Flags, keys: Keys) -> Floats:
    """What share of each tile [n] a plane bool [h, w] covers."""
    boxes = tile_boxes(keys).astype(int)
    return np.array([plane[y0:y1, x0:x1].mean() for x0, y0, x1, y1 in boxes], np.float32)


def laid_out(images: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Images in a square of cells, four small ones in a cell; cells without one are black."""
    small = [image for image in images if len(image) < CELL]
    cells = [image for image in images if len(image) >= CELL]
    for start in range(0, len(small), 4):
        four = [*small[start : start + 4], *[np.zeros_like(small[0])] * 3][:4]
        cells.append(np.concatenate([np.concatenate(four[:2], axis=1), np.concatenate(four[2:], axis=1)]))
    side = int(np.ceil(np.sqrt(len(cells))))
    cells += [np.zeros_like(cells[0])] * (side**2 - len(cells))
    shuffled = [cells[place] for place in np.random.default_rng(0).permutation(len(cells))]
    rows = [np.concatenate(shuffled[start : start + side], axis=1) for start in range(0, side**2, side)]
    return np.concatenate(rows)


def encoded(encoder: TileTextEncoder, image: Picture, keys: Keys) -> Floats:
    """Unit vectors [n, d] of the tiles of an image."""
    tiles = [
        np.asarray(Image.fromarray(image[y0:y1, x0:x1]).resize((TILE, TILE), Image.Resampling.BOX))
        for x0, y0, x1, y1 in tile_boxes(keys).astype(int)
    ]
    return np.concatenate(
        [encoder.encode_tiles(np.stack(tiles[at : at + _BATCH])) for at in range(0, len(tiles), _BATCH)]
    )


def cast(image: Picture) -> Picture:
    """A warm cast, where the image is not blank."""
    gains, offsets = np.array(CAST).T
    warm: Picture = np.clip(image * gains + offsets, 0, 255).astype(np.uint8)
    return np.where(image.any(axis=-1, keepdims=True), warm, image)


def shifted(image: Picture, pixels: int) -> Picture:
    """As far down and to the right."""
    return np.roll(image, (pixels, pixels), (0, 1))
