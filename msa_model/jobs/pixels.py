"""Indexing what QGIS draws: which blocks are missing, and encoding them as they come."""

from __future__ import annotations

import io
import math
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from PIL import Image

from msa_model.index.database import HeldFile
from msa_model.index.drawn import drawn_index_path, drawn_manifest
from msa_model.index.manifest import Manifest, check_same
from msa_model.index.store import TileIndex
from msa_model.jobs.domain import pixel_warnings
from msa_model.jobs.pace import Pace, StepSize
from msa_model.jobs.survey import missing_keys
from msa_model.protocol.errors import BadArgument, IndexMissing, IndexStale, TooManyTiles
from msa_model.protocol.messages import Progress
from msa_model.protocol.pixels import (
    PixelBlock,
    PixelEncoded,
    PixelEncodeRequest,
    PixelGrid,
    PixelPlan,
    PixelPlanRequest,
)
from msa_model.raster.blocks import Block, blocks_of
from msa_model.raster.grid import LATTICE, TILE, Keys
from msa_model.raster.source import filled
from msa_model.raster.tiles import TilePlan, box_rings, inside_shares, plan_tiles

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder

PICTURE_PX = 128
_JPEG_QUALITY = 85
_LONGEST_SIDE = 2**31 - 1
_CHANNELS = 4
_BYTES_OF_TABLES = 160_000
_BYTES_BESIDE_VECTOR = 6_000  # key, valid share, coverage and picture of a tile
_DRAWING_SECONDS = 1.0  # per block, as a server at some distance takes
_FEW_PICTURES, _PICTURE_OF_SERVER_PX = 100, 256


@dataclass(frozen=True)
class Frame:
    """A pixel grid as `plan_tiles` takes it."""

    path: str
    width: int
    height: int
    transform: Affine
    crs: str
    gsd_m: float


