"""The places that hits of any number of indexes belong to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from msa_model.index.merging import Boxes, places_of
from msa_model.jobs.ranked import Ranking
from msa_model.raster.tiles import box_rings, tile_boxes

_LONLAT = "EPSG:4326"


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
    common = crs.pop() if len(crs) == 1 else _LONLAT
    keys, rings = ranking.keys, np.empty((len(ranking), 4, 2))
    for owner, index in enumerate(ranking.indexes):
        rows = ranking.owners == owner
        rings[rows] = box_rings(index.manifest.affine, tile_boxes(keys[rows]))
        if index.manifest.crs != common:
            way = Transformer.from_crs(index.manifest.crs, common, always_xy=True)
            rings[rows] = np.stack(way.transform(rings[rows, :, 0], rings[rows, :, 1]), axis=-1)
    if common == _LONLAT and len(rings):
        rings[..., 0] = _unbroken(rings[..., 0])
    return np.concatenate((rings.min(axis=1), rings.max(axis=1)), axis=1)


def _unbroken(longitudes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Longitudes [n, 4] as degrees east of the best hit, so that a place may lie on the date line."""
    out: NDArray[np.float64] = (longitudes - longitudes[0, 0] + 180) % 360 - 180
    return out
