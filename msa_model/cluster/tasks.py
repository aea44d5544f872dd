"""What runs on the machines of a cluster; arguments and results are numbers, texts and arrays.

A process holds one engine. A task tells which version and model it is meant for: machines may join later.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from msa_model.index.blocks import EncodedTiles
from msa_model.index.manifest import Manifest, has_other_pixels
from msa_model.index.remote import is_remote
from msa_model.jobs.engine import Engine
from msa_model.jobs.index_files import index_of
from msa_model.jobs.limits import Limits
from msa_model.jobs.open_files import OpenIndex
from msa_model.jobs.ranked import Ranking, rank_indexes
from msa_model.jobs.scan import store_missing
from msa_model.jobs.search import described
from msa_model.jobs.steps import outcome
from msa_model.jobs.threads import wait_passively
from msa_model.model.loading import load_encoder
from msa_model.protocol.errors import (
    AoiOutsideRaster,
    IndexMissing,
    MsaError,
    RasterMissing,
    RasterUnreadable,
)
from msa_model.protocol.hit_table import RankedIndex
from msa_model.protocol.messages import RasterRef
from msa_model.raster.grid import Keys
from msa_model.raster.source import RasterSource
from msa_model.shipped import checkpoint_folder, version

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder

A_MACHINE = "A machine of the cluster"

_one_at_a_time = threading.RLock()


@dataclass(frozen=True)
class Expected:
    """What the one who hands out tasks has: version, model by name or folder and by its sha256, engine."""

    version: str
    model: str | None
    model_sha256: str
    engine: str

    @classmethod
    def of(cls, encoder: DualEncoder, model: str | None) -> Expected:
        """What this machine has, with the model of that name or in that folder loaded."""
        named = os.path.abspath(model) if model and os.path.isdir(model) else model
        return cls(version(), named, encoder.sha256, encoder.engine)


@dataclass(frozen=True)
class Ranked:
    """The best tiles of some indexes: owners [n] in `indexes`, keys [n, 3], scores and valid shares [n]."""

    indexes: tuple[RankedIndex, ...]
    owners: NDArray[np.int32]
    keys: Keys
    scores: NDArray[np.float32]
    valid: NDArray[np.float32]
    tiles: int
    outside: bool = False  # the area meets none of the rasters


def check(expected: Expected) -> None:
    """Whether this machine has the version and the model; the engine is loaded then.

    Raises:
        cluster_worker_differs: it has others.
    """
    _engine(expected)


def sees(paths: Sequence[str]) -> list[str]:
    """Those of the rasters that this machine cannot open."""
    with _one_at_a_time:
        return [path for path in paths if not _is_there(path)]


def encode_part(
    expected: Expected, raster: RasterRef, manifest: Manifest, keys: Keys, min_valid: float
) -> list[EncodedTiles]:
    """Encodes tiles [n, 3] of a raster, as a scan on this machine would.

    Raises:
        cluster_worker_differs: this machine has another version or model.
        not_shared: it does not see the raster, or another one.
        RasterUnreadable: blocks of it cannot be read.
    """
    with _one_at_a_time:
        engine, collected = _engine(expected), Collected(manifest)
        try:
            source = engine.sources.raster(raster)
        except RasterMissing as error:
            raise MsaError.of("not_shared", f"{A_MACHINE} does not see {raster.address}.") from error
        if has_other_pixels(manifest, source):
            raise MsaError.of("not_shared", f"{A_MACHINE} sees another raster at {raster.address}.")
        outcome(store_missing(source, engine.encoder, collected, keys, min_valid))
        return collected.parts


def rank_part(
    expected: Expected, indexes: Sequence[str], vector: NDArray[np.float32], k: int, limits: Limits
) -> Ranked:
    """The best tiles of some index files.

    Raises:
        cluster_worker_differs, not_shared: see `encode_part`.
        And what `rank_indexes` and `OpenIndexes.get` raise.
    """
    with _one_at_a_time:
        engine = _engine(expected)
        try:
            opened = [engine.indexes.get(_here(path, engine)) for path in indexes]
        except IndexMissing as error:
            raise MsaError.of("not_shared", f"{A_MACHINE} does not see an index: {error.sentence}") from error
        try:
            return _columns(rank_indexes(opened, vector, k, limits))
        except AoiOutsideRaster:
            return _nothing(opened)


class Collected:
    """Stands in an index's place where tiles are encoded for somebody else to store."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.parts: list[EncodedTiles] = []

    def append(self, tiles: EncodedTiles) -> None:
        """Keeps a batch, which has no pictures of files; its vectors are sent as they are stored."""
        self.parts.append(replace(tiles, vectors=tiles.vectors.astype(np.float16)))


def _columns(ranking: Ranking) -> Ranked:
    return Ranked(
        tuple(map(described, ranking.indexes, ranking.stored)),
        ranking.owners,
        ranking.keys,
        ranking.scores,
        ranking.valid,
        ranking.tiles,
    )


def _nothing(opened: Sequence[OpenIndex]) -> Ranked:
    indexes = tuple(described(index, len(index.table.keys)) for index in opened)
    none = np.empty(0, np.float32)
    return Ranked(indexes, np.empty(0, np.int32), np.empty((0, 3), np.int32), none, none, 0, outside=True)


def _is_there(path: str) -> bool:
    try:
        RasterSource.open(RasterRef(path)).close()
    except (RasterMissing, RasterUnreadable):
        return False
    return True


@lru_cache(maxsize=1)
def _loaded(model: str | None, engine: str) -> Engine:
    wait_passively()
    return Engine(load_encoder(checkpoint_folder(model), engine=engine))


def _here(path: str, engine: Engine) -> str:
    """The index file; of one behind GDAL's file systems its copy on this machine."""
    if not is_remote(path):
        return path
    return str(index_of(path, engine.encoder.sha256, engine.cache_folder))


def _engine(expected: Expected) -> Engine:
    with _one_at_a_time:
        if expected.version != version():
            raise _differs(f"{A_MACHINE} has MSA Search {version()}, this one {expected.version}.")
        try:
            engine = _loaded(expected.model, expected.engine)
        except MsaError as error:
            raise _differs(f"{A_MACHINE} cannot load the model: {error.sentence}") from error
    if engine.encoder.sha256 != expected.model_sha256:
        raise _differs(f"{A_MACHINE} has another model ({engine.encoder.name}) than this one.")
    if engine.encoder.engine != expected.engine:
        raise _differs(
            f"{A_MACHINE} runs the model on {engine.encoder.engine}, this one on {expected.engine}: "
            "choose an engine that all have with --engine."
        )
    return engine


def _differs(sentence: str) -> MsaError:
    return MsaError.of("cluster_worker_differs", sentence)
