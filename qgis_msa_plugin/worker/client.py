"""The one worker of the dock: started when needed, asked without waiting, restarted once when it dies."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Mapping
from typing import Any, Callable, Optional, TypeVar, Union

from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from msa_model.protocol.errors import MsaError, ProtocolError, WorkerDied, WorkerMissing
from msa_model.protocol.messages import Initialized, Progress, Ready
from msa_model.protocol.methods import Method
from msa_model.protocol.pixels import Picture
from qgis_msa_plugin.logs import log_exception, log_info, log_warning
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.translate import tr
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
    Outcome,
    Refusal,
)
from qgis_msa_plugin.worker.child import Child, initialize_of, launch_of, probe_of
from qgis_msa_plugin.worker.launch import Probe, looks_remote
from qgis_msa_plugin.worker.sharing import is_unseen
from qgis_msa_plugin.worker.state import Lifecycle, RestartAllowance, WorkerState

P = TypeVar("P")
R = TypeVar("R")

_WATCH_MS = 500


class WorkerClient(QObject):
    """Every call ends in exactly one of `done` and `failed`, later and in the GUI thread."""

    state_changed = pyqtSignal(object)  # WorkerState
    restarted = pyqtSignal(str)
    log_line = pyqtSignal(str)

    def __init__(
        self,
        settings: Callable[[], Settings],
        parent: Optional[QObject] = None,
        silence_s: Mapping[str, float] = SILENCE_S,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._silence_s = silence_s
        self._lifecycle = Lifecycle()
        self._allowance = RestartAllowance()
        self._ids = itertools.count(1)
        self._child: Optional[Child] = None
        self._conversation = Conversation(silence_s)
        self._watch = QTimer(self)
        self._watch.setInterval(_WATCH_MS)
        self._watch.timeout.connect(self._on_watch)
        self._watched_at = 0.0
        self._probe: Optional[Probe] = None
        self._shares_files: Optional[bool] = None
        self.look()

    @property
    def state(self) -> WorkerState:
        """What the worker is doing."""
        return self._lifecycle.state

    @property
    def error(self) -> Optional[MsaError]:
        """Why the worker is MISSING or FAILED."""
        return self._lifecycle.error

    @property
    def ready(self) -> Optional[Ready]:
        """Device and model, once READY."""
        return self._conversation.ready

    @property
    def initialized(self) -> Optional[Initialized]:
        """Versions, once the worker has answered at all."""
        return self._conversation.initialized

    @property
    def shares_files(self) -> bool:
        """Whether the worker opens this machine's files; a guess by its command until it has said so.

        One that has refused a call for a file that is here gets pixels instead until it is stopped.
        """
        if self._shares_files is not None:
            return self._shares_files
        try:
            return not looks_remote(launch_of(self._settings()).program)
        except WorkerMissing:
            return True

    @property
    def sees_some_files(self) -> bool:
        """Whether the worker has said that it sees files of this machine, if not all of them."""
        return self.initialized is not None and self.initialized.shares_files

    def look(self) -> None:
        """See again whether there is a worker to start, where none runs."""
        if self.state not in (WorkerState.MISSING, WorkerState.STOPPED):
            return
        try:
            launch_of(self._settings())
        except WorkerMissing as error:
            self._enter(WorkerState.MISSING, error)
        else:
            self._enter(WorkerState.STOPPED)

    def start(self) -> None:
        """Start the worker unless it runs; the state tells the rest."""
        if self._child is None:
            self._conversation = Conversation(self._silence_s)
            self._launch()

    def stop(self) -> None:
        """Let the worker go; open calls are refused."""
        child, self._child = self._child, None
        self._watch.stop()
        self._forget_probe()
        self._shares_files = None  # the next one may run elsewhere
        outcomes = self._conversation.abandon(WorkerDied(tr("The worker was stopped.")))
        if child is not None:
            child.dismiss(self._conversation.goodbye())
        self._conversation = Conversation(self._silence_s)
        if self.state is not WorkerState.MISSING:
            self._enter(WorkerState.STOPPED)
        self._deliver(outcomes)

    def call(  # noqa: PLR0917  (the parts of one request)
        self,
        method: Method[P, R],
        params: P,
        done: Callable[[R, bytes], None],
        failed: Callable[[MsaError], None],
        progress: Optional[Callable[[Progress], None]] = None,
        attachment: bytes = b"",
        draw: Optional[Draw] = None,
    ) -> int:
        """Ask the worker, starting it if needed; the id is for `cancel`. `draw` draws layers for it."""
        call: Call[Any] = Call(
            next(self._ids), method.name, params, method.reply, done, failed, progress, attachment, draw
        )
        self.start()
        if self._child is None:
            self._refuse_later(call, self.error or WorkerDied(tr("The worker does not run.")))
            return call.id
        try:
            self._child.write(self._conversation.add(call))
        except ProtocolError as error:
            self._refuse_later(call, error)
        return call.id

    def cancel(self, call_id: int) -> None:
        """Ask for the end of a call; it ends with `Cancelled`, or with its answer if that was under way."""
        message, outcomes = self._conversation.cancel(call_id)
        if self._child is not None:
            self._child.write(message)
        self._deliver(outcomes)

    def _launch(self) -> bool:
        settings = self._settings()
        try:
            launch = launch_of(settings)
        except WorkerMissing as error:
            self._enter(WorkerState.MISSING, error)
            return False
        log_info(f"Starting the worker: {launch.program} {' '.join(launch.arguments)}")
        child = self._child = Child(launch, self)
        self._probe = probe_of(settings)
        hello = self._conversation.hello(initialize_of(settings, self._probe.path))
        child.started.connect(lambda: child.write(hello))
        child.output.connect(self._on_output)
        child.line.connect(self.log_line)
        child.ended.connect(self._on_ended)
        self._enter(WorkerState.STARTING)
        self._watched_at = time.monotonic()
        self._watch.start()
        child.start()
        return self._child is child

    def _on_output(self, data: bytes) -> None:
        conversation = self._conversation
        lost: Optional[ChannelLost] = None
        try:
            events = conversation.feed(data)
        except ChannelLost as error:
            events, lost = list(error.events), error
        for event in events:
            if conversation is self._conversation:
                self._take(event)
        if lost is not None and conversation is self._conversation:
            self._misunderstand(lost)

    def _take(self, event: Event) -> None:
        if isinstance(event, Loaded):
            self._learn()
            self._enter(WorkerState.READY)
            backlog, refused = self._conversation.backlog()
            if self._child is not None:
                self._child.write(backlog)
            self._deliver(refused)
        elif isinstance(event, NotLoaded):
            self._lose(event.error, restart=False)
        elif isinstance(event, DrawingWanted):
            self._draw(event)
        else:
            self._deliver([event])

    def _draw(self, need: DrawingWanted) -> None:
        conversation = self._conversation

        def answer(drawn: Union[Picture, MsaError]) -> None:
            if conversation is self._conversation and self._child is not None:
                self._child.write(conversation.drawn(need, drawn))

        need.deliver(answer)

    def _learn(self) -> None:
        """Where the worker runs; known before anybody is told that it is ready."""
        if self.initialized is not None and self._shares_files is None:
            self._shares_files = self.initialized.shares_files
        self._forget_probe()

    def _forget_probe(self) -> None:
        probe, self._probe = self._probe, None
        if probe is not None:
            probe.remove()

    def _on_watch(self) -> None:
        now = time.monotonic()
        # A laptop that slept or a GUI that was busy says nothing about the worker.
        elapsed, self._watched_at = min(now - self._watched_at, 4 * _WATCH_MS / 1000), now
        asked = self._conversation.overdue(elapsed)
        if asked is not None:
            self._give_up(tr("The worker does not answer '{asked}' and was ended.").format(asked=asked))

    def _misunderstand(self, error: ProtocolError) -> None:
        if self.state is WorkerState.STARTING:
            self._lose(error, restart=False)
        else:
            self._give_up(error.sentence)

    def _give_up(self, sentence: str) -> None:
        tail = self._child.tail() if self._child is not None else ""
        self._lose(MsaError.of("worker_died", sentence, tail), restart=self.state is WorkerState.READY)

    def _on_ended(self, error: MsaError) -> None:
        self._lose(error, restart=self.state is WorkerState.READY)

    def _lose(self, error: MsaError, restart: bool) -> None:
        """The child is no use any more: end it, refuse its calls, start another where that may help."""
        child, self._child = self._child, None
        self._watch.stop()
        self._forget_probe()
        if child is not None:
            child.condemn()
        log_warning(error.sentence)
        outcomes = self._conversation.abandon(error)
        self._conversation = Conversation(self._silence_s)
        if restart and self._allowance.grant(time.monotonic()):
            if self._launch():
                self.restarted.emit(tr("{sentence} It was started again.").format(sentence=error.sentence))
        else:
            missing = isinstance(error, WorkerMissing)
            self._enter(WorkerState.MISSING if missing else WorkerState.FAILED, error)
        self._deliver(outcomes)

    def _enter(self, state: WorkerState, error: Optional[MsaError] = None) -> None:
        if self._lifecycle.enter(state, error):
            self.state_changed.emit(state)

    def _refuse_later(self, call: Call[Any], error: MsaError) -> None:
        QTimer.singleShot(0, lambda: self._deliver([Refusal(call, error)]))

    def _deliver(self, outcomes: Iterable[Outcome]) -> None:
        for outcome in outcomes:
            try:
                if isinstance(outcome, Refusal) and is_unseen(outcome.error, outcome.call.params):
                    self._shares_files = False
                outcome.deliver()
            except Exception:  # a fault in one caller must not leave the other calls open
                log_exception(f"Answer to '{outcome.call.method}'")
