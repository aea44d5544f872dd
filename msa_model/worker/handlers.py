"""Method names to jobs. Importing this module is the heavy part of starting up."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Any, TypeVar

from msa_model.jobs.engine import Engine
from msa_model.jobs.index_files import deleted, exported, moved
from msa_model.jobs.pairing import told_dates
from msa_model.jobs.phrases import shipped_phrases
from msa_model.measure.subjects import read_labels, read_phrases, subject_phrases
from msa_model.measure.verdict_sets import check_judge, fit_to_rasters
from msa_model.model.calibration import write_calibration
from msa_model.model.checkpoint import checkpoint_identity, default_checkpoint
from msa_model.model.loading import load_encoder
from msa_model.protocol import methods
from msa_model.protocol.changing import ChangeRequest
from msa_model.protocol.codec import from_wire
from msa_model.protocol.messages import Initialize, Progress, Ready, SearchRequest
from msa_model.protocol.methods import Method
from msa_model.protocol.models import CalibrateModel, ModelCalibrated
from msa_model.protocol.pixels import Draw
from msa_model.protocol.rpc import Request
from msa_model.shipped import checkpoint_folder
from msa_model.worker.server import Steps

P = TypeVar("P")
R = TypeVar("R")

Answer = tuple[Any, bytes]
Answering = Callable[[Request], Answer]
Stepping = Callable[[Request, Draw], Steps]

# Somebody waits for these.
BRIEF = frozenset(
    method.name
    for method in (
        *(methods.PLAN, methods.BATCH_PLAN, methods.DESCRIBE),
        *(methods.RANK, methods.VERDICT, methods.HEATMAP),
        *(methods.CHANGE, methods.CHANGE_HEATMAP, methods.SERIES, methods.EXPLORE),
    )
)


class Handlers:
    """What one engine does for each method; its model lies in `folder`."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._answers: dict[str, Answering] = dict(
            (
                _plain(methods.WORDS, engine.words),
                _plain(methods.CHANGE_HERE, engine.changes.here),
                _plain(methods.CHANGE_DATES, told_dates),
                _plain(methods.CHANGE_PAIR, engine.pair),
                _with_bytes(methods.THUMBNAILS, engine.thumbnails),
                _plain(methods.COVERAGE, engine.coverage),
                _plain(methods.LIST, engine.index_files.listed),
                _plain(methods.DELETE, deleted),
                _plain(methods.CHECK_MODEL, engine.check_model),
                _plain(methods.MEASURE, engine.measure_engines),
            )
        )
        self._steps: dict[str, Stepping] = dict(
            (
                _looking(methods.RANK, engine, engine.rank),
                _looking(methods.VERDICT, engine, engine.verdict),
                _looking(methods.HEATMAP, engine, engine.heatmap),
                _preparing(methods.CHANGE, engine, _dates_of, engine.changes.search),
                _preparing_with_bytes(methods.CHANGE_HEATMAP, engine, _dates_of, engine.changes.heatmap),
                _preparing(methods.SERIES, engine, lambda asked: asked.indexes, engine.series.search),
                _preparing(methods.EXPLORE, engine, lambda asked: asked.indexes, engine.explore),
                _drawing(methods.PLAN, engine.plan),
                _drawing(methods.BATCH_PLAN, engine.plan_batch),
                _drawing(methods.BUILD, engine.scan),
                _drawing(methods.DESCRIBE, engine.describe),
                _drawing(methods.DESCRIBE_MANY, engine.describe_many),
                _drawing_with_bytes(methods.BATCH, engine.batch_for_peer),
                _stepping(methods.MOVE, moved),
                _stepping(methods.EXPORT, exported),
                _stepping(methods.CALIBRATE_MODEL, lambda asked: _calibrated(engine, folder, asked)),
            )
        )

    def knows(self, method: str) -> bool:
        """Whether there is such a method."""
        return method in self._answers or method in self._steps

    def answer(self, request: Request) -> Answer:
        """A reply message and its attachment.

        Raises:
            ProtocolError: the request's fields are not those of the method.
            MsaError: the job's own.
        """
        return self._answers[request.method](request)

    def is_long(self, method: str) -> bool:
        """Whether the method takes steps."""
        return method in self._steps

    def is_brief(self, method: str) -> bool:
        """Whether a method that takes steps goes on beside other long jobs: somebody waits for it."""
        return method in BRIEF

    def steps(self, request: Request, draw: Draw) -> Steps:
        """The steps of a long job; errors as of `answer`."""
        return self._steps[request.method](request, draw)


