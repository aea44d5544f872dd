"""A worker of its own for one Processing run: asked and waited for, in the algorithm's thread."""

from __future__ import annotations

import itertools
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from functools import partial
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Callable, Optional, TypeVar, Union

from qgis.core import QgsProcessingFeedback
from qgis.PyQt.QtCore import QEventLoop, QProcess, QTimer

from msa_model.protocol.errors import Cancelled, MsaError, WorkerDied
from msa_model.protocol.messages import Initialized, Progress, Ready
from msa_model.protocol.methods import Method
from msa_model.protocol.pixels import Picture
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.worker.calls import (
    SILENCE_S,
    Call,
    ChannelLost,
    Conversation,
    Draw,
    DrawingWanted,
    Event,
    Loaded,
    NotLoaded,
)
from qgis_msa_plugin.worker.child import GRACE_MS, initialize_of, launch_of, not_started, process_of
from qgis_msa_plugin.worker.launch import StderrTail, crash_of

P = TypeVar("P")
R = TypeVar("R")

_SLICE_MS, _DRAWING_SLICE_MS = 100, 20


class RunWorker(ABC):
    """What a Processing run asks; `with worker:` has it until the run ends."""

    @abstractmethod
    def __enter__(self) -> RunWorker: ...

    @abstractmethod
    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None: ...

    def call(self, method: Method[P, R], params: P) -> R:
        """Ask and wait; progress and cancelling go through the feedback.

        Raises:
            MsaError: as the worker reports; `WorkerDied` when it dies or hangs, `Cancelled` soon after the
                feedback was cancelled.
        """
        return self.call_for_bytes(method, params)[0]

    @abstractmethod
    def call_for_bytes(self, method: Method[P, R], params: P) -> tuple[R, bytes]:
        """The same, with the reply's attachment."""


