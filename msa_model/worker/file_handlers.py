"""The methods about index files and batches; `handlers` puts them beside its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msa_model.jobs.answers import Answers
from msa_model.jobs.batch import Batch
from msa_model.jobs.coverage import coverage
from msa_model.jobs.index_files import IndexFiles, deleted, exported, moved
from msa_model.jobs.sources import OpenSources
from msa_model.model.dual_encoder import DualEncoder
from msa_model.protocol.batch import BatchRequest
from msa_model.protocol.codec import from_wire
from msa_model.protocol.indexes import (
    CoverageRequest,
    IndexDeleteRequest,
    IndexExportRequest,
    IndexListRequest,
    IndexMoveRequest,
)
from msa_model.protocol.rpc import BATCH, COVERAGE, DELETE, EXPORT, LIST, MOVE, Request
from msa_model.worker.long_jobs import Steps

Answer = tuple[Any, bytes]


class FileHandlers:
    """`methods` answer at once, `long` ones take steps."""

    def __init__(
        self, encoder: DualEncoder, answers: Answers, sources: OpenSources, cache_folder: str | None
    ) -> None:
        self._encoder = encoder
        self._cache_folder = cache_folder
        self._batch = Batch(encoder, answers, sources, cache_folder)
        self._files = IndexFiles(encoder.sha256, cache_folder)
        self.methods: dict[str, Callable[[Request], Answer]] = {
            COVERAGE: self._coverage,
            LIST: self._list,
            DELETE: self._delete,
        }
        self.long: dict[str, Callable[[Request], Steps]] = {
            MOVE: self._move,
            EXPORT: self._export,
            BATCH: self._run_batch,
        }

    def _coverage(self, request: Request) -> Answer:
        asked = from_wire(CoverageRequest, request.params)
        return coverage(asked, self._encoder.sha256, self._cache_folder), b""

    def _list(self, request: Request) -> Answer:
        return self._files.listed(from_wire(IndexListRequest, request.params)), b""

    def _delete(self, request: Request) -> Answer:
        return deleted(from_wire(IndexDeleteRequest, request.params)), b""

    def _move(self, request: Request) -> Steps:
        return moved(from_wire(IndexMoveRequest, request.params))

    def _export(self, request: Request) -> Steps:
        return exported(from_wire(IndexExportRequest, request.params))

    def _run_batch(self, request: Request) -> Steps:
        return self._batch.steps(from_wire(BatchRequest, request.params))
