"""The client's half of the conversation with one worker: bytes in, events out; knows no Qt, no pipes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable, Generic, Optional, TypeVar, Union

from msa_model.protocol import rpc
from msa_model.protocol.codec import from_wire, to_wire
from msa_model.protocol.errors import Cancelled, MsaError, ProtocolError
from msa_model.protocol.frames import FrameDecoder, encode_frame
from msa_model.protocol.messages import PROTOCOL_VERSION, Initialize, Initialized, Progress, Ready, WireError
from msa_model.protocol.pixels import DrawReply, DrawRequest, Picture

T = TypeVar("T")
Draw = Callable[[DrawRequest, Callable[[Union[Picture, MsaError]], None]], None]

# Jobs of many steps, which the worker does one after the other.
QUEUED = frozenset((rpc.BUILD, rpc.BATCH, rpc.DESCRIBE_MANY, rpc.MOVE, rpc.EXPORT))

# Seconds of silence after which a worker counts as hung, by what it was asked; READY is the model's loading.
# Progress starts the count again, also for the jobs that queue behind the one that advances.
SILENCE_S: Mapping[str, float] = {
    rpc.INITIALIZE: 60.0,
    rpc.READY: 300.0,
    rpc.CHECK_MODEL: 300.0,  # loads a second model
    rpc.MEASURE: 600.0,
    rpc.CALIBRATE_MODEL: 300.0,  # the same
    rpc.PLAN: 120.0,
    rpc.BUILD: 180.0,
    rpc.BATCH: 180.0,
    rpc.CANCEL: 30.0,
}
DEFAULT_SILENCE_S = 120.0

_INITIALIZE_ID = 0


@dataclass
class Call(Generic[T]):
    """A request under way and what to do with each outcome; ids start at 1.

    `draw` has blocks of layers drawn that the worker needs for it.
    """

    id: int
    method: str
    params: object
    reply: type[T]
    done: Callable[[T, bytes], None]
    failed: Callable[[MsaError], None]
    progress: Optional[Callable[[Progress], None]] = None
    attachment: bytes = b""
    draw: Optional[Draw] = None
    waits_for: str = ""
    silent_s: float = 0.0


@dataclass(frozen=True)
class Success:
    """The call succeeded."""

    call: Call[Any]
    value: object
    attachment: bytes

    def deliver(self) -> None:
        """Hand the outcome to whoever called."""
        self.call.done(self.value, self.attachment)


@dataclass(frozen=True)
class Refusal:
    """The call failed."""

    call: Call[Any]
    error: MsaError

    def deliver(self) -> None:
        """Hand the outcome to whoever called."""
        self.call.failed(self.error)


@dataclass(frozen=True)
class Advance:
    """The call goes on."""

    call: Call[Any]
    progress: Progress

    def deliver(self) -> None:
        """Hand the progress to whoever called."""
        if self.call.progress is not None:
            self.call.progress(self.progress)


@dataclass(frozen=True)
class Loaded:
    """The worker has its model; the waiting calls can be sent."""

    ready: Ready


@dataclass(frozen=True)
class NotLoaded:
    """The worker runs, but cannot serve."""

    error: MsaError


@dataclass(frozen=True)
class DrawingWanted:
    """The worker's request `id`: the call needs a block; `deliver` has it drawn."""

    call: Call[Any]
    id: int
    request: DrawRequest

    def deliver(self, answer: Callable[[Union[Picture, MsaError]], None]) -> None:
        """Have it drawn; where nobody draws for this call, say so."""
        if self.call.draw is None:
            answer(ProtocolError(f"The worker wants a layer drawn for '{self.call.method}'."))
        else:
            self.call.draw(self.request, answer)


Outcome = Union[Success, Refusal, Advance]
Event = Union[Outcome, DrawingWanted, Loaded, NotLoaded]


class ChannelLost(ProtocolError):
    """The worker's bytes make no sense from here on; `events` are what they meant before."""

    def __init__(self, sentence: str, events: tuple[Event, ...] = ()) -> None:
        super().__init__(sentence)
        self.events = events


