"""The places that hits of any number of indexes belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from msa_model.index.merging import Boxes, places_of
from msa_model.jobs.ranked import Ranking
from msa_model.raster.grid import Keys
from msa_model.raster.placing import LONLAT, moved, wrapped
from msa_model.raster.tiles import box_rings, tile_boxes


@dataclass(frozen=True)
class Grid:
    """Where an index's tiles lie: `affine` maps (column, row) to coordinates in `crs`."""

    crs: str
    affine: Affine


def places_of_hits(ranking: Ranking) -> NDArray[np.int32]:
    """Numbers the places of a ranked list, int32 [n], 0 the best: see `msa_model.index.merging`.

    Hits of several indexes share a place where they overlap on the ground.
    """
    grids = [Grid(index.manifest.crs, index.manifest.affine) for index in ranking.indexes]
    return places_on(grids, ranking.owners, ranking.keys)


def places_on(grids: Sequence[Grid], owners: NDArray[np.int32], keys: Keys) -> NDArray[np.int32]:
    """As `places_of_hits`, of tiles of keys [n, 3] on the grids that `owners` [n] number."""
    if len(grids) == 1:
        return places_of(tile_boxes(keys))
    return places_of(_boxes_on_the_ground(grids, owners, keys))


def _boxes_on_the_ground(grids: Sequence[Grid], owners: NDArray[np.int32], keys: Keys) -> Boxes:
    """Boxes [n, 4] in the one CRS of all indexes, or in degrees; shares of areas are the same in either."""
    crs = {grid.crs for grid in grids}
    common = crs.pop() if len(crs) == 1 else LONLAT
    rings = np.empty((len(keys), 4, 2))
    for owner in np.unique(owners).tolist():
        grid, rows = grids[owner], owners == owner
        rings[rows] = box_rings(grid.affine, tile_boxes(keys[rows]))
        if grid.crs != common:
            flat = moved(rings[rows].reshape(-1, 2), grid.crs, common)
            rings[rows] = flat.reshape(-1, 4, 2)
    if common == LONLAT and len(rings):
        rings[..., 0] = _unbroken(rings[..., 0])
    return np.concatenate((rings.min(axis=1), rings.max(axis=1)), axis=1)


def _unbroken(longitudes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Longitudes [n, 4] as degrees east of the best hit, so that a place may lie on the date line."""
    first = wrapped(longitudes[:, :1] - longitudes[0, 0], 360)
    out: NDArray[np.float64] = first + wrapped(longitudes - longitudes[:, :1], 360)
    return out
