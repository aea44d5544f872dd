"""A raster as the search sees it: 8-bit colours of any window, and where they lie on the ground."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from contextlib import ExitStack
from copy import copy
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import ProjError

from msa_model.protocol.errors import (
    BadArgument,
    PointOutsideRaster,
    RasterWithoutCrs,
    RasterWithoutTransform,
)
from msa_model.protocol.messages import RasterRef
from msa_model.raster.aoi import frame_of
from msa_model.raster.colours import BandLayout, Stretch, band_layout
from msa_model.raster.coordinates import ground_sample_m, moved
from msa_model.raster.fingerprint import fingerprint_of, first_fingerprint_of, stamp_of
from msa_model.raster.grid import TILE
from msa_model.raster.handles import Dataset, HandlePool, accuracy_of, is_warped
from msa_model.raster.pixels import DatasetLevel, Mask, PixelWindow, RawPixels, read_raw
from msa_model.raster.sample import RasterSample, sample_raster

_EPS = 1e-6  # pixels


@dataclass(frozen=True)
class TilePixels:
    """`rgb` uint8 [size, size, 3], pixels without data filled with the others' mean; `valid` their share."""

    rgb: NDArray[np.uint8]
    valid: float


@dataclass(frozen=True)
class Region:
    """`rgb` uint8 [h, w, 3] and `valid` bool [h, w]: a window before its gaps are filled.

    Where it is not `whole`, what is not valid may be missing for now only.
    """

    rgb: NDArray[np.uint8]
    valid: Mask
    whole: bool = True


class Readable(ABC):
    """Pixels on a grid that lies somewhere on Earth, read by windows: a file's, or a layer's that QGIS draws.

    `path` names it in messages; `transform` maps (column, row) to the CRS's coordinates; `crs` is 'EPSG:n'
    where it has a number, else WKT; `gsd_m` is the geodesic pixel side in metres. `block_width` and
    `overviews` (decimations) say how the pixels lie.
    """

    path: str
    width: int
    height: int
    transform: Affine
    crs: str
    gsd_m: float
    block_width: int
    overviews: tuple[int, ...]
    stamp: str
    is_drawn = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def frame(self) -> shapely.Polygon:
        """The raster's outline in its CRS."""
        return frame_of(self.transform, self.width, self.height)

    @property
    def is_sound(self) -> bool:
        """Whether what is empty is known to be so, and not the fault of a layer that draws nothing at all."""
        return True

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """Sha256 (hex) that is another one where the pixels are."""

    @abstractmethod
    def read_region(self, x0: float, y0: float, step: float, width: int, height: int) -> Region:
        """Read width × height pixels, each `step` raster pixels wide, from (x0, y0); gaps are not filled."""

    def check(self) -> None:
        """Whether all that was read was there to be read.

        Raises:
            layer_unavailable, layer_silent: it was not.
        """
        return

    @abstractmethod
    def close(self) -> None:
        """Read no more."""

    def read_window(self, x0: float, y0: float, side: float, size: int = TILE) -> TilePixels:
        """The square of `side` raster pixels from (x0, y0), as size × size pixels.

        What lies beyond the raster's edge counts as invalid.

        Raises:
            RasterUnreadable: a block cannot be decoded; the sentence names the window.
            BadArgument: a side or size that is not positive.
        """
        if not (side > 0 and size > 0):
            raise BadArgument(f"A window of {side} px read as {size} px has no pixels.")
        region = self.read_region(x0, y0, side / size, size, size)
        return TilePixels(filled(region.rgb, region.valid), float(region.valid.mean()))

    def pixel_of(self, point: tuple[float, float], crs: str) -> tuple[float, float]:
        """(column, row) of a place given in `crs`, fractions kept.

        Raises:
            PointOutsideRaster: not on the raster, or not in both CRSs' domain.
            BadArgument: `crs` is none.
        """
        try:
            place = moved(np.array([point]), crs, self.crs, around=self.frame.centroid.x)[0]
        except ProjError as error:
            raise BadArgument(f"{crs!r} is no coordinate reference system.") from error
        col, row = ~self.transform @ (float(place[0]), float(place[1]))
        if not (0 <= col < self.width and 0 <= row < self.height):
            raise PointOutsideRaster(f"The place {point[0]}, {point[1]} ({crs}) is not on {self.path}.")
        return float(col), float(row)


