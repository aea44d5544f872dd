"""What a scan has before it: which tiles, which index, and what that index holds already.

Finding the tiles of an index whose pixels the raster no longer has.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from msa_model.index.drawn import drawn_index_path, drawn_manifest
from msa_model.index.finding import index_path_of, remember
from msa_model.index.manifest import BLOCKS, EXACT, Manifest, check_same
from msa_model.index.store import TileIndex
from msa_model.jobs.steps import ProgressMeter, with_pauses
from msa_model.protocol.errors import BadArgument, IndexMissing, IndexStale, IndexUnreadable, MsaError
from msa_model.protocol.messages import Progress, ScanRequest
from msa_model.protocol.pixels import Draw
from msa_model.raster.drawn import AnySource, DrawnSource, open_source
from msa_model.raster.fingerprint import tile_digests
from msa_model.raster.grid import Keys, packed
from msa_model.raster.source import RasterSource
from msa_model.raster.tiles import TilePlan, plan_tiles, read_tiles

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder


@dataclass(frozen=True)
class ScanState:
    """`missing` keys int32 [n, 3] are still to be encoded; `stale`: the index is of an earlier raster.

    `manifest` is the index's, `current` of the raster as it is. `unsure`: the raster has changed, so that
    any tile may have to be encoded; `comparing`: tiles are compared with it first.
    """

    index: Path
    manifest: Manifest
    plan: TilePlan
    missing: Keys
    current: Manifest
    stale: bool = False
    unsure: bool = False
    comparing: bool = False


def opened_scan(
    encoder: DualEncoder, request: ScanRequest, cache_folder: str | None, draw: Draw
) -> tuple[AnySource, ScanState]:
    """Opens the raster, for the caller to close, and tells what is missing; its look is taken.

    Raises:
        RasterMissing and the other errors of `open_source`; those of `scan_state`.
    """
    source = open_source(request.raster, draw)
    try:
        return source, scan_state(source, encoder, request, cache_folder)
    except BaseException:
        source.close()
        raise


def scan_state(
    source: AnySource, encoder: DualEncoder, request: ScanRequest, cache_folder: str | None
) -> ScanState:
    """Looks at raster and index; writes at most where the raster lies now, and where its index does.

    Raises:
        AoiOutsideRaster, AoiInvalid, BadArgument: the request.
        too_many_tiles: more of a server's layer are missing than may be fetched.
        IndexOfOtherModel, IndexUnreadable: an index that must not be overwritten.
    """
    if not 0 <= request.settings.min_valid <= 1:
        raise BadArgument(f"The least valid share must lie in 0 … 1, not at {request.settings.min_valid}.")
    plan = plan_tiles(source, request.settings, request.aoi)
    path = Path(request.index or _default_path(source, encoder.sha256, cache_folder))
    manifest = replace(_manifest(source, encoder), encoding=_encoding(source, encoder, request, path))
    found = _found(ScanState(path, manifest, plan, plan.keys, manifest), source, request)
    if not (request.coarse or request.refine):
        check_fair(source, len(found.missing))
    if request.index is None and len(found.missing) < len(plan.keys) and not found.unsure:
        remember(path, found.manifest, cache_folder)
    return found


def _found(fresh: ScanState, source: AnySource, request: ScanRequest) -> ScanState:
    """With what the index holds."""
    path, manifest, plan = fresh.index, fresh.current, fresh.plan
    try:
        with TileIndex.open_for_reading(path) as index:
            _check_raster(path, index.manifest, manifest)
            found = _compared(fresh, index, source, trust=request.trust)
            done = index.done_keys(request.settings.min_valid)
    except IndexMissing:
        return fresh
    except IndexStale:
        return replace(fresh, stale=True)
    return found if found.unsure else replace(found, missing=missing_keys(plan.keys, done))


def _manifest(source: AnySource, encoder: DualEncoder) -> Manifest:
    name, sha256, dimension = encoder.name, encoder.sha256, encoder.dimension
    if isinstance(source, DrawnSource):
        return drawn_manifest(source, model=name, model_sha256=sha256, dimension=dimension)
    return Manifest.of(source, model=name, model_sha256=sha256, dimension=dimension)


def _encoding(source: AnySource, encoder: DualEncoder, request: ScanRequest, path: Path) -> str:
    """What is asked for, else as the index goes on; a drawn layer's tiles are each looked at by itself.

    Raises:
        BadArgument: there is no such encoding, or the model cannot do so.
    """
    wanted = request.settings.encoding
    if wanted not in ("", EXACT, BLOCKS):
        raise BadArgument(f"Tiles are encoded as '{EXACT}' or '{BLOCKS}', not '{wanted:.60}'.")
    if isinstance(source, DrawnSource):
        return EXACT
    if wanted == BLOCKS and not encoder.shares_passes:
        raise BadArgument(f"Tiles of the model '{encoder.name}' cannot be taken out of blocks.")
    return wanted or _encoding_of(path)


def _encoding_of(path: Path) -> str:
    """How an index was begun; `EXACT` where there is none, or none that can be read."""
    try:
        with TileIndex.open_for_reading(path) as index:
            return index.manifest.encoding
    except (IndexMissing, IndexUnreadable):
        return EXACT


def _default_path(source: AnySource, model_sha256: str, cache_folder: str | None) -> Path:
    if isinstance(source, DrawnSource):
        return drawn_index_path(source.layer, model_sha256, cache_folder)
    return index_path_of(source, model_sha256, cache_folder)


def check_fair(source: AnySource, missing: int) -> None:
    """Refuse to ask a server for more tiles than it may be asked for.

    Raises:
        too_many_tiles: more are missing.
    """
    if isinstance(source, DrawnSource) and 0 < source.layer.most < missing:
        raise MsaError.of(
            "too_many_tiles",
            f"{source.path} lacks {missing:,} tiles here; at most {source.layer.most:,} "
            "are fetched from a server in one go.",
        )


def _compared(fresh: ScanState, index: TileIndex, source: AnySource, *, trust: bool) -> ScanState:
    """How an index stands to the raster; of another look of a drawn layer, nothing can be used.

    Raises:
        IndexStale, IndexOfOtherModel: its tiles cannot be used.
    """
    old, now = index.manifest, fresh.current
    if isinstance(source, DrawnSource):
        check_same(old, now, str(fresh.index))
        return fresh
    first = old.fingerprint_version == 1
    if first and source.first_fingerprint != old.fingerprint:
        raise IndexStale(f"{now.raster} has changed since {fresh.index} was made.")
    manifest = replace(
        now, fingerprint=old.fingerprint, fingerprint_version=old.fingerprint_version, stamp=old.stamp
    )
    check_same(old, manifest, str(fresh.index))
    unsure = not first and manifest != now and not trust
    return replace(fresh, manifest=manifest, unsure=unsure, comparing=unsure or (first and not trust))


def missing_keys(planned: Keys, done: Keys) -> Keys:
    """The planned keys int32 [n, 3] that are not done, in their order."""
    missing: Keys = planned[~np.isin(packed(planned), packed(done))]
    return missing


def _check_raster(path: Path, old: Manifest, new: Manifest) -> None:
    """A changed raster may replace its index, and one of the same content use it; another raster must not."""
    same = old.raster == new.raster if new.drawn else Path(old.raster).name == Path(new.raster).name
    if not same and old.fingerprint != new.fingerprint:
        raise BadArgument(f"{path} is the index of {old.raster}; choose another file for {new.raster}.")


_READ_TOGETHER = 64  # tiles
_LABEL = "comparing"


def compare(source: RasterSource, index: TileIndex) -> Generator[Progress, None, None]:
    """Reads every tile that the index holds and takes out those that look otherwise; skipped ones, too.

    Tiles of before digests were kept are taken for current, and get theirs.

    Raises:
        RasterUnreadable: a block cannot be decoded; nothing is taken out then.
        The errors of `TileIndex.append`.
    """
    held = index.held()
    meter = ProgressMeter(len(held.keys))
    order = np.argsort(packed(held.keys))
    sorted_keys, now = packed(held.keys)[order], np.zeros(len(order), np.uint64)
    with closing(with_pauses(read_tiles(source, held.keys, _READ_TOGETHER))) as batches:
        for batch in batches:
            if batch is not None:
                places = order[np.searchsorted(sorted_keys, packed(batch.keys))]
                now[places] = tile_digests(batch.pixels, batch.valid)
            yield replace(meter.advance(0 if batch is None else len(batch.keys)), label=_LABEL)
    changed = held.known & (now != held.digests)
    if not held.known.all():
        index.know(held.keys, now)
    if changed.any():
        index.forget(held.keys[changed])
