"""The methods about index files and batches; `handlers` puts them beside its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msa_model.jobs.coverage import coverage
from msa_model.jobs.engine import Engine
from msa_model.jobs.index_files import IndexFiles, deleted, exported, moved
from msa_model.protocol.batch import BatchRequest
from msa_model.protocol.codec import from_wire
from msa_model.protocol.indexes import (
    CoverageRequest,
    IndexDeleteRequest,
    IndexExportRequest,
    IndexListRequest,
    IndexMoveRequest,
)
from msa_model.protocol.pixels import Draw
from msa_model.protocol.rpc import BATCH, COVERAGE, DELETE, EXPORT, LIST, MOVE, Request
from msa_model.worker.long_jobs import Steps

Answer = tuple[Any, bytes]


class FileHandlers:
    """`methods` answer at once, `long` ones take steps."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._files = IndexFiles(engine.encoder.sha256, engine.cache_folder)
        self.methods: dict[str, Callable[[Request], Answer]] = {
            COVERAGE: self._coverage,
            LIST: self._list,
            DELETE: self._delete,
        }
        self.long: dict[str, Callable[[Request, Draw], Steps]] = {
            MOVE: self._move,
            EXPORT: self._export,
            BATCH: self._run_batch,
        }

    def _coverage(self, request: Request) -> Answer:
        asked = from_wire(CoverageRequest, request.params)
        return coverage(asked, self._engine.encoder.sha256, self._engine.cache_folder), b""

    def _list(self, request: Request) -> Answer:
        return self._files.listed(from_wire(IndexListRequest, request.params)), b""

    def _delete(self, request: Request) -> Answer:
        return deleted(from_wire(IndexDeleteRequest, request.params)), b""

    def _move(self, request: Request, draw: Draw) -> Steps:
        return moved(from_wire(IndexMoveRequest, request.params))

    def _export(self, request: Request, draw: Draw) -> Steps:
        return exported(from_wire(IndexExportRequest, request.params))

    def _run_batch(self, request: Request, draw: Draw) -> Steps:
        return self._engine.batch.steps(from_wire(BatchRequest, request.params), draw)
