"""Ground under tiles, however many overlap: what area they cover, and which tile's a place is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import reduce

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio import Affine
from rasterio.features import shapes

from msa_model.index.manifest import Manifest
from msa_model.raster.coordinates import areas_m2
from msa_model.raster.grid import LATTICE, STEPS, Keys
from msa_model.raster.tiles import box_rings, inside_shares, mapped, tile_boxes

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
    steps = reduce(math.gcd, np.unique(keys[:, 1:]).tolist(), STEPS)
    rows, cols = (keys[:, 1:] // steps).T
    top, left = int(rows.min()), int(cols.min())
    rows, cols = rows - top, cols - left
    side, (height, width) = STEPS // steps, (int(rows.max()), int(cols.max()))
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


_ROWS = 64  # rows of cells whose size on the ground is measured; between them it changes evenly

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class OwnedCells:
    """Cells of `side` px: int64 [c, 2] (row, col), and the tile of `keys` [n, 3] that owns each, [c]."""

    manifest: Manifest
    keys: Keys
    cells: Numbers
    owners: Numbers
    side: int

    @classmethod
    def of(cls, manifest: Manifest, keys: Keys) -> OwnedCells:
        """Of tiles [n, 3] of one factor; cells that lie off the raster belong to nobody."""
        step = reduce(math.gcd, np.unique(keys[:, 1:]).tolist(), STEPS)
        step = step // 2 if step % 2 == 0 else step
        side, across = step * LATTICE * int(keys[0, 0]), STEPS // step
        corners = keys[:, 1:].astype(np.int64) // step
        offsets = np.stack(np.meshgrid(range(across), range(across), indexing="ij"), axis=-1).reshape(-1, 2)
        distance = ((offsets - (across - 1) / 2) ** 2).sum(axis=1)
        nearest_first = offsets[np.argsort(distance, kind="stable")]
        rows, cols = (corners[None] + nearest_first[:, None]).reshape(-1, 2).T
        on = (rows * side < manifest.height) & (cols * side < manifest.width)
        owners = np.tile(np.arange(len(keys)), len(nearest_first))[on]
        width = int(cols.max()) + 1
        packed, first = np.unique(rows[on] * width + cols[on], return_index=True)
        return cls(manifest, keys, np.column_stack(divmod(packed, width)), owners[first], side)

    def areas_m2(self, valid: NDArray[np.float32]) -> NDArray[np.float64]:
        """Square metres that each tile owns [n]; of a tile with gaps its share (`valid` [n])."""
        boxes = self._boxes()
        shares = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]) / self.side**2
        sizes = shares * self._cell_m2()[self.cells[:, 0] - self.cells[:, 0].min()]
        sums = np.bincount(self.owners, sizes, len(self.keys)).astype(np.float64)
        inside = inside_shares(self.keys, self.manifest.width, self.manifest.height)
        whole: NDArray[np.float64] = sums * np.minimum(valid / np.maximum(inside, 1e-6), 1)
        return whole

    def outline(self, owned: NDArray[np.bool_]) -> shapely.MultiPolygon:
        """The ground of some of the tiles [n], in the raster's CRS."""
        cells = self.cells[owned[self.owners]]
        area = shapely.intersection(
            self._drawn(cells), shapely.box(0, 0, self.manifest.width, self.manifest.height)
        )
        placed = shapely.transform(area, lambda xy: mapped(self.manifest.affine, xy))
        return shapely.MultiPolygon(
            [part for part in shapely.get_parts(placed) if part.geom_type == "Polygon"]
        )

    def _drawn(self, cells: Numbers) -> shapely.Geometry:
        """The union of cells, in pixels."""
        if len(cells) == 0:
            return shapely.MultiPolygon()
        top, left = cells.min(axis=0).tolist()
        height, width = (cells.max(axis=0) - (top, left) + 1).tolist()
        if height * width > _MOST_CELLS:
            y, x = (cells * self.side).T
            return shapely.union_all(shapely.box(x, y, x + self.side, y + self.side))
        picture = np.zeros((height, width), np.uint8)
        picture[cells[:, 0] - top, cells[:, 1] - left] = 1
        place = Affine.scale(self.side) @ Affine.translation(left, top)
        found = shapes(picture, mask=picture.astype(bool), transform=place)
        return shapely.union_all([shapely.geometry.shape(polygon) for polygon, _ in found])

    def _boxes(self) -> NDArray[np.float64]:
        """Of the cells, in pixels and cut to the raster: [c, 4] (x0, y0, x1, y1)."""
        y, x = (self.cells * self.side).astype(np.float64).T
        right = np.minimum(x + self.side, self.manifest.width)
        return np.column_stack((x, y, right, np.minimum(y + self.side, self.manifest.height)))

    def _cell_m2(self) -> NDArray[np.float64]:
        """Square metres of a whole cell in each row between the first and the last."""
        rows, cols = self.cells.T
        every = np.arange(rows.min(), rows.max() + 1)
        some = np.unique(np.linspace(every[0], every[-1], min(_ROWS, len(every))).round().astype(np.int64))
        x, y = np.full(len(some), cols.mean() * self.side), some * float(self.side)
        corners = np.stack(
            (
                np.column_stack((x, y)),
                np.column_stack((x + self.side, y)),
                np.column_stack((x + self.side, y + self.side)),
                np.column_stack((x, y + self.side)),
            ),
            axis=1,
        )
        sizes = areas_m2(mapped(self.manifest.affine, corners), self.manifest.crs)
        known = np.isfinite(sizes)
        plain = (self.manifest.scale_m(1) / (STEPS * LATTICE) * self.side) ** 2
        if not known.any():
            return np.full(len(every), plain)
        widths: NDArray[np.float64] = np.interp(every, some[known], sizes[known])
        return widths
