"""What a scan has before it: which tiles, which index, and what that index holds already."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from msa_model.index.manifest import Manifest, check_same
from msa_model.index.store import TileIndex, default_index_path
from msa_model.protocol.errors import BadArgument, IndexMissing, IndexStale
from msa_model.protocol.messages import ScanRequest
from msa_model.raster.grid import Keys
from msa_model.raster.source import RasterSource
from msa_model.raster.tiles import TilePlan, plan_tiles

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder

MOST_SCALES = 4096  # numbers a tile: 8 kB, as much as its JPEG takes; a ResNet-50 has 3,840


@dataclass(frozen=True)
class Survey:
    """`missing` keys int32 [n, 3] are still to be encoded; `stale`: the index is of an earlier raster."""

    index: Path
    manifest: Manifest
    plan: TilePlan
    missing: Keys
    stale: bool


def survey(
    source: RasterSource, encoder: DualEncoder, request: ScanRequest, cache_folder: str | None
) -> Survey:
    """Looks at raster and index without writing anything.

    Raises:
        AoiOutsideRaster, AoiInvalid, BadArgument: the request.
        IndexOfOtherModel, IndexUnreadable: an index that must not be overwritten.
    """
    if not 0 <= request.settings.min_valid <= 1:
        raise BadArgument(f"The least valid share must lie in 0 … 1, not at {request.settings.min_valid}.")
    plan = plan_tiles(source, request.settings, request.aoi)
    path = Path(request.index or default_index_path(source.path, encoder.sha256, cache_folder))
    manifest = Manifest.of(
        source,
        model=encoder.name,
        model_sha256=encoder.sha256,
        dimension=encoder.dimension,
        scales=encoder.scales_width if encoder.scales_width <= MOST_SCALES else 0,
    )
    done = _done_keys(path, manifest, request.settings.min_valid)
    missing = plan.keys if done is None else missing_keys(plan.keys, done)
    return Survey(path, manifest, plan, missing, stale=done is None)


def missing_keys(planned: Keys, done: Keys) -> Keys:
    """The planned keys int32 [n, 3] that are not done, in their order."""
    missing: Keys = planned[~np.isin(_packed(planned), _packed(done))]
    return missing


def _packed(keys: Keys) -> NDArray[np.int64]:
    """One number per key: 15 bits of factor, 24 of row, 24 of column."""
    factor, row, col = keys.astype(np.int64).T
    packed: NDArray[np.int64] = (factor << 48) | (row << 24) | col
    return packed


def _done_keys(path: Path, manifest: Manifest, min_valid: float) -> Keys | None:
    """Keys that need no encoding; None where the raster has changed since."""
    try:
        with TileIndex.open_for_reading(path) as index:
            _check_raster(path, index.manifest, manifest)
            check_same(index.manifest, manifest, str(path))
            return index.done_keys(min_valid)
    except IndexMissing:
        return np.empty((0, 3), np.int32)
    except IndexStale:
        return None


def _check_raster(path: Path, old: Manifest, new: Manifest) -> None:
    """A changed raster may replace its index; another raster must not."""
    if Path(old.raster).name != Path(new.raster).name:
        raise BadArgument(f"{path} is the index of {old.raster}; choose another file for {new.raster}.")
