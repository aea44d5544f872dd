"""Dataset handles: GDAL datasets are not thread-safe, so each reader has one of its own.

The full addresses of rasters that were opened: what is stored of them names no secrets.
Images placed by ground control points or RPCs alone, warped to a map in the way QGIS shows them.

QGIS's GDAL provider draws such images through GDALAutoCreateWarpedVRT: nearest neighbour, an error of 0.2
pixels, into the CRS of the points, or longitude and latitude for RPCs. The same parameters give its grid.
"""

from __future__ import annotations

import math
import os
import re
import threading
import warnings
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import rasterio
from rasterio._err import CPLE_BaseError
from rasterio.enums import MaskFlags, Resampling
from rasterio.errors import NodataShadowWarning, NotGeoreferencedWarning, RasterioError, TransformError
from rasterio.transform import GCPTransformer
from rasterio.vrt import WarpedVRT

from msa_model.protocol.errors import (
    AddressUnreachable,
    RasterMissing,
    RasterUnreadable,
    RasterWithoutTransform,
)
from msa_model.protocol.layers import format_of
from msa_model.protocol.redaction import without_secrets
from msa_model.raster.coordinates import LONLAT
from msa_model.raster.copies import COPIES
from msa_model.raster.environment import DAMAGE, GDAL_OPTIONS, check_regular

_MOST = 1000
_NOTHING_THERE = ("does not exist", "No such file")
_ON_NETWORK = re.compile(r"/vsi(curl|s3|gs|az|adls|oss|swift|webhdfs)|^https?://")


class Addresses:
    """Which path last opened a raster, by its address without secrets; for this process only."""

    def __init__(self) -> None:
        self._paths: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def path_of(self, source: str) -> str:
        """The path that opens a raster: as given where it is more than an address, else as last opened."""
        with self._lock:
            return self._paths.get(source, source)

    def opened(self, path: str) -> None:
        """Keep a path that opened a raster."""
        address = without_secrets(path)
        if address == path:
            return
        with self._lock:
            self._paths[address] = path
            self._paths.move_to_end(address)
            if len(self._paths) > _MOST:
                self._paths.popitem(last=False)


OPENED = Addresses()


Dataset = Any  # rasterio.DatasetReader; rasterio carries no types

_ERROR_PX = 0.2


def needs_warp(dataset: Dataset) -> bool:
    """Whether only control points with a CRS, or RPCs, say where a dataset lies."""
    if not dataset.transform.is_identity:
        return False
    points, crs = dataset.gcps
    return bool(points and crs) or dataset.rpcs is not None


def placed_by(dataset: Dataset) -> str:
    """What says where a dataset lies that has no transform."""
    return "ground control points" if dataset.gcps[0] else "RPCs"


def warped(dataset: Dataset) -> Dataset:
    """The dataset as a map; what lies beside the image is nodata, or transparent."""
    return WarpedVRT(
        dataset,
        src_crs=dataset.gcps[1] or LONLAT,  # RPCs
        tolerance=_ERROR_PX,
        resampling=Resampling.nearest,
        **_beside(dataset),
    )


def _beside(dataset: Dataset) -> dict[str, Any]:
    """How a warp tells what lies beside the image: GDAL takes an alpha band of 8 or 16 bits only for one."""
    if {flag for own in dataset.mask_flag_enums for flag in own} & {MaskFlags.alpha, MaskFlags.nodata}:
        return {}
    widest = np.result_type(*dataset.dtypes)
    if set(dataset.dtypes) <= {"uint8", "uint16"}:
        return {"add_alpha": True}
    if widest == np.int8:  # none of its 256 numbers is to spare
        return {"dtype": "int16", "nodata": np.iinfo(np.int16).min}
    if not np.issubdtype(widest, np.integer):
        return {"nodata": math.nan}
    ends = np.iinfo(dataset.dtypes[0])
    return {"nodata": ends.min or ends.max}


def is_warped(dataset: Dataset) -> bool:
    """Whether a dataset is one that `warped` made."""
    return isinstance(dataset, WarpedVRT)


@dataclass(frozen=True)
class Accuracy:
    """What places a warped dataset: so many ground control points, or RPCs where there are none.

    `residual_px` is how well a smooth fit meets the points, None where none can be made.
    """

    points: int
    residual_px: float | None = None


def accuracy_of(dataset: Dataset) -> Accuracy | None:
    """How well a warped dataset can lie; None for one that was placed by itself."""
    if not is_warped(dataset):
        return None
    points = dataset.src_dataset.gcps[0]
    return Accuracy(len(points), _residual_px(points) if points else None)


def _residual_px(points: list[Any]) -> float | None:
    """Root mean square of where a smooth fit puts the points, in pixels."""
    try:
        with GCPTransformer(points) as transformer:
            rows, cols = transformer.rowcol([p.x for p in points], [p.y for p in points], op=float)
    except (RasterioError, TransformError, ValueError):
        return None
    given = np.array([(point.row, point.col) for point in points])
    return float(np.sqrt((np.abs(np.column_stack((rows, cols)) - given) ** 2).sum(axis=1).mean()))


_FAILURES = (RasterioError, CPLE_BaseError, OSError, ValueError)
_NOT_RECOGNISED = "not recognized as"  # by any of the drivers that rasterio's GDAL has