class PixelScans:
    """Plans scans of drawn layers and encodes their blocks; keeps the tiles of the plan made last."""

    def __init__(self, encoder: DualEncoder, cache_folder: str | None) -> None:
        self._encoder = encoder
        self._cache_folder = cache_folder
        self._planned: tuple[PixelPlanRequest, TilePlan] | None = None
        self._written: dict[Path, HeldFile] = {}  # by the blocks of that plan

    def plan(self, request: PixelPlanRequest) -> PixelPlan:
        """The blocks that hold tiles which no index holds yet; nothing is written.

        Raises:
            AoiOutsideRaster, AoiInvalid, BadArgument: the request.
            TooManyTiles: over the request's limit.
            RasterWithoutCrs, RasterWithoutTransform: the grid lies nowhere on Earth.
            IndexOfOtherModel, IndexUnreadable: an index that must not be overwritten.
        """
        self._planned, self._written = None, {}  # the layer may have changed since
        manifest, path = self._manifest(request.grid), self._path(request)
        tiles = self._tiles(request, manifest)
        done, stale = _done(path, manifest, request.settings.min_valid)
        missing = missing_keys(tiles.keys, done)
        if 0 < request.most < len(missing):
            raise TooManyTiles(
                f"{request.grid.title} lacks {len(missing):,} tiles here; at most {request.most:,} "
                "are fetched from a server in one go."
            )
        blocks = tuple(_to_draw(block, manifest.affine) for block in _blocks(missing))
        return PixelPlan(
            index=str(path),
            tiles=len(tiles.keys),
            missing=len(missing),
            seconds=self._seconds(len(missing), len(blocks)),
            bytes=_bytes(manifest, len(missing), len(missing) == len(tiles.keys)),
            gsd_m=manifest.gsd_m,
            scales=tiles.scales,
            blocks=blocks,
            warnings=_warnings(tiles, stale, _pictures(blocks) if request.most else 0),
        )

    def encode(self, request: PixelEncodeRequest, pixels: bytes) -> Generator[Progress, None, PixelEncoded]:
        """Encodes and stores the block's tiles that the index lacks; yields after each part of them.

        Raises:
            BadArgument: the block or its pixels are not those of a plan.
            IndexGone: the index was removed since the last block, and with it what was encoded.
            IndexLocked, IndexFolderReadOnly, DiskFull …: as in `TileIndex.append`.
        """
        block, asked = request.block, request.request
        rgba = _rgba(block, pixels)
        manifest, path = self._manifest(asked.grid), self._path(asked)
        keys = _inside(self._tiles(asked, manifest).keys, block)
        if path in self._written:
            self._written[path].check()
        _, stale = _done(path, manifest, asked.settings.min_valid)
        encoded = skipped = 0
        with TileIndex.open_for_writing(path, manifest, replace=stale) as index:
            index.forget_skipped(asked.settings.min_valid)
            missing = missing_keys(keys, index.done_keys())
            pace, step = Pace(len(missing)), StepSize()
            yield pace.progress()
            start = 0
            while start < len(missing):
                part = missing[start : start + step.tiles]
                began = time.monotonic()
                kept, left = self._store(index, part, block, rgba, request)
                encoded, skipped, start = encoded + kept, skipped + left, start + len(part)
                step.adapt(len(part), time.monotonic() - began)
                yield pace.advance(len(part))
        self._written[path] = HeldFile(path)
        return PixelEncoded(str(path), encoded, skipped)

    def _store(
        self,
        index: TileIndex,
        keys: Keys,
        block: PixelBlock,
        rgba: NDArray[np.uint8],
        request: PixelEncodeRequest,
    ) -> tuple[int, int]:
        """Encodes and commits tiles of a block; returns how many were encoded, and how many skipped."""
        tiles, valid = _cut(keys, block, rgba)
        inside = inside_shares(keys, index.manifest.width, index.manifest.height)
        least = request.request.settings.min_valid if request.complete else 1.0
        keep = (valid >= least * inside) & (valid > 0)
        skipped = keys[~keep] if request.complete else keys[:0]
        if not keep.any() and not len(skipped):
            return 0, 0
        pictures = [_jpeg(tile) for tile in tiles[keep]]
        vectors = self._encoder.encode_tiles(tiles[keep])
        shares = valid[keep].astype(np.float32)
        index.append(keys[keep], vectors, shares, skipped, pictures, least_valid=least)
        return int(keep.sum()), len(skipped)

    def _tiles(self, request: PixelPlanRequest, manifest: Manifest) -> TilePlan:
        if self._planned is None or self._planned[0] != request:
            if not 0 <= request.settings.min_valid <= 1:
                raise BadArgument(
                    f"The least valid share must lie in 0 … 1, not at {request.settings.min_valid}."
                )
            grid = request.grid
            frame = Frame(grid.title, grid.width, grid.height, manifest.affine, grid.crs, manifest.gsd_m)
            self._planned = request, plan_tiles(frame, request.settings, request.aoi)
        return self._planned[1]

    def _manifest(self, grid: PixelGrid) -> Manifest:
        encoder = self._encoder
        if not (1 <= grid.width <= _LONGEST_SIDE and 1 <= grid.height <= _LONGEST_SIDE):
            raise BadArgument(f"A drawn layer cannot have {grid.width} × {grid.height} pixels.")
        return drawn_manifest(
            grid,
            model=encoder.name,
            model_sha256=encoder.sha256,
            dimension=encoder.dimension,
        )

    def _path(self, request: PixelPlanRequest) -> Path:
        place = drawn_index_path(request.grid, self._encoder.sha256, self._cache_folder)
        return Path(request.index or place)

    def _seconds(self, tiles: int, blocks: int) -> float:
        """Drawing and encoding go on side by side."""
        return max(tiles / self._encoder.tiles_per_second(), blocks * _DRAWING_SECONDS) if tiles else 0.0


def _done(path: Path, manifest: Manifest, min_valid: float) -> tuple[Keys, bool]:
    """The tiles that need no encoding any more, and whether the file is of another look of the layer."""
    try:
        with TileIndex.open_for_reading(path) as index:
            if index.manifest.raster != manifest.raster:
                raise BadArgument(f"{path} is the index of {index.manifest.raster}; choose another file.")
            check_same(index.manifest, manifest, str(path))
            return index.done_keys(min_valid), False
    except IndexMissing:
        return np.empty((0, 3), np.int32), False
    except IndexStale:
        return np.empty((0, 3), np.int32), True


