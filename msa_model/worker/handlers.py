"""Method names to jobs. Importing this module is the heavy part of starting up."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Any

from msa_model.jobs.describe import describe
from msa_model.jobs.describe_many import describe_many
from msa_model.jobs.engine import Engine
from msa_model.jobs.model_check import check_model
from msa_model.jobs.models import checkpoint_folder
from msa_model.jobs.phrases import shipped_phrases
from msa_model.jobs.plan import planning
from msa_model.jobs.scan import scan
from msa_model.model.loading import load_encoder
from msa_model.protocol.codec import from_wire
from msa_model.protocol.describing import DescribeManyRequest, DescribeRequest
from msa_model.protocol.messages import (
    CheckModel,
    Initialize,
    ModelChecked,
    Ready,
    ScanRequest,
    SearchReply,
    SearchRequest,
    ThumbnailReply,
    ThumbnailRequest,
    WordsReply,
    WordsRequest,
)
from msa_model.protocol.pixels import Draw
from msa_model.protocol.ranking import HeatmapReply, RankReply, VerdictReply
from msa_model.protocol.rpc import (
    BUILD,
    CHECK_MODEL,
    DESCRIBE,
    DESCRIBE_MANY,
    HEATMAP,
    PLAN,
    RANK,
    SEARCH,
    THUMBNAILS,
    VERDICT,
    WORDS,
    Request,
)
from msa_model.worker.file_handlers import FileHandlers
from msa_model.worker.long_jobs import Steps

Answer = tuple[Any, bytes]


class Handlers:
    """The jobs of one loaded model, with what they keep between requests."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._encoder = engine.encoder
        files = FileHandlers(engine)
        self._long: dict[str, Callable[[Request, Draw], Steps]] = {
            PLAN: self._plan,
            BUILD: self._build,
            DESCRIBE: self._describe,
            DESCRIBE_MANY: self._describe_many,
            **files.long,
        }
        self._methods: dict[str, Callable[[Request], Answer]] = {
            SEARCH: self._search,
            RANK: self._rank,
            VERDICT: self._verdict,
            HEATMAP: self._heatmap,
            WORDS: self._words,
            THUMBNAILS: self._thumbnails,
            CHECK_MODEL: self._check_model,
            **files.methods,
        }

    def knows(self, method: str) -> bool:
        """Whether there is such a method."""
        return method in self._methods or method in self._long

    def answer(self, request: Request) -> Answer:
        """A reply message and its attachment.

        Raises:
            ProtocolError: the request's fields are not those of the method.
            MsaError: the job's own.
        """
        return self._methods[request.method](request)

    def is_long(self, method: str) -> bool:
        """Whether the method takes steps."""
        return method in self._long

    def is_brief(self, method: str) -> bool:
        """Whether a method that takes steps goes on beside other long jobs: somebody waits for it."""
        return method in {PLAN, DESCRIBE}

    def steps(self, request: Request, draw: Draw) -> Steps:
        """The steps of a long job; errors as of `answer`."""
        return self._long[request.method](request, draw)

    def _build(self, request: Request, draw: Draw) -> Steps:
        return scan(self._encoder, from_wire(ScanRequest, request.params), self._engine.cache_folder, draw)

    def _plan(self, request: Request, draw: Draw) -> Steps:
        asked = from_wire(ScanRequest, request.params)
        return planning(self._encoder, asked, self._engine.cache_folder, draw)

    def _search(self, request: Request) -> tuple[SearchReply, bytes]:
        return self._engine.search(from_wire(SearchRequest, request.params)), b""

    def _verdict(self, request: Request) -> tuple[VerdictReply, bytes]:
        return self._engine.verdict(from_wire(SearchRequest, request.params))

    def _heatmap(self, request: Request) -> tuple[HeatmapReply, bytes]:
        return self._engine.heatmap(from_wire(SearchRequest, request.params))

    def _rank(self, request: Request) -> tuple[RankReply, bytes]:
        return self._engine.rank(from_wire(SearchRequest, request.params))

    def _words(self, request: Request) -> tuple[WordsReply, bytes]:
        return self._engine.words(from_wire(WordsRequest, request.params)), b""

    def _describe(self, request: Request, draw: Draw) -> Steps:
        asked = from_wire(DescribeRequest, request.params)
        return describe(self._encoder, self._engine.banks, self._engine.sources, asked, draw)

    def _describe_many(self, request: Request, draw: Draw) -> Steps:
        asked = from_wire(DescribeManyRequest, request.params)
        return describe_many(self._encoder, self._engine.banks, asked, draw)

    def _check_model(self, request: Request) -> tuple[ModelChecked, bytes]:
        from_wire(CheckModel, request.params)
        shipped = load_encoder(None, self._encoder.device)
        return check_model(self._encoder, shipped, shipped_phrases()), b""

    def _thumbnails(self, request: Request) -> tuple[ThumbnailReply, bytes]:
        return self._engine.thumbnails(from_wire(ThumbnailRequest, request.params))


def load_model(asked: Initialize) -> tuple[Ready, Handlers]:
    """Loads the model that the peer asked for; errors as in `load_encoder`."""
    started = time.monotonic()
    encoder = load_encoder(checkpoint_folder(asked.model), asked.device, asked.threads)
    ready = Ready(
        device=encoder.device,
        device_name=encoder.device_name,
        gpu_unused=encoder.gpu_unused,
        model=encoder.name,
        model_sha256=encoder.sha256,
        dimension=encoder.dimension,
        load_seconds=time.monotonic() - started,
    )
    handlers = Handlers(Engine(encoder, asked.cache_folder))
    gc.freeze()  # the libraries' objects stay: looking through them all took 0.2 s in the middle of a search
    return ready, handlers