class RasterSource(Readable):
    """An open raster. Reading is safe from several threads: each has a dataset handle of its own.

    `bands` are those shown as red, green, blue, `grey` whether they have no colour, `guessed` whether nothing
    says which bands those are; `stamp` changes with the file (see `stamp_of`); `accuracy` says what a warped
    image is placed by (see `accuracy_of`).
    """

    def __init__(
        self, path: str, handles: HandlePool, dataset: Dataset, layout: BandLayout, stamp: str
    ) -> None:
        self.path = path
        self.width: int = dataset.width
        self.height: int = dataset.height
        self.transform: Affine = _transform_of(path, dataset)
        self.crs = _crs_of(path, dataset)
        self.gsd_m = ground_sample_m(path, self.transform, self.crs, self.width, self.height)
        self.bands = layout.bands
        self.grey = layout.palette is None and len(layout.distinct) == 1
        self.guessed = layout.guessed
        self.block_width: int = dataset.block_shapes[0][1]
        self.accuracy = accuracy_of(dataset)
        # Overviews of a warped image are no rasters of their own.
        self.overviews: tuple[int, ...] = (
            () if is_warped(dataset) else tuple(dataset.overviews(layout.bands[0]))
        )
        self.stamp = stamp
        self._layout = layout
        self._handles = handles
        self._lock = threading.Lock()
        self._sample: RasterSample | None = None
        self._fingerprint: str | None = None

    @classmethod
    def open(cls, ref: RasterRef) -> RasterSource:
        """Open the raster that `ref` names.

        Raises:
            RasterMissing, RasterUnreadable, RasterWithoutCrs, RasterWithoutTransform: the file.
            BadArgument: the bands asked for.
        """
        handles = HandlePool(ref.path)
        try:
            with handles.acquire() as dataset:
                stamp = stamp_of(ref.path, dataset)  # first: what follows opens the parts of a VRT
                return cls(ref.path, handles, dataset, band_layout(ref.path, dataset, ref.bands), stamp)
        except BaseException:
            handles.close()
            raise

    def close(self) -> None:
        """Close all handles."""
        self._handles.close()

    @property
    def stretch(self) -> Stretch:
        """How raw numbers become 8 bit: identity for 8-bit rasters, else percentiles of the whole raster."""
        return self.sample.stretch

    def stretched(self, stretch: Stretch) -> RasterSource:
        """The same open raster in other colours; errors as of `sample`."""
        view = copy(self)
        view._sample = replace(self.sample, stretch=stretch)
        return view

    @property
    def sample(self) -> RasterSample:
        """What one sample tells of all of the raster; taken once.

        Raises:
            RasterUnreadable: a block cannot be decoded.
        """
        with self._lock:
            if self._sample is None:
                with self._handles.acquire() as dataset:
                    self._sample = sample_raster(self.path, dataset, self._layout)
            return self._sample

    @property
    def fingerprint(self) -> str:
        """Sha256 (hex) of the header and of sampled blocks, whatever the file's date or place."""
        with self._lock, self._handles.acquire() as dataset:
            self._fingerprint = self._fingerprint or fingerprint_of(self.path, dataset, self._layout.distinct)
        return self._fingerprint

    def stamp_as(self, name: str) -> str:
        """The stamp, had the raster's file this name; errors as of `stamp_of`."""
        with self._handles.acquire() as dataset:
            return stamp_of(self.path, dataset, name)

    @property
    def first_fingerprint(self) -> str:
        """As version 1 of fingerprints, which reads all bands: for indexes that keep it."""
        with self._handles.acquire() as dataset:
            return first_fingerprint_of(self.path, dataset)

    def read_region(self, x0: float, y0: float, step: float, width: int, height: int) -> Region:
        """Read width × height pixels, each `step` raster pixels wide, from (x0, y0); gaps are not filled."""
        cols, rows = _inside(x0, step, width, self.width), _inside(y0, step, height, self.height)
        inside = self._read(self._window(x0, y0, step, cols, rows)) if len(cols) and len(rows) else None
        if inside is not None and inside.valid.shape == (height, width):
            return inside
        region = Region(np.zeros((height, width, 3), np.uint8), np.zeros((height, width), bool))
        if inside is not None:
            box = np.s_[rows.start : rows.stop, cols.start : cols.stop]
            region.rgb[box], region.valid[box] = inside.rgb, inside.valid
        return region

    def _window(self, x0: float, y0: float, step: float, cols: range, rows: range) -> PixelWindow:
        """The output pixels `cols` × `rows` of a region, rounding kept off the raster's edge."""
        x, y = max(0.0, x0 + cols.start * step), max(0.0, y0 + rows.start * step)
        across, down = min(len(cols) * step, self.width - x), min(len(rows) * step, self.height - y)
        return PixelWindow(x, y, across, down, len(cols), len(rows))

    def _read(self, window: PixelWindow) -> Region:
        sample = self.sample
        raw = self._read_raw(window, sample.layout)
        return Region(
            sample.stretch.apply(raw.values), sample.without_collars(raw, window, (self.width, self.height))
        )

    def _read_raw(self, window: PixelWindow, layout: BandLayout) -> RawPixels:
        """Through an overview that fits the window pixel for pixel where there is one.

        GDAL's own choice would land a pixel aside, depending on the window, where the raster's size is no
        multiple of the overview's decimation; a tile must look the same whatever is read with it.
        """
        number, decimation = self._fitting_overview(window)
        with ExitStack() as acquired:
            level = DatasetLevel(acquired.enter_context(self._handles.acquire(number)), decimation)
            apart = layout.mask_apart and number is not None
            masks = DatasetLevel(acquired.enter_context(self._handles.acquire())) if apart else None
            return read_raw(self.path, level, layout, window, masks=masks)

    def _fitting_overview(self, window: PixelWindow) -> tuple[int | None, int]:
        """Number and decimation of the coarsest overview on whose pixels the window's pixels lie."""
        step = window.width / window.out_width
        fitting = [
            (decimation, number)
            for number, decimation in enumerate(self.overviews)
            if not any(part % decimation for part in (step, window.x, window.y))
        ]
        decimation, number = max(fitting, default=(1, None))
        return number, decimation


