"""The two indexes that a question about two dates compares: tiles of the same ground have the same keys."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from msa_model.files.folders import user_cache_folder
from msa_model.index.locations import default_index_path
from msa_model.index.manifest import Manifest, raster_of
from msa_model.index.store import TileIndex
from msa_model.jobs.index_files import check_index_file, index_of, is_index
from msa_model.protocol.changing import DatesReply, DatesRequest, PairReply, PairRequest
from msa_model.protocol.errors import IndexMissing, MsaError
from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.messages import RasterRef, ScanRequest, ScanSettings, Source
from msa_model.raster.aligned import Lattice, aligned, drawn_on
from msa_model.raster.dates import date_in, date_of
from msa_model.raster.drawn import file_of_source, open_source, undrawn
from msa_model.raster.grid import STEPS
from msa_model.raster.handles import is_plain_path
from msa_model.raster.source import RasterSource


@dataclass(frozen=True)
class OtherDate:
    """The index of a date on the lattice of a first one; `scan` makes it, None where it is there.

    `raster` is what is shown; `laid_over`: by a VRT that lays it over the first one's pixels.
    """

    index: str
    raster: str
    scan: ScanRequest | None = None
    laid_over: bool = False


def first_date(raster: str, model_sha256: str, cache_folder: str | None) -> OtherDate:
    """The raster, or index, whose lattice all dates are compared on.

    Raises:
        RasterMissing and the other errors of `index_of`, but for an index that is yet to be made.
    """
    try:
        index = str(index_of(raster, model_sha256, cache_folder))
    except IndexMissing:
        if is_plain_path(raster) and not os.path.exists(raster):
            raise
        return _to_be_indexed(raster, ScanSettings(), model_sha256, cache_folder)
    with TileIndex.open_for_reading(index) as opened:
        return OtherDate(index, raster_of(opened.manifest, index))


def check_comparable(first: str, others: Sequence[str]) -> None:
    """Whether other dates (rasters or indexes) show something else of a raster's place, before it is scanned.

    Raises:
        not_comparable: one is the same raster, or does not overlap it.
        RasterMissing and the other errors of `RasterSource.open`.
    """
    lattice = _raster_and_lattice(first)[1]
    for other in others:
        _compared(first, Path(first).name, lattice, other)


def other_date(first: str, other: str, model_sha256: str, cache_folder: str | None) -> OtherDate:
    """Where the tiles of `other`, a raster or an index, are on the lattice of the index `first`.

    Raises:
        not_comparable: both are the same, do not overlap, or `other` is an index of other pixels.
        RasterMissing and the other errors of `index_of` and `aligned`.
    """
    with TileIndex.open_for_reading(first) as index:
        manifest = index.manifest
    lattice = lattice_of(manifest)
    raster, theirs = _compared(raster_of(manifest, first), manifest.name, lattice, other)
    if lattice.is_shared_by(theirs):
        return _of_same_pixels(first, other, raster, model_sha256, cache_folder)
    if is_index(Path(other)):
        raise MsaError.of(
            "not_comparable", f"{other} is the index of other pixels than {first}; name its raster."
        )
    over = str(aligned(other, lattice, Path(cache_folder or user_cache_folder())))
    scan = _to_be_indexed(over, _settings_of(first), model_sha256, cache_folder).scan
    place = str(default_index_path(over, model_sha256, cache_folder))
    return OtherDate(place, raster, scan, laid_over=True)


def paired(request: PairRequest, model_sha256: str, cache_folder: str | None) -> PairReply:
    """What to scan of the later of two rasters or layers: laid over the other where their pixels differ.

    A file is laid over the other by a VRT in the cache folder; a layer is drawn on the other's pixels.

    Raises:
        not_comparable: both are the same, or do not overlap.
        RasterMissing and the other errors of `open_source`, `aligned` and `drawn_on`.
    """
    before, after = request.before, request.after
    lattice, theirs = _lattice_of_source(before), _lattice_of_source(after)
    check_different([before.address, after.address])
    _check_meeting(lattice, theirs, before.name, after.name)
    if lattice.is_shared_by(theirs):
        return PairReply(after)
    if isinstance(after, DrawnLayer):
        return PairReply(drawn_on(after, lattice))
    over = str(aligned(after.path, lattice, Path(cache_folder or user_cache_folder())))
    return PairReply(RasterRef(over, after.bands), str(default_index_path(over, model_sha256, cache_folder)))


def told_dates(request: DatesRequest) -> DatesReply:
    """What rasters or their names tell; a raster that cannot be opened tells what its path does."""
    names = (*request.names, *("" for _ in request.rasters))
    return DatesReply(
        tuple(date_of(path) or date_in(name) for path, name in zip(request.rasters, names, strict=False))
    )


def check_different(rasters: Sequence[str]) -> None:
    """Whether no file stands for two dates, also by a link.

    Raises:
        not_comparable: one does.
    """
    known: dict[str, str] = {}
    for raster in rasters:
        real = file_of_source(raster)
        if real in known:
            linked = os.path.abspath(raster) != os.path.abspath(known[real])
            other = f" ({raster} is {known[real]})" if linked else ""
            raise MsaError.of("not_comparable", f"Two dates are the same raster: {known[real]}{other}.")
        known[real] = raster


def _of_same_pixels(
    first: str, other: str, raster: str, model_sha256: str, cache_folder: str | None
) -> OtherDate:
    try:
        return OtherDate(str(index_of(other, model_sha256, cache_folder)), raster)
    except IndexMissing:
        return _to_be_indexed(raster, _settings_of(first), model_sha256, cache_folder)


def _to_be_indexed(
    raster: str, settings: ScanSettings, model_sha256: str, cache_folder: str | None
) -> OtherDate:
    index = str(default_index_path(raster, model_sha256, cache_folder))
    return OtherDate(index, raster, ScanRequest(RasterRef(raster), None, settings, index))


def _settings_of(first: str) -> ScanSettings:
    """Those that give the tiles which an index has."""
    with TileIndex.open_for_reading(first) as index:
        manifest, keys = index.manifest, index.load().keys
    factors = np.unique(keys[:, 0])
    scales = tuple(manifest.scale_m(factor) for factor in factors.tolist())
    steps = [np.diff(np.unique(keys[keys[:, 0] == factor, 1])) for factor in factors]
    hops = [int(np.median(step)) for step in steps if len(step)]
    hop = min(STEPS, max(1, min(hops, default=STEPS // 2)))
    return ScanSettings(scales_m=scales, overlap=1 - hop / STEPS)


def _lattice_of_source(source: Source) -> Lattice:
    with open_source(source, undrawn) as opened:
        return Lattice.of(opened)


def lattice_of(manifest: Manifest) -> Lattice:
    """The pixels that an index's tiles are cut from."""
    return Lattice(manifest.width, manifest.height, manifest.affine, manifest.crs)


def _raster_and_lattice(other: str) -> tuple[str, Lattice]:
    if is_index(Path(other)):
        with TileIndex.open_for_reading(other) as index:
            return raster_of(index.manifest, other), lattice_of(index.manifest)
    check_index_file(other)
    with RasterSource.open(RasterRef(other)) as source:
        return other, Lattice.of(source)


def _compared(raster: str, name: str, lattice: Lattice, other: str) -> tuple[str, Lattice]:
    """Raster and lattice of `other`, which shows something else than `raster` of its place."""
    found, theirs = _raster_and_lattice(other)
    check_different([raster, found])
    _check_meeting(lattice, theirs, name, Path(other).name)
    return found, theirs


def _check_meeting(before: Lattice, after: Lattice, name: str, other: str) -> None:
    if not before.meets(after):
        raise MsaError.of("not_comparable", f"{name} and {other} do not overlap.")
