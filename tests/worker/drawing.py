"""A layer without end that QGIS would draw, and a stand-in for the plugin that draws it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from msa_model.protocol.errors import MsaError
from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.messages import Aoi
from msa_model.protocol.pixels import DrawRequest, Picture, PixelBlock

ZONE = (0.5, 0.0, -200_000.0, 0.0, -0.5, 9_400_000.0)
SOURCE = "qgis:wms:url=https://maps.example"
LAYER = DrawnLayer(SOURCE, "aerial", "v1", "EPSG:32633", ZONE, 2_800_000, 20_800_000)
WEST, SOUTH, SIDE = 500_100.0, 5_200_100.0, 300.0
CENTRE = (WEST + SIDE / 2, SOUTH + SIDE / 2)


def rectangle(west: float, south: float, east: float, north: float) -> str:
    ring = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return f"POLYGON (({', '.join(f'{x} {y}' for x, y in ring)}))"


AREA = Aoi(rectangle(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE), LAYER.crs)


def stripes(block: PixelBlock, alpha: int = 255) -> np.ndarray:
    """Stripes whose colours depend on the place on Earth alone."""
    west, south, east, north = block.bounds
    x = west + (np.arange(block.width) + 0.5) * (east - west) / block.width
    y = north - (np.arange(block.height) + 0.5) * (north - south) / block.height
    rgba = np.empty((block.height, block.width, 4), np.uint8)
    rgba[..., 0], rgba[..., 1] = (x // 32 * 37 % 251)[None, :], (y // 32 * 53 % 251)[:, None]
    rgba[..., 2], rgba[..., 3] = 90, alpha
    return rgba


@dataclass
class Qgis:
    """Draws what the worker asks for, as the tests say; remembers what was asked."""

    asked: list[DrawRequest] = field(default_factory=list)
    alpha: int = 255
    silent: bool = False
    problem: str = ""
    error: MsaError | None = None

    def draw(self, request: DrawRequest) -> Picture | MsaError:
        self.asked.append(request)
        if self.error is not None:
            return self.error
        if self.silent or self.alpha == 0:
            return Picture(b"", self.problem, asked=not self.silent)
        return Picture(self.picture(request.block), self.problem)

    def picture(self, block: PixelBlock) -> bytes:
        return stripes(block, self.alpha).tobytes()
