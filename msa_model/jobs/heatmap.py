"""A query's localisation map, on the fly from an index."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from msa_model.index.drawn import cropped
from msa_model.index.heatmap import NODATA, cell_px, crs_apart, geotiff, mean_scores
from msa_model.index.manifest import Manifest
from msa_model.jobs.limits import tiles_meeting
from msa_model.jobs.questions import Questions
from msa_model.jobs.search import open_all, score_tiles
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.hit_table import HeatmapReply
from msa_model.protocol.messages import SearchRequest
from msa_model.raster.grid import Keys

Floats = NDArray[np.float32]

_LOW, _HIGH = 50, 99.5  # percentiles of the cells, between which a style goes from transparent to hot


def heatmap(questions: Questions, request: SearchRequest) -> tuple[HeatmapReply, bytes]:
    """The mean score of the tiles that cover each cell, of the one index asked, as a GeoTIFF.

    Raises:
        BadArgument: not exactly one index, or no tile of it meets the area.
        And what `search` raises.
    """
    if (count := len(set(request.indexes))) != 1:
        raise BadArgument(f"A heat map shows one index, but {count} were given.")
    (index,) = open_all(questions, request)
    keys, scores = index.table.keys, score_tiles(questions, index, request)
    if request.aoi is not None:
        keep = tiles_meeting(index, request.aoi)
        keys, scores = keys[keep], scores[keep]
    return heatmap_of(request.query, index.manifest, keys, scores)


def heatmap_of(
    query: str, manifest: Manifest, keys: Keys, scores: Floats, *, diverging: bool = False
) -> tuple[HeatmapReply, bytes]:
    """The mean of the scores [n] of the tiles, keys int32 [n, 3], that cover each cell, as a GeoTIFF.

    With `diverging`, the cells are told beside their median, and `low` and `high` lie as far from it.

    Raises:
        BadArgument: there is no tile, or a score that is none.
    """
    if not len(keys):
        raise BadArgument("There is no indexed tile in this area.")
    if manifest.drawn:
        manifest, keys = cropped(manifest, keys)
    cell = cell_px(manifest, keys)
    means = mean_scores(manifest, keys, scores, cell)
    known = means[means != NODATA]
    if not len(known) or not np.isfinite(known).all():
        raise BadArgument("The query gives no scores: its terms and examples cancel each other out.")
    low, high = np.percentile(known, (_LOW, _HIGH))
    if diverging:
        means[means != NODATA] -= np.median(known)
        high -= np.median(known)
        low = -high
    height, width = means.shape
    content = geotiff(manifest, means, cell)
    apart = crs_apart(content, manifest.crs)
    return HeatmapReply(query.strip(), width, height, float(low), float(high), apart), content
