"""The one worker of a QGIS window, shared by the dock and by Processing runs, so that a model is loaded once.

Runs ask it from any thread, one after the other or side by side, and each waits in its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Callable, Optional, TypeVar, Union

from qgis.core import QgsProcessingFeedback
from qgis.PyQt.QtCore import QEventLoop, QObject, QThread, QTimer, pyqtSignal, pyqtSlot

from msa_model.protocol.errors import MsaError, WorkerDied
from msa_model.protocol.messages import Progress
from msa_model.protocol.methods import Method
from msa_model.protocol.pixels import DrawRequest, Picture
from qgis_msa_plugin.logs import log_info
from qgis_msa_plugin.settings import Settings, current_settings
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.worker.blocking import BlockingWorker, RunWorker, show_progress
from qgis_msa_plugin.worker.calls import Draw
from qgis_msa_plugin.worker.client import WorkerClient

P = TypeVar("P")
R = TypeVar("R")

IDLE_S = 600.0  # without a call, before a worker that nobody else uses is let go
_SLICE_S = 0.1
_SLICE_MS = 20


@dataclass
class _PendingCall:
    """A call on its way; what becomes of it comes out of `events`, in order: progress, then one outcome."""

    method: Method[Any, Any]
    params: object
    draw: Optional[Draw]
    events: SimpleQueue[Union[Progress, MsaError, tuple[Any, bytes]]] = field(default_factory=SimpleQueue)
    id: int = 0


class SharedClient(QObject):
    """Lives in the GUI thread, with the client; tells `idle` when no run has called for a while."""

    idle = pyqtSignal()

    _asked = pyqtSignal(object)  # _PendingCall
    _unwanted = pyqtSignal(object)  # _PendingCall
    _drawn = pyqtSignal(object)  # tuple[Callable[[Union[Picture, MsaError]], None], Union[Picture, MsaError]]

    def __init__(
        self, client: Callable[[], WorkerClient], parent: Optional[QObject] = None, idle_s: float = IDLE_S
    ) -> None:
        super().__init__(parent)
        self._client = client
        self.open = True
        self._open_calls = 0  # calls that have no outcome yet
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(round(1000 * idle_s))
        self._rest.timeout.connect(self.idle)
        self._asked.connect(self._ask)
        self._unwanted.connect(self._cancel)
        self._drawn.connect(self._pass_on)

    def ask(self, asked: _PendingCall) -> None:
        """Make this call; from any thread."""
        self._asked.emit(asked)

    def cancel(self, asked: _PendingCall) -> None:
        """Have the call end; from any thread."""
        self._unwanted.emit(asked)

    def close(self) -> None:
        """Take no more calls; what is being waited for ends."""
        self.open = False
        self._rest.stop()

    @pyqtSlot(object)
    def _ask(self, asked: _PendingCall) -> None:
        self._open_calls += 1
        self._rest.stop()
        asked.id = self._client().call(
            asked.method,
            asked.params,
            lambda value, attachment: self._end(asked, (value, attachment)),
            lambda error: self._end(asked, error),
            asked.events.put,
            draw=None if asked.draw is None else partial(self._draw, asked.draw),
        )

    def _end(self, asked: _PendingCall, outcome: Union[MsaError, tuple[Any, bytes]]) -> None:
        self._open_calls -= 1
        if not self._open_calls:
            self._rest.start()
        asked.events.put(outcome)

    def _draw(
        self, draw: Draw, request: DrawRequest, answer: Callable[[Union[Picture, MsaError]], None]
    ) -> None:
        """Whatever thread draws, the client is answered in its own."""
        draw(request, lambda drawn: self._drawn.emit((answer, drawn)))

    @pyqtSlot(object)
    def _pass_on(self, drawn: tuple[Callable[[Any], None], Any]) -> None:
        answer, picture = drawn
        answer(picture)

    @pyqtSlot(object)
    def _cancel(self, asked: _PendingCall) -> None:
        self._client().cancel(asked.id)


class SharedWorker(RunWorker):
    """The shared worker, for one run."""

    def __init__(self, shared: SharedClient, feedback: QgsProcessingFeedback, draw: Optional[Draw]) -> None:
        self._shared, self._feedback, self._draw = shared, feedback, draw

    def __enter__(self) -> SharedWorker:
        self._feedback.pushInfo(tr("The worker of this QGIS is asked."))
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        """It stays, for the next run."""

    def call_for_bytes(self, method: Method[P, R], params: P) -> tuple[R, bytes]:
        """The reply and its attachment."""
        asked = _PendingCall(method, params, self._draw)
        self._shared.ask(asked)
        cancelled = False
        while True:
            outcome = self._next(asked)
            if isinstance(outcome, Progress):
                show_progress(self._feedback, outcome)
            elif isinstance(outcome, MsaError):
                raise outcome
            elif outcome is not None:
                return outcome
            elif not self._shared.open:
                raise WorkerDied(tr("The worker was stopped."))
            elif self._feedback.isCanceled() and not cancelled:
                cancelled = True
                self._feedback.pushInfo(tr("Cancelling…"))
                self._shared.cancel(asked)

    def _next(self, asked: _PendingCall) -> Union[Progress, MsaError, tuple[Any, bytes], None]:
        """What comes next, or nothing yet; in the client's own thread, QGIS goes on meanwhile."""
        try:
            if QThread.currentThread() is not self._shared.thread():
                return asked.events.get(timeout=_SLICE_S)
            if asked.events.empty():
                loop = QEventLoop()
                QTimer.singleShot(_SLICE_MS, loop.quit)
                loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
            return asked.events.get_nowait()
        except Empty:
            return None


_SHARED_CLIENTS: list[SharedClient] = []


def share(shared: SharedClient) -> None:
    """Runs ask this one from now on."""
    _SHARED_CLIENTS.append(shared)


def unshare(shared: SharedClient) -> None:
    """Runs start a worker of their own from now on; what is being waited for ends."""
    _SHARED_CLIENTS.remove(shared)
    shared.close()


def worker_for_run(settings: Settings, feedback: QgsProcessingFeedback, draw: Optional[Draw]) -> RunWorker:
    """The desktop's worker, or where there is no desktop (qgis_process), one of the run's own.

    Raises:
        WorkerMissing: there is none.
    """
    if _SHARED_CLIENTS:
        return SharedWorker(_SHARED_CLIENTS[-1], feedback, draw)
    return BlockingWorker(settings, feedback, draw=draw)


class DesktopWorker(QObject):
    """Makes the client when it is first wanted; what only runs have used is let go once they rest."""

    def __init__(self, parent: QObject, idle_s: float = IDLE_S) -> None:
        super().__init__(parent)
        self._client: Optional[WorkerClient] = None
        self._shared = SharedClient(self._made, self, idle_s)
        self._shared.idle.connect(self._let_go)
        self._kept = False
        share(self._shared)

    @property
    def client(self) -> Optional[WorkerClient]:
        """The client, if anybody has wanted it."""
        return self._client

    def keep(self) -> WorkerClient:
        """The client, for good: the dock uses it."""
        self._kept = True
        return self._made()

    def release(self) -> None:
        """Let the worker go, and share it no more."""
        unshare(self._shared)
        if self._client is not None:
            self._client.stop()
            self._client.deleteLater()
            self._client = None

    def _made(self) -> WorkerClient:
        if self._client is None:
            self._client = WorkerClient(current_settings, self)
            self._client.log_line.connect(log_info)
        return self._client

    def _let_go(self) -> None:
        if self._client is not None and not self._kept:
            self._client.stop()