class BlockingWorker(RunWorker):
    """`with BlockingWorker(settings, feedback) as worker:` starts the child and waits for its model.

    The constructor raises `WorkerMissing`, every other method what `RunWorker.call` does.
    """

    def __init__(
        self,
        settings: Settings,
        feedback: QgsProcessingFeedback,
        silence_s: Mapping[str, float] = SILENCE_S,
        draw: Optional[Draw] = None,
    ) -> None:
        self._hello = initialize_of(settings)
        self._feedback = feedback
        self._conversation = Conversation(silence_s)
        self._ids = itertools.count(1)
        self._tail = StderrTail()
        self._lost: Optional[ChannelLost] = None
        self._draw = draw
        self._needs = 0  # blocks that are being drawn
        self._drawn: SimpleQueue[tuple[DrawingWanted, Union[Picture, MsaError]]] = SimpleQueue()
        self._process = process_of(launch_of(settings))

    def __enter__(self) -> BlockingWorker:
        self._feedback.pushInfo(tr("Starting the worker…"))
        self._process.start()
        if not self._process.waitForStarted():
            raise not_started(self._process)
        try:
            self._process.write(self._conversation.hello(self._hello))
            self._wait(lambda: self._conversation.ready is not None)
            self._say_device(self._conversation.ready)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self._end()

    @property
    def initialized(self) -> Optional[Initialized]:
        """Versions, once the worker has answered at all."""
        return self._conversation.initialized

    def call_for_bytes(self, method: Method[P, R], params: P) -> tuple[R, bytes]:
        """The reply and its attachment."""
        answers: list[tuple[R, bytes]] = []
        errors: list[MsaError] = []
        call: Call[Any] = Call(
            next(self._ids),
            method.name,
            params,
            method.reply,
            done=lambda value, attachment: answers.append((value, attachment)),
            failed=errors.append,
            progress=partial(show_progress, self._feedback),
            draw=self._draw,
        )
        self._process.write(self._conversation.add(call))
        self._wait(lambda: bool(answers or errors), call.id)
        if errors:
            raise errors[0]
        return answers[0]

    def _wait(self, finished: Callable[[], bool], call_id: int = 0) -> None:
        before = time.monotonic()
        while not finished():
            if self._feedback.isCanceled():
                self._cancel(call_id)
            self._rest()
            self._send_drawn()
            self._drain()
            if finished():
                return
            if self._lost is not None:
                raise self._lost
            if self._process.state() == QProcess.ProcessState.NotRunning:
                raise self._death()
            now = time.monotonic()
            self._check_silence(now - before)
            before = now

    def _rest(self) -> None:
        """Until the worker says something; in an event loop while layers are drawn, maybe in this thread."""
        if not self._needs:
            self._process.waitForReadyRead(_SLICE_MS)
            return
        loop = QEventLoop()
        QTimer.singleShot(_DRAWING_SLICE_MS, loop.quit)
        loop.exec()
        self._process.waitForReadyRead(0)

    def _send_drawn(self) -> None:
        while not self._drawn.empty():
            need, drawn = self._drawn.get()
            self._needs -= 1
            self._process.write(self._conversation.drawn(need, drawn))

    def _drain(self) -> None:
        self._tail.feed(self._process.readAllStandardError().data())
        data = self._process.readAllStandardOutput().data()
        try:
            self._deliver(self._conversation.feed(data) if data else ())
        except ChannelLost as lost:
            self._lost = lost
            self._process.kill()
            self._deliver(lost.events)

    def _deliver(self, events: Iterable[Event]) -> None:
        for event in events:
            if isinstance(event, NotLoaded):
                raise event.error
            if isinstance(event, DrawingWanted):
                self._needs += 1
                event.deliver(partial(self._keep_drawn, event))
            elif not isinstance(event, Loaded):
                event.deliver()

    def _keep_drawn(self, need: DrawingWanted, drawn: Union[Picture, MsaError]) -> None:
        """In whatever thread draws."""
        self._drawn.put((need, drawn))

    def _cancel(self, call_id: int) -> None:
        if not call_id:
            raise Cancelled(tr("The job was cancelled."))
        message, _ = self._conversation.cancel(call_id)
        if message:
            self._feedback.pushInfo(tr("Cancelling…"))
            self._process.write(message)

    def _check_silence(self, elapsed_s: float) -> None:
        asked = self._conversation.overdue(elapsed_s)
        if asked is not None:
            self._process.kill()
            if self._feedback.isCanceled():
                raise Cancelled(tr("The job was cancelled."))
            raise WorkerDied(tr("The worker does not answer '{asked}' and was ended.").format(asked=asked))

    def _death(self) -> MsaError:
        self._drain()
        crashed = self._process.exitStatus() == QProcess.ExitStatus.CrashExit
        return crash_of(self._process.exitCode(), crashed, self._tail.text())

    def _end(self) -> None:
        process = self._process
        if process.state() != QProcess.ProcessState.NotRunning:
            process.write(self._conversation.goodbye())
            process.closeWriteChannel()
            if not process.waitForFinished(GRACE_MS):
                process.kill()
                process.waitForFinished(GRACE_MS)

    def _say_device(self, ready: Optional[Ready]) -> None:
        if ready is None:
            return
        text = tr("Worker ready on {device} ({name}), model {model}.")
        self._feedback.pushInfo(text.format(device=ready.device, name=ready.device_name, model=ready.model))
        if ready.gpu_unused:
            self._feedback.pushWarning(tr("This machine has a graphics card that is not used."))


def show_progress(feedback: QgsProcessingFeedback, progress: Progress) -> None:
    """Tell a run's window how far its job is."""
    feedback.setProgress(100.0 * progress.done / progress.total if progress.total else 100.0)
    feedback.setProgressText(progress_text(progress))


def progress_text(progress: Progress) -> str:
    """What is done, how far, how fast and how long yet, in one line."""
    if not progress.total:
        return progress.label
    return ": ".join(filter(None, (progress.label, wording.advance(progress))))
