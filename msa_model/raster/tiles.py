"""Which tiles a scan needs, where they lie, and their pixels in batches.

Work done ahead in threads, a bounded number of steps before its consumer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Protocol, TypeVar

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray

from msa_model.files.memory import check_fits
from msa_model.protocol.errors import AoiOutsideRaster, BadArgument, MsaError
from msa_model.protocol.messages import Aoi, Bounds, Ring, ScaleInfo, ScanSettings
from msa_model.raster.aoi import aoi_in, frame_of
from msa_model.raster.grid import (
    LATTICE,
    STEPS,
    TILE,
    Keys,
    TileBlock,
    TileGrid,
    blocks_of,
    choose_factors,
    packed,
)
from msa_model.raster.source import Readable, Region, filled

Job = TypeVar("Job")
Done = TypeVar("Done")


def prefetched(
    jobs: Iterable[Job], work: Callable[[Job], Done], *, threads: int = 2, ahead: int = 2
) -> Generator[Done, None, None]:
    """Yield work(job) in order; at most `ahead` results wait. Closing it waits for what is running."""
    pending: deque[Future[Done]] = deque()
    queue = iter(jobs)
    pool = ThreadPoolExecutor(threads, thread_name_prefix="reader")
    try:
        pending.extend(pool.submit(work, job) for job in islice(queue, ahead))
        while pending:
            done = pending.popleft().result()
            pending.extend(pool.submit(work, job) for job in islice(queue, 1))
            yield done
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


MOST_TILES = 20_000_000  # 10 GB of vectors; more is a mistyped scale, or a raster that lies about its size
_UNASKED = 1_000_000  # tiles, for which nobody looks whether memory is free
_BYTES_OF_PLANNED = 150  # of a tile, while keys are made and compared with those of an index (measured: 90)
_AOI_CHUNK = 100_000
_GROUP = 32  # lattice steps each way, whose tiles are compared with an area together
_SPARE_PX = 1.0  # by which a group is larger than its tiles
_SHRINK_PX = 1e-6  # a tile that only shares an edge with the AOI does not meet it


class GeoreferencedGrid(Protocol):
    """What a grid of tiles needs to know of a raster; `RasterSource` says what each is."""

    @property
    def path(self) -> str:
        """Its name in messages."""

    @property
    def width(self) -> int:
        """Pixels across."""

    @property
    def height(self) -> int:
        """Pixels down."""

    @property
    def transform(self) -> Affine:
        """(column, row) → coordinates."""

    @property
    def crs(self) -> str:
        """Of the coordinates."""

    @property
    def gsd_m(self) -> float:
        """Pixel side in metres."""


@dataclass(frozen=True)
class TilePlan:
    """`keys` int32 [n, 3] (factor, row, col), coarse scales first; `scales` finest first."""

    keys: Keys
    scales: tuple[ScaleInfo, ...]


@dataclass(frozen=True)
class TileBatch:
    """`keys` int32 [n, 3]; `pixels` uint8 [n, 256, 256, 3]; `valid` float32 [n], the share with data.

    `whole` bool [n]: where it is not, what has no data may be missing for now only.
    """

    keys: Keys
    pixels: NDArray[np.uint8]
    valid: NDArray[np.float32]
    whole: NDArray[np.bool_]


def plan_tiles(source: GeoreferencedGrid, settings: ScanSettings, aoi: Aoi | None) -> TilePlan:
    """The tiles of every scale that meet the AOI; no pixel is read.

    Raises:
        AoiOutsideRaster, AoiInvalid: the AOI.
        BadArgument: scales or overlap out of range.
        too_many_tiles: more than an index should hold.
        not_enough_memory: a list of so many tiles would not fit.
    """
    frame = (source.transform, source.crs, source.width, source.height)
    area = None if aoi is None else area_in_pixels(aoi, *frame)
    factors = choose_factors(source.gsd_m, source.width, source.height, settings.scales_m)
    grids = [TileGrid(source.width, source.height, factor, settings.overlap) for factor in factors]
    centres = aoi is not None and aoi.centres
    _check_count(source.path, grids, area)
    keys = [_grid_keys(grid, area, centres=centres) for grid in grids]
    if not any(len(part) for part in keys):
        raise AoiOutsideRaster(_outside(source.path, area))
    scales = tuple(_scale_info(source.gsd_m, grid, len(part)) for grid, part in zip(grids, keys, strict=True))
    return TilePlan(np.concatenate(keys[::-1]), scales)


def area_in_pixels(aoi: Aoi, transform: Affine, crs: str, width: int, height: int) -> shapely.Geometry:
    """The AOI in (column, row), cut to a raster of width × height px; of no area where it lies elsewhere.

    Raises:
        AoiInvalid: the area is none.
    """
    to_pixels = ~transform
    placed = aoi_in(aoi, crs, frame_of(transform, width, height))
    area = shapely.transform(placed, lambda xy: mapped(to_pixels, xy))
    return shapely.intersection(shapely.make_valid(area), shapely.box(0, 0, width, height))


def _outside(path: str, area: shapely.Geometry | None) -> str:
    if area is None or area.area == 0:
        return f"The area of interest does not meet {path}."
    return (
        f"No tile of {path} has its centre in the area of interest: "
        "take the tiles that touch the area, or smaller ones."
    )


def _check_count(path: str, grids: Sequence[TileGrid], area: shapely.Geometry | None) -> None:
    if area is not None and area.area == 0:
        return
    window, instead = None if area is None else tuple(area.bounds), "choose larger tiles or a smaller area"
    counts = {grid.factor: grid.count(window) for grid in grids}
    for count in counts.values():
        if count > MOST_TILES:
            text = f"{path} would be cut into {count:,} tiles; an index holds {MOST_TILES:,} of a size."
            raise MsaError.of("too_many_tiles", text)
    tiles = sum(counts.values())
    if tiles > _UNASKED:
        check_fits(tiles * _BYTES_OF_PLANNED, f"A plan of the {tiles:,} tiles of {path}", instead)


def _grid_keys(grid: TileGrid, area: shapely.Geometry | None, *, centres: bool) -> Keys:
    """int32 [n, 3] of the grid's tiles that belong to `area` (in raster pixels)."""
    if area is not None and area.area == 0:
        return np.empty((0, 3), np.int32)
    window = None if area is None else tuple(area.bounds)
    places = grid.keys(window)
    keys = np.column_stack((np.full(len(places), grid.factor, np.int32), places))
    return keys if area is None else keys[tiles_in(keys, area, centres=centres)]


