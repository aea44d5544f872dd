"""The two indexes that a question about two dates compares: tiles of the same ground have the same keys."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from msa_model.files.folders import user_cache_folder
from msa_model.index.manifest import Manifest, raster_of
from msa_model.index.store import TileIndex, default_index_path
from msa_model.jobs.places import index_of, is_index
from msa_model.protocol.changing import DatesReply, DatesRequest, PairReply, PairRequest
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.messages import RasterRef, ScanRequest, ScanSettings
from msa_model.raster.aligned import Lattice, aligned
from msa_model.raster.dates import date_in, date_of
from msa_model.raster.grid import STEPS, Keys
from msa_model.raster.source import RasterSource


@dataclass(frozen=True)
class Other:
    """The index of another date on the lattice of a first one; `scan` makes it, None where it is there.

    `raster` is what it is an index of: the raster itself, or a VRT that lays it over the first.
    """

    index: str
    raster: str
    scan: ScanRequest | None = None


def other_date(first: str, other: str, model_sha256: str, cache_folder: str | None) -> Other:
    """Where the tiles of `other`, a raster or an index, are on the lattice of the index `first`.

    Raises:
        IndexMissing: the raster has the first one's pixels, and no index.
        BadArgument: both are the same, do not overlap, or `other` is an index of other pixels.
        RasterMissing and the other errors of `index_of` and `aligned`.
    """
    with TileIndex.open_for_reading(first) as index:
        manifest = index.manifest
    lattice, theirs = _lattice(manifest), _lattice_of(other, raster_of(manifest, first))
    _check_meeting(lattice, theirs, manifest.name, Path(other).name)
    if lattice.is_shared_by(theirs):
        return Other(str(index_of(other, model_sha256, cache_folder)), other)
    if is_index(Path(other)):
        raise BadArgument(f"{other} is the index of other pixels than {first}; name its raster.")
    folder = Path(cache_folder or user_cache_folder())
    raster = aligned(other, lattice, folder)
    with TileIndex.open_for_reading(first) as index:
        keys = index.load().keys
    return _laid_over(raster, manifest, keys, cache_folder, model_sha256)


def paired(request: PairRequest, model_sha256: str, cache_folder: str | None) -> PairReply:
    """What to scan of the later of two rasters; it may be laid over the other, in the cache folder.

    Raises:
        BadArgument: both are the same, or do not overlap.
        RasterMissing and the other errors of `RasterSource.open` and `aligned`.
    """
    before, after = request.before, request.after
    with RasterSource.open(before) as source:
        lattice = Lattice.of(source)
    theirs = _lattice_of(after.path, before.path)
    _check_meeting(lattice, theirs, before.name, after.name)
    if lattice.is_shared_by(theirs):
        return PairReply(after)
    raster = str(aligned(after.path, lattice, Path(cache_folder or user_cache_folder())))
    return PairReply(
        RasterRef(raster, after.bands), str(default_index_path(raster, model_sha256, cache_folder))
    )


def told_dates(request: DatesRequest) -> DatesReply:
    """What rasters or their names tell; a raster that cannot be opened tells what its path does."""
    names = (*request.names, *("" for _ in request.rasters))
    return DatesReply(
        tuple(date_of(path) or date_in(name) for path, name in zip(request.rasters, names, strict=False))
    )


def _laid_over(
    raster: Path, manifest: Manifest, keys: Keys, cache_folder: str | None, model_sha256: str
) -> Other:
    index = default_index_path(str(raster), model_sha256, cache_folder)
    request = ScanRequest(RasterRef(str(raster)), None, _settings(manifest, keys), str(index))
    return Other(str(index), str(raster), request)


def _settings(manifest: Manifest, keys: Keys) -> ScanSettings:
    """Those that give the tiles which the first index has."""
    factors = np.unique(keys[:, 0])
    scales = tuple(manifest.scale_m(factor) for factor in factors.tolist())
    steps = [np.diff(np.unique(keys[keys[:, 0] == factor, 1])) for factor in factors]
    hops = [int(np.median(step)) for step in steps if len(step)]
    hop = min(STEPS, max(1, min(hops, default=STEPS // 2)))
    return ScanSettings(scales_m=scales, overlap=1 - hop / STEPS)


def _lattice(manifest: Manifest) -> Lattice:
    return Lattice(manifest.width, manifest.height, manifest.affine, manifest.crs)


def _lattice_of(other: str, before: str) -> Lattice:
    """Raises BadArgument where `other` is the raster `before`, or an index of it."""
    if is_index(Path(other)):
        with TileIndex.open_for_reading(other) as index:
            manifest = index.manifest
        _check_different(raster_of(manifest, other), before)
        return _lattice(manifest)
    with RasterSource.open(RasterRef(other)) as source:
        _check_different(other, before)
        return Lattice.of(source)


def _check_meeting(before: Lattice, after: Lattice, name: str, other: str) -> None:
    if not before.meets(after):
        raise BadArgument(f"{name} and {other} do not overlap.")


def _check_different(raster: str, before: str) -> None:
    if os.path.realpath(raster) == os.path.realpath(before):
        raise BadArgument(f"Before and after are the same raster: {raster}.")
