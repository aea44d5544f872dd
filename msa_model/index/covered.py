"""The area that tiles cover, as polygons: one pass over a grid of cells, however many tiles there are."""

from __future__ import annotations

import math
from functools import reduce

import numpy as np
import shapely
from rasterio import Affine
from rasterio.features import shapes

from msa_model.index.manifest import Manifest
from msa_model.raster.grid import LATTICE, TILE, Keys
from msa_model.raster.tiles import box_rings, mapped, tile_boxes

_TILE_STEPS = TILE // LATTICE
_MOST_CELLS = 20_000_000  # areas far apart in a layer without end leave too many between them


def covered_area(manifest: Manifest, keys: Keys) -> shapely.MultiPolygon:
    """The union of the tiles of keys int32 [n, 3], all of one factor, on the raster; in its CRS."""
    if len(keys) == 0:
        return shapely.MultiPolygon()
    area = shapely.intersection(_union(keys), shapely.box(0, 0, manifest.width, manifest.height))
    return _multi(shapely.transform(area, lambda xy: mapped(manifest.affine, xy)))


def outline(manifest: Manifest) -> shapely.Polygon:
    """The whole raster, in its CRS."""
    whole = np.array([[0.0, 0.0, manifest.width, manifest.height]])
    return shapely.Polygon(box_rings(manifest.affine, whole)[0])


def _union(keys: Keys) -> shapely.Geometry:
    """In raster pixels. Cells are as coarse as the tiles' places allow, and no more than lie around them."""
    steps = reduce(math.gcd, np.unique(keys[:, 1:]).tolist(), _TILE_STEPS)
    rows, cols = (keys[:, 1:] // steps).T
    top, left = int(rows.min()), int(cols.min())
    rows, cols = rows - top, cols - left
    side, (height, width) = _TILE_STEPS // steps, (int(rows.max()), int(cols.max()))
    if height * width > _MOST_CELLS:
        return shapely.union_all(shapely.box(*tile_boxes(keys).T))
    corners = np.zeros((height + side + 2, width + side + 2), np.int32)
    for y, x, sign in ((0, 0, 1), (0, side, -1), (side, 0, -1), (side, side, 1)):
        np.add.at(corners, (rows + y, cols + x), sign)
    cells = (corners.cumsum(axis=0).cumsum(axis=1) > 0).astype(np.uint8)
    unit = float(steps * LATTICE * int(keys[0, 0]))
    found = shapes(
        cells, mask=cells.astype(bool), transform=Affine.scale(unit) @ Affine.translation(left, top)
    )
    return shapely.union_all([shapely.geometry.shape(polygon) for polygon, _ in found])


def _multi(area: shapely.Geometry) -> shapely.MultiPolygon:
    parts = [part for part in shapely.get_parts(area) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)