def tiles_in(keys: Keys, area: shapely.Geometry, *, centres: bool = False) -> NDArray[np.bool_]:
    """Which tiles of keys int32 [n, 3] meet an area in raster pixels, or have their centre in it: bool [n].

    Tiles side by side are compared together: most of a large area's lie wholly in it.
    """
    shapely.prepare(area)
    near = np.flatnonzero(_around(keys, area.bounds))
    groups, group = _groups(keys[near])
    inside = shapely.contains_properly(area, groups)[group]
    apart = ~shapely.intersects(area, groups)[group]
    edge = near[~(inside | apart)]
    out = np.zeros(len(keys), bool)
    out[near] = inside
    out[edge] = _has_centres(keys[edge], area) if centres else _meets(keys[edge], area)
    return out


def _around(keys: Keys, bounds: tuple[float, float, float, float]) -> NDArray[np.bool_]:
    """Which tiles meet a box in raster pixels."""
    factor, row, col = keys.T
    unit = factor.astype(np.int64) * LATTICE
    x, y, side = col * unit, row * unit, STEPS * unit
    x0, y0, x1, y1 = bounds
    around: NDArray[np.bool_] = (x < x1) & (x + side > x0) & (y < y1) & (y + side > y0)
    return around


def _groups(keys: Keys) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Boxes in raster pixels around tiles that begin near each other, and the number of each tile's [n]."""
    squares = keys // np.array((1, _GROUP, _GROUP), np.int32)
    _, first, group = np.unique(packed(squares), return_index=True, return_inverse=True)
    factor, row, col = squares[first].astype(np.float64).T
    unit = factor * LATTICE
    x, y, side = col * _GROUP * unit, row * _GROUP * unit, (_GROUP + STEPS) * unit
    boxes = shapely.box(x - _SPARE_PX, y - _SPARE_PX, x + side + _SPARE_PX, y + side + _SPARE_PX)
    return boxes, group


def _has_centres(keys: Keys, area: shapely.Geometry) -> NDArray[np.bool_]:
    boxes = tile_boxes(keys)
    inside: NDArray[np.bool_] = shapely.contains_xy(area, (boxes[:, :2] + boxes[:, 2:]) / 2)
    return inside


def _meets(keys: Keys, area: shapely.Geometry) -> NDArray[np.bool_]:
    out = np.empty(len(keys), bool)
    for start in range(0, len(keys), _AOI_CHUNK):
        x0, y0, x1, y1 = tile_boxes(keys[start : start + _AOI_CHUNK]).T
        boxes = shapely.box(x0 + _SHRINK_PX, y0 + _SHRINK_PX, x1 - _SHRINK_PX, y1 - _SHRINK_PX)
        out[start : start + _AOI_CHUNK] = shapely.intersects(area, boxes)
    return out


