"""Scores as a map: how well each place matches, over all tiles that cover it."""

from __future__ import annotations

import math
import os
from contextlib import ExitStack
from functools import reduce
from itertools import pairwise
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.errors import RasterioError

from msa_model.files.replacing import replacing
from msa_model.index.drawn import cropped
from msa_model.index.manifest import Manifest
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.hit_table import HEAT_MAP_TAG, heat_map_mark
from msa_model.protocol.layers import is_pam
from msa_model.raster.copies import beside, is_own_pam, pam_of_crs
from msa_model.raster.environment import GDAL_OPTIONS
from msa_model.raster.grid import Keys
from msa_model.raster.tiles import tile_boxes

NODATA = -9999.0
_SUFFIXES = (".tif", ".tiff")
_CHUNK = 250_000  # tiles whose boxes are in memory at once
_MOST_CELLS = 4_000_000  # a large raster gets coarser cells


def write_heatmap(path: str | Path, manifest: Manifest, keys: Keys, scores: NDArray[np.float32]) -> None:
    """Write a float32 GeoTIFF: each cell the mean score of the tiles of keys [n, 3] that cover it.

    Cells are lattice steps of the finest scale, or powers of two of them where the raster is large.

    Raises:
        BadArgument: the path ends neither in .tif nor in .tiff, or what tells of another file lies beside it.
        FileNotOurs: an older file is no heat map of ours.
        folder_read_only, DiskFull, storage_failed: the file cannot be written; an older one is as it was.
    """
    path = Path(path)
    if path.suffix.lower() not in _SUFFIXES:
        raise BadArgument(f"{path} must end in .tif.")
    if manifest.drawn:
        manifest, keys = cropped(manifest, keys)
    cell = cell_px(manifest, keys)
    content = geotiff(manifest, mean_scores(manifest, keys, scores, cell), cell)
    pam = beside(path)
    if os.path.lexists(pam) and not (is_own_pam(pam) or (path.exists() and is_pam(pam))):
        raise BadArgument(f"{pam} belongs to an earlier file; GDAL would read {path.name} by it.")
    apart = crs_apart(content, manifest.crs)
    with ExitStack() as written_first:  # a map in its place without what tells its CRS would lie elsewhere
        if apart:
            written_first.enter_context(replacing(pam, is_pam)).write_text(apart, encoding="utf-8")
        with replacing(path, is_own_heatmap) as part:
            part.write_bytes(content)
    if not apart and os.path.lexists(pam):  # not so where its name would be too long to be
        pam.unlink(missing_ok=True)  # it told of an earlier map


def crs_apart(content: bytes, crs: str) -> str:
    """What has to lie beside a heat map as '.aux.xml' to tell its CRS; empty where the GeoTIFF does.

    GeoTIFF holds no derived CRS, and no datum shift (TOWGS84) beside a code.
    """
    with rasterio.MemoryFile(content) as memory, memory.open() as written:
        told = CRS.from_wkt(written.crs.to_wkt()) if written.crs else None
    same = told is not None and told.equals(CRS.from_user_input(crs), ignore_axis_order=True)
    return "" if same else pam_of_crs(crs)


def is_own_heatmap(path: Path) -> bool:
    """Whether `write_heatmap` wrote the file, and its pixels are as they were."""
    try:
        with rasterio.Env(**GDAL_OPTIONS), rasterio.open(path, driver="GTiff") as dataset:
            told = dataset.tags().get(HEAT_MAP_TAG)
            return told is not None and told == _mark(dataset.read(1), dataset.transform)
    except RasterioError:
        return False


def geotiff(manifest: Manifest, means: NDArray[np.float32], cell: int) -> bytes:
    """A map of `mean_scores` as a file's bytes.

    Made in memory: GDAL writes when it closes a file, and does not say when the disk was full.
    """
    profile = {
        "driver": "GTiff",
        "height": means.shape[0],
        "width": means.shape[1],
        "count": 1,
        "dtype": "float32",
        "crs": manifest.crs,
        "transform": manifest.affine @ rasterio.Affine.scale(cell),
        "nodata": NODATA,
        "tiled": True,
        "blockxsize": 256,
        "blockysize": 256,
        "compress": "deflate",
        "predictor": 3,
    }
    with rasterio.Env(**GDAL_OPTIONS), rasterio.MemoryFile() as memory:
        with memory.open(**profile) as dataset:
            dataset.write(means, 1)
            dataset.update_tags(**{HEAT_MAP_TAG: _mark(means, profile["transform"])})
            dataset.set_band_description(1, "mean score")
        return bytes(memory.read())


def _mark(means: NDArray[np.float32], transform: rasterio.Affine) -> str:
    return heat_map_mark(tuple(transform)[:6], means.tobytes())


def cell_px(manifest: Manifest, keys: Keys) -> int:
    """Side of a cell of the map of tiles [n, 3], in raster pixels."""
    finest: int = reduce(math.gcd, np.unique(keys[:, 0]).tolist() or [1])
    cell = manifest.lattice * finest
    while math.prod(_shape(manifest, cell)) > _MOST_CELLS:
        cell *= 2
    return cell


def mean_scores(
    manifest: Manifest, keys: Keys, scores: NDArray[np.float32], cell: int
) -> NDArray[np.float32]:
    """float32 [rows, columns] of cells of `cell` px; NODATA where no tile lies."""
    shape = _shape(manifest, cell)
    cells = (shape[0] + 1) * (shape[1] + 1)
    total, count = np.zeros(cells), np.zeros(cells)
    for start in range(0, len(keys), _CHUNK):
        corners = _corners(keys[start : start + _CHUNK], cell, shape)
        weights = scores[start : start + _CHUNK]
        for sums, own in ((total, weights), (count, np.ones_like(weights))):
            signed = np.concatenate((own, -own, -own, own))
            np.add(sums, np.bincount(corners, signed, minlength=cells), out=sums)
    total, count = _filled(total, shape), _filled(count, shape)
    covered = count > 0.5  # noqa: PLR2004  (whole numbers, but for rounding)
    np.divide(total, count, out=total, where=covered)
    return np.where(covered, total, NODATA).astype(np.float32)


def _shape(manifest: Manifest, cell: int) -> tuple[int, int]:
    """(rows, columns) of cells that hold the whole raster."""
    return math.ceil(manifest.height / cell), math.ceil(manifest.width / cell)


def _corners(keys: Keys, cell: int, shape: tuple[int, int]) -> NDArray[np.int64]:
    """Where the boxes [n] of cells that tiles cover have their corners, [4n]."""
    boxes = tile_boxes(keys) / cell
    boxes[:, :2], boxes[:, 2:] = np.floor(boxes[:, :2]), np.ceil(boxes[:, 2:])
    x0, y0, x1, y1 = np.minimum(boxes, (shape[1], shape[0]) * 2).astype(np.int64).T
    width = shape[1] + 1
    return np.concatenate((y0 * width + x0, y0 * width + x1, y1 * width + x0, y1 * width + x1))


def _filled(sums: NDArray[np.float64], shape: tuple[int, int]) -> NDArray[np.float64]:
    """What boxes that cover each cell weigh together.

    A weight is put at each box's corners with alternating sign; summed along both axes it fills the box.
    """
    filled = sums.reshape(shape[0] + 1, shape[1] + 1)
    np.cumsum(filled, axis=1, out=filled)
    for above, below in pairwise(filled):  # along the rows, as they lie in memory
        np.add(above, below, out=below)
    return filled[:-1, :-1]
