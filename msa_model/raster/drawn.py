"""Layers that only QGIS can read: a grid whose pixels are asked for block by block, and waited for."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from msa_model.protocol.errors import BadArgument, MsaError
from msa_model.protocol.layers import DRAWN, DrawnLayer
from msa_model.protocol.messages import RasterRef, Source
from msa_model.protocol.pixels import Draw, Picture, PixelBlock
from msa_model.raster.coordinates import ground_sample_m
from msa_model.raster.source import RasterSource, Readable, Region
from msa_model.raster.tiles import box_rings

_OF_FILE = f"{DRAWN}gdal:"
_LONGEST_SIDE = 2**31 - 1
_CHANNELS = 4


def undrawn(layer: DrawnLayer, block: PixelBlock) -> Future[Picture]:
    """Where there is no QGIS to ask.

    Raises:
        BadArgument: always.
    """
    raise BadArgument(f"Only QGIS can draw {layer.title}.")


def open_source(source: Source, draw: Draw) -> AnySource:
    """What a request names, open for reading; the caller closes it.

    Raises:
        RasterMissing and the other errors of `RasterSource.open` and `DrawnSource`.
    """
    return RasterSource.open(source) if isinstance(source, RasterRef) else DrawnSource(source, draw)


@dataclass
class _Found:
    """What drawing has come to so far."""

    problems: list[str] = field(default_factory=list)
    sound: bool = False
    blocks: int = 0


class DrawnSource(Readable):
    """A layer that QGIS draws. Reading waits for the block, so do it in a thread; safe from several."""

    is_drawn = True
    block_width = 0  # no strips
    overviews = tuple(2**level for level in range(32))  # every decimation is drawn as readily as the finest
    stamp = ""

    def __init__(self, layer: DrawnLayer, draw: Draw) -> None:
        """Raises `BadArgument`, `RasterWithoutCrs` or `RasterWithoutTransform` of a grid nowhere on Earth."""
        if not (1 <= layer.width <= _LONGEST_SIDE and 1 <= layer.height <= _LONGEST_SIDE):
            raise BadArgument(f"A drawn layer cannot have {layer.width} × {layer.height} pixels.")
        self.layer, self._draw, self._found = layer, draw, _Found()
        self.path, self.width, self.height, self.crs = layer.title, layer.width, layer.height, layer.crs
        self.transform = Affine(*layer.transform)
        self.gsd_m = ground_sample_m(self.path, self.transform, self.crs, self.width, self.height)

    @property
    def fingerprint(self) -> str:
        """Of the layer and its look."""
        return hashlib.sha256(look_of(self.layer).encode()).hexdigest()

    @property
    def is_sound(self) -> bool:
        """Whether the layer has drawn anything yet, or asked its server."""
        return self._found.sound

    def read_region(self, x0: float, y0: float, step: float, width: int, height: int) -> Region:
        """The same as of a file; errors are those with which QGIS refuses to draw.

        Raises:
            layer_unavailable, layer_changed, layer_gone: it does.
        """
        box = np.array([[x0, y0, x0 + width * step, y0 + height * step]], np.float64)
        ring = box_rings(self.transform, box)[0]
        (west, south), (east, north) = ring.min(axis=0).tolist(), ring.max(axis=0).tolist()
        picture = self._draw(self.layer, PixelBlock(width, height, (west, south, east, north))).result()
        rgba = _rgba(picture.rgba, width, height)
        self._note(picture)
        return Region(rgba[..., :3], rgba[..., 3] > 0, not picture.problem)

    def check(self) -> None:
        """`layer_unavailable` where a part was not drawn, `layer_silent` where nothing was, or asked."""
        found = self._found
        if found.problems:
            raise MsaError.of(
                "layer_unavailable",
                f"Parts of '{self.path}' were not drawn ({len(found.problems)} times): {found.problems[-1]}.",
            )
        if found.blocks and not found.sound:
            raise MsaError.of(
                "layer_silent",
                f"The layer '{self.path}' drew nothing here, and asked its server for nothing.",
            )

    def close(self) -> None:
        """Nothing is open."""

    def _note(self, picture: Picture) -> None:
        self._found.blocks += 1
        if picture.problem:
            self._found.problems.append(picture.problem)
        if picture.asked or picture.rgba or picture.problem:
            self._found.sound = True


AnySource = RasterSource | DrawnSource


def look_of(layer: DrawnLayer) -> str:
    """What the layer's pixels come from."""
    return f"{layer.source}\n{layer.version}"


def file_of_source(address: str) -> str:
    """What tells whether two rasters are one: the file without links, also of a layer drawn of it."""
    path = address.removeprefix(_OF_FILE)
    return address if path.startswith(DRAWN) else os.path.realpath(path)


def _rgba(pixels: bytes, width: int, height: int) -> NDArray[np.uint8]:
    """uint8 [height, width, 4]."""
    if not pixels:
        return np.zeros((height, width, _CHANNELS), np.uint8)
    if len(pixels) != width * height * _CHANNELS:
        raise BadArgument(f"A block of {width} × {height} pixels does not have {len(pixels)} bytes.")
    return np.frombuffer(pixels, np.uint8).reshape(height, width, _CHANNELS)
