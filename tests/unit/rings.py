"""Tiles as rings, for tests that look at the ground a tile covers."""

from __future__ import annotations

import numpy as np
from affine import Affine

from msa_model.protocol.messages import Ring
from msa_model.raster.grid import Keys
from msa_model.raster.tiles import box_rings, tile_boxes


def tile_ring(transform: Affine, key: Keys | tuple[int, int, int]) -> Ring:
    """The corners of one tile (factor, row, col) in the CRS, from the upper left clockwise."""
    ring = box_rings(transform, tile_boxes(np.asarray(key, np.int32).reshape(1, 3)))[0]
    return tuple((float(x), float(y)) for x, y in ring)
