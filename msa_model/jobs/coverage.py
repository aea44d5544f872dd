"""What of a raster is indexed, scale by scale."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from msa_model.index.covered import covered_area, outline
from msa_model.index.drawn import cropped
from msa_model.index.finding import index_path_of
from msa_model.index.manifest import raster_of
from msa_model.index.store import TileIndex
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.indexes import CoverageReply, CoverageRequest, CoveredArea
from msa_model.raster.source import RasterSource


def coverage(request: CoverageRequest, model_sha256: str, cache_folder: str | None) -> CoverageReply:
    """The area of the tiles that are done, encoded or skipped, on the raster; also while a scan runs.

    Of a drawn layer, which may have no end, the raster is the box around them.

    Raises:
        BadArgument: neither an index nor a raster is given.
        IndexMissing, IndexUnreadable: there is no index.
        RasterMissing and the other errors of `RasterSource.open`.
    """
    path = _index_path(request, model_sha256, cache_folder)
    with TileIndex.open_for_reading(path) as index:
        manifest, keys = index.manifest, index.done_keys()
    areas = tuple(
        CoveredArea(
            manifest.scale_m(factor), covered_area(manifest, level).wkt, len(np.unique(level, axis=0))
        )
        for factor in np.unique(keys[:, 0]).tolist()
        for level in (keys[keys[:, 0] == factor],)
    )
    whole = cropped(manifest, keys)[0] if manifest.drawn and len(keys) else manifest
    return CoverageReply(str(path), raster_of(manifest, path), manifest.crs, outline(whole).wkt, areas)


def _index_path(request: CoverageRequest, model_sha256: str, cache_folder: str | None) -> Path:
    if request.index:
        return Path(request.index)
    if request.raster is None:
        raise BadArgument("Give an index or a raster.")
    with RasterSource.open(request.raster) as source:
        return index_path_of(source, model_sha256, cache_folder)