def _blocks(keys: Keys) -> list[Block]:
    """As large as they get: a server draws every decimation as readily as the finest."""
    if len(keys) == 0:
        return []
    return list(blocks_of(keys, overviews=tuple(np.unique(keys[:, 0]).tolist()), strips=False))


def _to_draw(block: Block, transform: Affine) -> PixelBlock:
    (x, y), (width, height) = block.origin_px, block.size_px
    box = np.array([[x, y, x + width * block.factor, y + height * block.factor]], np.float64)
    ring = box_rings(transform, box)[0]
    low, high = ring.min(axis=0), ring.max(axis=0)
    return PixelBlock(
        factor=block.factor,
        row=block.row,
        col=block.col,
        width=width,
        height=height,
        bounds=(float(low[0]), float(low[1]), float(high[0]), float(high[1])),
        tiles=len(block.keys),
    )


def _rgba(block: PixelBlock, pixels: bytes) -> NDArray[np.uint8]:
    """uint8 [height, width, 4]."""
    if min(block.factor, block.width, block.height) < 1 or block.width % LATTICE or block.height % LATTICE:
        raise BadArgument(f"There is no block of {block.width} × {block.height} px at 1:{block.factor}.")
    if not pixels:
        return np.zeros((block.height, block.width, _CHANNELS), np.uint8)
    if len(pixels) != block.width * block.height * _CHANNELS:
        raise BadArgument(
            f"A block of {block.width} × {block.height} pixels does not have {len(pixels)} bytes."
        )
    return np.frombuffer(pixels, np.uint8).reshape(block.height, block.width, _CHANNELS)


def _inside(keys: Keys, block: PixelBlock) -> Keys:
    """Those of the planned tiles that lie wholly in the block."""
    factor, row, col = keys.T
    last_row = block.row + (block.height - TILE) // LATTICE
    last_col = block.col + (block.width - TILE) // LATTICE
    down, across = (block.row <= row) & (row <= last_row), (block.col <= col) & (col <= last_col)
    inside: Keys = keys[(factor == block.factor) & down & across]
    return inside


def _cut(
    keys: Keys, block: PixelBlock, rgba: NDArray[np.uint8]
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Tiles uint8 [n, 256, 256, 3] with their gaps filled, and the share of each that is drawn."""
    tiles, valid = np.empty((len(keys), TILE, TILE, 3), np.uint8), np.empty(len(keys))
    for number, (_, row, col) in enumerate(keys.tolist()):
        y, x = (row - block.row) * LATTICE, (col - block.col) * LATTICE
        part = rgba[y : y + TILE, x : x + TILE]
        drawn = part[..., 3] > 0
        tiles[number], valid[number] = filled(part[..., :3], drawn), drawn.mean()
    return tiles, valid


def _jpeg(tile: NDArray[np.uint8]) -> bytes:
    picture = Image.fromarray(tile).resize((PICTURE_PX, PICTURE_PX), Image.Resampling.BOX)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_JPEG_QUALITY)
    return file.getvalue()


def _bytes(manifest: Manifest, missing: int, anew: bool) -> int:
    """How much the index would grow."""
    return (_BYTES_OF_TABLES if anew else 0) + missing * (2 * manifest.dimension + _BYTES_BESIDE_VECTOR)


def _pictures(blocks: tuple[PixelBlock, ...]) -> int:
    """How many map tiles of the usual size lie under the blocks."""
    sides = ((block.width, block.height) for block in blocks)
    return sum(math.prod(side // _PICTURE_OF_SERVER_PX + 1 for side in both) for both in sides)


def _warnings(tiles: TilePlan, stale: bool, fetched: int) -> tuple[str, ...]:
    warnings = [*pixel_warnings([scale.scale_m for scale in tiles.scales])]
    if stale:
        warnings.append("The layer looks otherwise than when it was indexed: its old index will be replaced.")
    if fetched > _FEW_PICTURES:
        warnings.append(
            f"About {fetched:,} pictures will be fetched from the layer's server; "
            "check that its terms of use allow that."
        )
    return tuple(warnings)