def _plain(method: Method[P, R], job: Callable[[P], R]) -> tuple[str, Answering]:
    return method.name, lambda request: (job(from_wire(method.params, request.params)), b"")


def _with_bytes(method: Method[P, R], job: Callable[[P], tuple[R, bytes]]) -> tuple[str, Answering]:
    return method.name, lambda request: job(from_wire(method.params, request.params))


def _stepping(method: Method[P, R], job: Callable[[P], Generator[Progress, None, R]]) -> tuple[str, Stepping]:
    return _drawing(method, lambda params, draw: job(params))


def _drawing(
    method: Method[P, R], job: Callable[[P, Draw], Generator[Progress, None, R]]
) -> tuple[str, Stepping]:
    return _drawing_with_bytes(method, lambda params, draw: _without_bytes(job(params, draw)))


def _drawing_with_bytes(
    method: Method[P, R], job: Callable[[P, Draw], Generator[Progress, None, tuple[R, bytes]]]
) -> tuple[str, Stepping]:
    return method.name, lambda request, draw: job(from_wire(method.params, request.params), draw)


def _looking(
    method: Method[SearchRequest, R], engine: Engine, job: Callable[[SearchRequest], tuple[R, bytes]]
) -> tuple[str, Stepping]:
    """A search, whose examples may be drawn first, and whose indexes prepared."""

    def steps(request: SearchRequest, draw: Draw) -> Generator[Progress, None, tuple[R, bytes]]:
        yield from engine.indexes.preparing(request.indexes)
        yield from engine.questions.look(request, draw)
        return job(request)

    return _drawing_with_bytes(method, steps)


def _preparing_with_bytes(
    method: Method[P, R],
    engine: Engine,
    indexes: Callable[[P], Iterable[str]],
    job: Callable[[P], tuple[R, bytes]],
) -> tuple[str, Stepping]:
    """A job on indexes, of which very large ones are prepared first."""

    def steps(params: P, _draw: Draw) -> Generator[Progress, None, tuple[R, bytes]]:
        yield from engine.indexes.preparing(indexes(params))
        return job(params)

    return _drawing_with_bytes(method, steps)


def _preparing(
    method: Method[P, R], engine: Engine, indexes: Callable[[P], Iterable[str]], job: Callable[[P], R]
) -> tuple[str, Stepping]:
    return _preparing_with_bytes(method, engine, indexes, lambda params: (job(params), b""))


def _dates_of(asked: ChangeRequest) -> tuple[str, str]:
    return asked.before, asked.after


def _without_bytes(steps: Generator[Progress, None, R]) -> Generator[Progress, None, tuple[R, bytes]]:
    return (yield from steps), b""


def _calibrated(
    engine: Engine, folder: Path, asked: CalibrateModel
) -> Generator[Progress, None, ModelCalibrated]:
    """As `msa calibrate RASTER…`; it counts for workers that start from now on."""
    check_judge(checkpoint_identity()[1], engine.encoder.sha256)
    judge = load_encoder(None, engine.encoder.device)
    rasters = [Path(raster) for raster in asked.rasters]
    phrases = subject_phrases(read_labels(), read_phrases())
    calibration, result = yield from fit_to_rasters(
        engine.encoder, judge, rasters, phrases, shipped_phrases()
    )
    write_calibration(folder, calibration)
    return ModelCalibrated(calibration.cases, len(rasters), result.all.auroc)


def load_model(asked: Initialize) -> tuple[Ready, Handlers]:
    """Loads the model that the peer asked for; errors as in `load_encoder`."""
    started = time.monotonic()
    encoder = load_encoder(checkpoint_folder(asked.model), asked.device, asked.threads, asked.engine)
    ready = Ready(
        device=encoder.device,
        device_name=encoder.device_name,
        gpu_unused=encoder.gpu_unused,
        model=encoder.name,
        model_sha256=encoder.sha256,
        dimension=encoder.dimension,
        load_seconds=time.monotonic() - started,
        engine=encoder.likely_engine,
        engine_warnings=encoder.engine_warnings,
    )
    folder = checkpoint_folder(asked.model) or default_checkpoint()
    handlers = Handlers(Engine(encoder, asked.cache_folder), folder)
    gc.freeze()  # the libraries' objects stay: looking through them all took 0.2 s in the middle of a search
    return ready, handlers