class Conversation:
    """Pending calls of one worker."""

    def __init__(self, silence_s: Mapping[str, float] = SILENCE_S) -> None:
        self.initialized: Optional[Initialized] = None
        self.ready: Optional[Ready] = None
        self._silence_s = silence_s
        self._decoder = FrameDecoder()
        self._waiting: dict[int, Call[Any]] = {}
        self._pending: dict[int, Call[Any]] = {}
        self._loading_s = 0.0

    def hello(self, message: Initialize) -> bytes:
        """The first bytes to send."""
        return _encode(rpc.Request(_INITIALIZE_ID, rpc.INITIALIZE, to_wire(message)))

    def goodbye(self) -> bytes:
        """The last bytes to send; their answer is not awaited."""
        return _encode(rpc.Request(_INITIALIZE_ID, rpc.SHUTDOWN))

    def add(self, call: Call[Any]) -> bytes:
        """The bytes to send now: none while the worker is not ready.

        Raises:
            ProtocolError: the message is over the limits of the wire; the call is not added.
        """
        if self.ready is None:
            self._waiting[call.id] = call
            return b""
        return self._send(call)

    def backlog(self) -> tuple[bytes, list[Outcome]]:
        """The bytes of the calls that waited for the worker, and the refusals of those that do not fit."""
        calls, self._waiting = list(self._waiting.values()), {}
        sent = b""
        refused: list[Outcome] = []
        for call in calls:
            try:
                sent += self._send(call)
            except ProtocolError as error:
                refused.append(Refusal(call, error))
        return sent, refused

    def cancel(self, call_id: int) -> tuple[bytes, list[Outcome]]:
        """The bytes that ask the worker to stop, or the refusal of a call that was not sent yet."""
        if call_id in self._waiting:
            return b"", [Refusal(self._waiting.pop(call_id), Cancelled("The job was cancelled."))]
        call = self._pending.get(call_id)
        if call is None or call.waits_for == rpc.CANCEL:
            return b"", []
        call.waits_for, call.silent_s = rpc.CANCEL, 0.0
        return _encode(rpc.Notification(rpc.CANCEL, {"id": call_id})), []

    def abandon(self, error: MsaError) -> list[Outcome]:
        """Every open call, refused with `error`."""
        calls = [*self._pending.values(), *self._waiting.values()]
        self._pending, self._waiting = {}, {}
        return [Refusal(call, error) for call in calls]

    def overdue(self, elapsed_s: float) -> Optional[str]:
        """What the worker has left unanswered for too long, after `elapsed_s` more seconds of silence."""
        if self.ready is None:
            self._loading_s += elapsed_s
            waits_for = rpc.INITIALIZE if self.initialized is None else rpc.READY
            return waits_for if self._loading_s > self._limit(waits_for) else None
        for call in self._pending.values():
            call.silent_s += elapsed_s
        late = (call for call in self._pending.values() if call.silent_s > self._limit(call.waits_for))
        return next((call.method for call in late), None)

    def feed(self, chunk: bytes) -> list[Event]:
        """What the worker's bytes mean.

        Raises:
            ChannelLost: the bytes are no messages, or none that a worker sends.
        """
        events: list[Event] = []
        try:
            for frame in self._decoder.frames(chunk):
                events += self._events(rpc.from_frame(frame))
        except ProtocolError as error:
            raise ChannelLost(error.sentence, tuple(events)) from error
        return events

    def drawn(self, need: DrawingWanted, drawn: Union[Picture, MsaError]) -> bytes:
        """What to write when a block is drawn, or cannot be."""
        if isinstance(drawn, MsaError):
            return _encode(rpc.failure_of(need.id, drawn))
        reply = DrawReply(drawn.problem, drawn.asked)
        return _encode(rpc.Reply(need.id, to_wire(reply), drawn.rgba))

    def _limit(self, waits_for: str) -> float:
        return self._silence_s.get(waits_for, DEFAULT_SILENCE_S)

    def _send(self, call: Call[Any]) -> bytes:
        try:
            sent = _encode(rpc.Request(call.id, call.method, to_wire(call.params), call.attachment))
        except ValueError as error:
            raise ProtocolError(f"A number of '{call.method}' is not finite.") from error
        call.waits_for, call.attachment = call.method, b""
        self._pending[call.id] = call
        return sent

    def _events(self, message: rpc.Incoming) -> list[Event]:
        if isinstance(message, rpc.Reply):
            return self._reply(message)
        if isinstance(message, rpc.Failure):
            return self._failure(message)
        if isinstance(message, rpc.Notification):
            return self._notification(message)
        return self._drawing_wanted(message)

    def _drawing_wanted(self, request: rpc.Request) -> list[Event]:
        if request.method != rpc.DRAW:
            raise ProtocolError(f"The worker asked for '{request.method}'; it may only have layers drawn.")
        wanted = from_wire(DrawRequest, request.params)
        call = self._pending.get(wanted.id)
        return [] if call is None else [DrawingWanted(call, request.id, wanted)]

    def _reply(self, reply: rpc.Reply) -> list[Event]:
        if reply.id == _INITIALIZE_ID:
            self.initialized = _same_protocol(from_wire(Initialized, reply.result))
            self._loading_s = 0.0
            return []
        call = self._pending.pop(reply.id, None)
        if call is None:
            raise ProtocolError(f"The worker answered call {reply.id}, which was not made.")
        try:
            return [Success(call, from_wire(call.reply, reply.result), reply.attachment)]
        except ProtocolError as error:
            return [Refusal(call, error)]

    def _failure(self, failure: rpc.Failure) -> list[Event]:
        error = MsaError.of(failure.error.kind, failure.error.sentence)
        if failure.id == _INITIALIZE_ID:
            return [NotLoaded(error)]
        call = self._pending.pop(failure.id, None) if failure.id is not None else None
        if call is None:
            raise ProtocolError(f"The worker refused a message: {error.sentence}")
        return [Refusal(call, error)]

    def _notification(self, message: rpc.Notification) -> list[Event]:
        if message.method == rpc.READY:
            return [self._load(from_wire(Ready, message.params))]
        if message.method == rpc.FAILED:
            error = from_wire(WireError, message.params)
            return [NotLoaded(MsaError.of(error.kind, error.sentence))]
        if message.method == rpc.PROGRESS:
            return self._advance(from_wire(Progress, message.params))
        return []

    def _load(self, ready: Ready) -> Loaded:
        if self.initialized is None:
            raise ProtocolError("The worker said that it is ready before it said which protocol it speaks.")
        self.ready = ready
        return Loaded(ready)

    def _advance(self, progress: Progress) -> list[Event]:
        call = self._pending.get(progress.id)
        if call is None:
            return []
        for other in self._pending.values():
            if other.waits_for in QUEUED:
                other.silent_s = 0.0
        return [Advance(call, progress)]


def _encode(message: rpc.Incoming) -> bytes:
    return encode_frame(rpc.to_frame(message))


def _same_protocol(initialized: Initialized) -> Initialized:
    if initialized.protocol != PROTOCOL_VERSION:
        raise ProtocolError(
            f"The worker (version {initialized.version}) speaks protocol {initialized.protocol}, "
            f"the plugin {PROTOCOL_VERSION}."
        )
    return initialized
