"""Dataset handles: GDAL datasets are not thread-safe, so each reader borrows one of its own."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import rasterio
from rasterio._err import CPLE_BaseError
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from msa_model.protocol.errors import RasterMissing, RasterUnreadable, RasterWithoutTransform
from msa_model.protocol.formats import format_of
from msa_model.raster.addresses import OPENED
from msa_model.raster.copies import COPIES
from msa_model.raster.damage import DAMAGE
from msa_model.raster.environment import GDAL_OPTIONS
from msa_model.raster.regular import check_regular
from msa_model.raster.warp import needs_warp, placed_by, warped

Dataset = Any  # rasterio.DatasetReader; rasterio carries no types

_FAILURES = (RasterioError, CPLE_BaseError, OSError, ValueError)
_NOT_RECOGNISED = "not recognized as"  # by any of the drivers that rasterio's GDAL has

# Said by RasterWithoutTransform instead; GDAL would say it again for every handle.
warnings.filterwarnings("ignore", category=NotGeoreferencedWarning)


class HandlePool:
    """Lends each caller a dataset handle of its own; keeps as many open as were ever lent at once.

    A handle shows the raster itself (level None), or one of its overviews by number, as if that were all.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._idle: dict[int | None, list[Dataset]] = {}
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def lend(self, level: int | None = None) -> Iterator[Dataset]:
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
        """Close the idle handles; lent ones close when they come back."""
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
    if "does not exist" in str(error) or "No such file" in str(error):
        return RasterMissing(f"There is no raster at {path}.")
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