def filled(rgb: NDArray[np.uint8], valid: Mask) -> NDArray[np.uint8]:
    """`rgb` [h, w, 3] with the invalid pixels set to the mean of the valid ones."""
    if valid.all() or not valid.any():
        return rgb
    mean = np.rint(rgb[valid].mean(axis=0)).astype(np.uint8)
    return np.where(valid[..., None], rgb, mean)


def _inside(start: float, step: float, count: int, size: int) -> range:
    """Those of `count` output pixels that lie wholly on the raster's axis of `size` px."""
    first = max(0, int(np.ceil(-start / step - _EPS)))
    last = min(count, int(np.floor((size - start) / step + _EPS)))
    return range(first, max(first, last))


def _transform_of(path: str, dataset: Dataset) -> Affine:
    transform: Affine = dataset.transform
    if transform.is_identity and dataset.gcps[0]:
        raise RasterWithoutCrs(
            f"{path} has ground control points, but they have no coordinate reference system."
        )
    if transform.is_identity or not np.isfinite(transform.determinant) or transform.determinant == 0:
        raise RasterWithoutTransform(f"{path} is not georeferenced: it has no usable transform.")
    return transform


def _crs_of(path: str, dataset: Dataset) -> str:
    """A code only where it says all that the raster does: GDAL finds one whatever TOWGS84 tells.

    Of one for places and heights, as surveys from the air have it, the part for places.
    """
    if not dataset.crs:
        raise RasterWithoutCrs(f"{path} has no coordinate reference system.")
    code, wkt = dataset.crs.to_epsg(), str(dataset.crs.to_wkt())
    try:
        own = CRS.from_wkt(wkt)
        if own.is_compound:
            own = own.sub_crs_list[0]
            code, wkt = own.to_epsg(), own.to_wkt("WKT2_2019")
        same = code is not None and own.equals(CRS.from_epsg(code), ignore_axis_order=True)
    except ProjError as error:
        raise RasterWithoutCrs(f"{path} has a CRS that PROJ does not know: {error}") from error
    return f"EPSG:{code}" if same else wkt
