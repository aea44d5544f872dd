"""The places that hits of any number of indexes belong to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from msa_model.index.merging import Boxes, places_of
from msa_model.jobs.ranked import Ranking
from msa_model.raster.placing import LONLAT, moved, wrapped
from msa_model.raster.tiles import box_rings, tile_boxes


def places_of_hits(ranking: Ranking) -> NDArray[np.int32]:
    """Numbers the places of a ranked list, int32 [n], 0 the best: see `msa_model.index.merging`.

    Hits of several indexes share a place where they overlap on the ground.
    """
    if len(ranking.indexes) == 1:
        return places_of(tile_boxes(ranking.keys))
    return places_of(_boxes_on_the_ground(ranking))


def _boxes_on_the_ground(ranking: Ranking) -> Boxes:
    """Boxes [n, 4] in the one CRS of all indexes, or in degrees; shares of areas are the same in either."""
    crs = {index.manifest.crs for index in ranking.indexes}
    common = crs.pop() if len(crs) == 1 else LONLAT
    keys, rings = ranking.keys, np.empty((len(ranking), 4, 2))
    for owner, index in enumerate(ranking.indexes):
        rows = ranking.owners == owner
        rings[rows] = box_rings(index.manifest.affine, tile_boxes(keys[rows]))
        if index.manifest.crs != common:
            flat = moved(rings[rows].reshape(-1, 2), index.manifest.crs, common)
            rings[rows] = flat.reshape(-1, 4, 2)
    if common == LONLAT and len(rings):
        rings[..., 0] = _unbroken(rings[..., 0])
    return np.concatenate((rings.min(axis=1), rings.max(axis=1)), axis=1)


def _unbroken(longitudes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Longitudes [n, 4] as degrees east of the best hit, so that a place may lie on the date line."""
    first = wrapped(longitudes[:, :1] - longitudes[0, 0], 360)
    out: NDArray[np.float64] = first + wrapped(longitudes - longitudes[:, :1], 360)
    return out