def _scale_info(gsd_m: float, grid: TileGrid, tiles: int) -> ScaleInfo:
    level_m = gsd_m * grid.factor
    return ScaleInfo(grid.factor, TILE * level_m, grid.hop * LATTICE * level_m, tiles)


def read_tiles(source: Readable, keys: Keys, batch: int) -> Generator[TileBatch, None, None]:
    """The pixels of tiles [n, 3], in batches; factors in the order given, tiles of a factor in reading order.

    Blocks of many tiles are read ahead in threads and cut up, so memory does not grow with the raster.

    Raises:
        RasterUnreadable: a block cannot be decoded; the sentence names the window.
        layer_unavailable, layer_changed, layer_gone: QGIS does not draw a block.
        BadArgument: a batch below 1.
    """
    if batch < 1:
        raise BadArgument(f"A batch must hold at least one tile, not {batch}.")
    with closing(_tiles(source, keys)) as tiles:
        while part := list(islice(tiles, batch)):
            keys_, pixels, valid, whole = zip(*part, strict=True)
            yield TileBatch(np.stack(keys_), np.stack(pixels), np.array(valid, np.float32), np.array(whole))


_Tile = tuple[Keys, NDArray[np.uint8], float, bool]


def blocks_to_read(source: Readable, keys: Keys) -> list[TileBlock]:
    """The blocks that hold tiles [n, 3], each read at once."""
    strips = source.block_width >= source.width
    return list(blocks_of(keys, overviews=source.overviews, strips=strips)) if len(keys) else []


def _tiles(source: Readable, keys: Keys) -> Generator[_Tile, None, None]:
    def read(block: TileBlock) -> tuple[TileBlock, Region]:
        return block, source.read_region(*block.origin_px, float(block.factor), *block.size_px)

    with closing(prefetched(blocks_to_read(source, keys), read)) as regions:
        for block, region in regions:
            yield from _cut(block, region)


def _cut(block: TileBlock, region: Region) -> Iterator[_Tile]:
    for key in block.keys:
        y, x = (int(key[1]) - block.row) * LATTICE, (int(key[2]) - block.col) * LATTICE
        box = np.s_[y : y + TILE, x : x + TILE]
        valid = region.valid[box]
        yield key, filled(region.rgb[box], valid), float(valid.mean()), region.whole


def tile_boxes(keys: Keys) -> NDArray[np.float64]:
    """Windows of tiles in raster pixels: keys int32 [n, 3] → float64 [n, 4] (x0, y0, x1, y1)."""
    factor, row, col = keys.astype(np.float64).T
    x, y, side = col * LATTICE * factor, row * LATTICE * factor, TILE * factor
    return np.column_stack((x, y, x + side, y + side))


def inside_shares(keys: Keys, width: int, height: int, size: int = TILE) -> NDArray[np.float64]:
    """Share of each tile that lies on a raster of width × height px: keys int32 [n, 3] → [n].

    Counted in whole pixels of tiles read at `size` px, as `TilePixels.valid` is.
    """
    factor, row, col = keys.astype(np.int64).T
    step, cells = factor * (TILE // size), LATTICE * size // TILE
    across = np.clip(width // step - col * cells, 0, size)
    down = np.clip(height // step - row * cells, 0, size)
    shares: NDArray[np.float64] = across * down / size**2
    return shares


def box_rings(transform: Affine, boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Corners [n, 4, 2] in the CRS of pixel windows [n, 4], from the upper left clockwise."""
    x0, y0, x1, y1 = boxes.T
    pixels = np.stack((np.stack((x0, x1, x1, x0), axis=1), np.stack((y0, y0, y1, y1), axis=1)), axis=-1)
    return mapped(transform, pixels)


def mapped(transform: Affine, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Apply an affine transform to points [..., 2]."""
    matrix = np.array(((transform.a, transform.b), (transform.d, transform.e)))
    out: NDArray[np.float64] = xy @ matrix.T + (transform.c, transform.f)
    return out


def window_ring(transform: Affine, x0: float, y0: float, side: float) -> Ring:
    """The corners of any square window of raster pixels in the CRS, from the upper left clockwise."""
    ring = box_rings(transform, np.array([[x0, y0, x0 + side, y0 + side]]))[0]
    return tuple((float(x), float(y)) for x, y in ring)


def ring_bounds(ring: Ring) -> Bounds:
    """The box around a ring."""
    xs, ys = zip(*ring, strict=True)
    return min(xs), min(ys), max(xs), max(ys)