# Said by RasterWithoutTransform instead; GDAL would say it again for every handle.
warnings.filterwarnings("ignore", category=NotGeoreferencedWarning)
warnings.filterwarnings("ignore", category=NodataShadowWarning)  # the alpha band is read all the same


class HandlePool:
    """Gives each caller a dataset handle of its own; keeps as many open as were ever in use at once.

    A handle shows the raster itself (level None), or one of its overviews by number, as if that were all.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._idle: dict[int | None, list[Dataset]] = {}
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def acquire(self, level: int | None = None) -> Iterator[Dataset]:
        """A handle for this thread alone, under the project's GDAL options.

        Raises:
            RasterMissing, RasterUnreadable: the file cannot be opened (any more), or GDAL fails on it.
        """
        with rasterio.Env(**GDAL_OPTIONS):
            with self._lock:
                idle = self._idle.setdefault(level, [])
                dataset = idle.pop() if idle else None
            dataset = dataset or open_dataset(self._path, level)
            try:
                with naming(self._path):
                    yield dataset
            except BaseException:
                dataset.close()  # its cache may hold what was made up for a damaged block
                raise
            self._give_back(dataset, level)

    def _give_back(self, dataset: Dataset, level: int | None) -> None:
        with self._lock:
            if not self._closed:
                self._idle[level].append(dataset)
                return
        dataset.close()

    def close(self) -> None:
        """Close the idle handles; those in use close when they are released."""
        with self._lock:
            self._closed, levels, self._idle = True, self._idle, {}
        for dataset in chain.from_iterable(levels.values()):
            dataset.close()


def open_dataset(path: str, level: int | None = None) -> Dataset:
    """Open with GDAL, or open the overview number `level` alone; warped where only points or RPCs place it.

    Raises:
        RasterMissing: nothing there.
        RasterUnreadable: something there that is no raster, or damaged.
        RasterWithoutTransform: its points or RPCs say no place.
        folder_read_only, DiskFull, storage_failed: it must be read through a copy, which cannot be written.
    """
    if is_plain_path(path) and not os.path.exists(path):
        raise RasterMissing(f"There is no raster at {path}.")
    check_regular(path)
    full = OPENED.path_of(path)
    try:
        dataset = _opened(path, full, level)
    except _FAILURES as error:
        unknown = _NOT_RECOGNISED in str(error) or bool(format_of(full))
        copy = COPIES.copy_of(full) if unknown else None
        if copy is None:
            raise _refusal(path, full, error) from error
        with naming(path):
            dataset = _opened(path, copy, level)
    OPENED.opened(full)
    return dataset


def _opened(path: str, name: str, level: int | None) -> Dataset:
    dataset = rasterio.open(name) if level is None else rasterio.open(name, overview_level=level)
    return _placed(path, dataset) if needs_warp(dataset) else dataset


def _placed(path: str, dataset: Dataset) -> Dataset:
    try:
        placed = warped(dataset)
    except _FAILURES as error:
        raise RasterWithoutTransform(
            f"The {placed_by(dataset)} of {path} place it nowhere: {_cause(error)}."
        ) from error
    if min(placed.width, placed.height) < 1:
        raise RasterWithoutTransform(f"The {placed_by(dataset)} of {path} place it nowhere.")
    return placed


def _refusal(path: str, full: str, error: Exception) -> RasterMissing | RasterUnreadable:
    if any(told in str(error) for told in _NOTHING_THERE):
        return RasterMissing(f"There is no raster at {path}.")
    if _ON_NETWORK.search(full) and _NOT_RECOGNISED not in str(error):
        return AddressUnreachable(f"GDAL cannot open {path}: {error}")
    if name := format_of(full):
        return RasterUnreadable(
            f"{path} is {name}, which the worker's GDAL is built without. Convert it to a GeoTIFF "
            "('gdal_translate in out.tif'), or search it from QGIS, which draws it for the worker."
        )
    return RasterUnreadable(f"GDAL cannot open {path}: {error}")


@contextmanager
def decoding(path: str, where: str) -> Iterator[None]:
    """Turn a failure to decode pixels, and pixels that are lost, into RasterUnreadable naming `where`."""
    DAMAGE.take()
    try:
        yield
    except (RasterioError, CPLE_BaseError, MemoryError) as error:
        raise RasterUnreadable(f"{path} cannot be read at {where}: {_cause(error)}") from error
    if lost := DAMAGE.take():
        raise RasterUnreadable(f"{path} cannot be read at {where}: {lost}")


@contextmanager
def naming(path: str) -> Iterator[None]:
    """Turn GDAL's failures on what a file says of itself into RasterUnreadable."""
    try:
        yield
    except (RasterioError, CPLE_BaseError, UnicodeError) as error:
        raise RasterUnreadable(f"{path} is damaged or not a raster: {_cause(error)}") from error


def _cause(error: BaseException) -> str:
    return str(error.__cause__ or error).rstrip(".") or type(error).__name__


def is_plain_path(path: str) -> bool:
    """Whether GDAL would take this for a file name: no /vsi file system, no DRIVER:... or URL."""
    drive, rest = os.path.splitdrive(path)
    return not path.startswith("/vsi") and (bool(drive) or ":" not in rest) and not path.startswith("<")
