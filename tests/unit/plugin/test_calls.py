from __future__ import annotations

from typing import Any

import pytest

from msa_model.protocol import rpc
from msa_model.protocol.codec import to_wire
from msa_model.protocol.errors import MsaError, ProtocolError, QueryEmpty, WorkerDied
from msa_model.protocol.frames import MAX_ATTACHMENT, Frame, FrameDecoder, encode_frame
from msa_model.protocol.hit_table import RankReply
from msa_model.protocol.messages import (
    PROTOCOL_VERSION,
    Initialize,
    Initialized,
    Progress,
    Ready,
    SearchRequest,
    SearchTimings,
)
from qgis_msa_plugin.worker.calls import Call, ChannelLost, Conversation, Loaded, Refusal, Success

READY = rpc.Notification(rpc.READY, to_wire(Ready("cpu", "a cpu", False, "m", "0", 4, 1.0)))
REPLY = RankReply("a river", 0, 0, (), SearchTimings(1.0, 1.0, 1.0))


class Caller:
    """Makes calls and keeps what becomes of them."""

    def __init__(self) -> None:
        self.done: list[Any] = []
        self.failed: list[MsaError] = []
        self.progress: list[Progress] = []

    def call(self, call_id: int, method: str = rpc.RANK, attachment: bytes = b"") -> Call[RankReply]:
        return Call(
            call_id,
            method,
            SearchRequest("a river", ()),
            RankReply,
            lambda value, _: self.done.append(value),
            self.failed.append,
            self.progress.append,
            attachment,
        )


def wire(*messages: rpc.Incoming) -> bytes:
    return b"".join(encode_frame(rpc.to_frame(message)) for message in messages)


def sent(data: bytes) -> list[rpc.Incoming]:
    return [rpc.from_frame(frame) for frame in FrameDecoder().feed(data)]


def initialized(protocol: int = PROTOCOL_VERSION) -> rpc.Reply:
    return rpc.Reply(0, to_wire(Initialized(protocol, "1.0", "3.11", 1)))


def ready_conversation(**silence_s: float) -> Conversation:
    conversation = Conversation({name.replace("_", "."): limit for name, limit in silence_s.items()})
    conversation.hello(Initialize(PROTOCOL_VERSION, "test"))
    conversation.feed(wire(initialized(), READY))
    return conversation


def deliver(events: list[Any]) -> None:
    for event in events:
        event.deliver()


def test_calls_wait_for_the_model_and_then_go_in_order() -> None:
    conversation, caller = Conversation(), Caller()
    assert conversation.add(caller.call(1)) == conversation.add(caller.call(2)) == b""
    events = conversation.feed(wire(initialized(), READY))
    assert [type(event) for event in events] == [Loaded]
    backlog, refused = conversation.backlog()
    assert [message.id for message in sent(backlog)] == [1, 2]  # type: ignore[union-attr]
    assert not refused
    assert [message.id for message in sent(conversation.add(caller.call(3)))] == [3]  # type: ignore[union-attr]


def test_each_call_gets_its_own_answer() -> None:
    conversation, caller = ready_conversation(), Caller()
    conversation.add(caller.call(1))
    conversation.add(caller.call(2))
    refusal = rpc.failure_of(1, QueryEmpty("blank"))
    events = conversation.feed(wire(rpc.Reply(2, to_wire(REPLY)), refusal))
    assert [(type(event), event.call.id) for event in events] == [(Success, 2), (Refusal, 1)]  # type: ignore[union-attr]
    deliver(events)
    assert caller.done == [REPLY]
    assert [error.kind for error in caller.failed] == ["query_empty"]


@pytest.mark.parametrize(
    "stream",
    [
        b"no header at all\r\n\r\n",
        wire(initialized(99)),
        wire(READY),
        wire(initialized(), READY, rpc.Reply(7, {})),
        wire(initialized(), READY, rpc.failure_of(None, ProtocolError("what?"))),
        wire(initialized(), READY, rpc.Request(1, "listen")),
        wire(rpc.Notification(rpc.READY, {"device": "cpu"})),
    ],
)
def test_what_no_worker_says_loses_the_channel(stream: bytes) -> None:
    with pytest.raises(ProtocolError):
        Conversation().feed(stream)


def test_an_unknown_notification_and_late_progress_are_passed_over() -> None:
    late = rpc.Notification(rpc.PROGRESS, to_wire(Progress(5, 1, 2, 1.0, None)))
    assert ready_conversation().feed(wire(rpc.Notification("$/news", {}), late)) == []


def test_a_waiting_call_is_cancelled_here_and_a_sent_one_there_once() -> None:
    caller, conversation = Caller(), Conversation()
    conversation.add(caller.call(1))
    message, outcomes = conversation.cancel(1)
    deliver(outcomes)
    assert (message, caller.failed[0].kind) == (b"", "cancelled")

    conversation = ready_conversation()
    conversation.add(caller.call(2))
    message, outcomes = conversation.cancel(2)
    assert sent(message) == [rpc.Notification(rpc.CANCEL, {"id": 2})]
    assert outcomes == []
    assert conversation.cancel(2) == (b"", [])
    assert conversation.cancel(99) == (b"", [])


def test_abandoning_refuses_every_open_call_once() -> None:
    caller, conversation = Caller(), ready_conversation()
    conversation.add(caller.call(1))
    conversation.add(caller.call(2))
    error = WorkerDied("gone")
    deliver(conversation.abandon(error))
    assert caller.failed == [error, error]
    assert conversation.abandon(error) == []


def test_silence_is_counted_per_call_and_progress_starts_it_again() -> None:
    caller, conversation = Caller(), ready_conversation(index_build=10, search_text=100)
    conversation.add(caller.call(1, rpc.BUILD))
    conversation.add(caller.call(2, rpc.RANK))
    assert conversation.overdue(9.0) is None
    progress = rpc.Notification(rpc.PROGRESS, to_wire(Progress(1, 1, 2, 1.0, None)))
    conversation.feed(wire(progress))
    assert conversation.overdue(9.0) is None
    assert conversation.overdue(2.0) == rpc.BUILD


def test_a_scan_that_queues_behind_a_batch_is_not_late_while_the_batch_makes_progress() -> None:
    caller, conversation = Caller(), ready_conversation(index_build=10, batch_run=10)
    conversation.add(caller.call(1, rpc.BATCH))
    conversation.add(caller.call(2, rpc.BUILD))
    assert conversation.overdue(9.0) is None
    conversation.feed(wire(rpc.Notification(rpc.PROGRESS, to_wire(Progress(1, 1, 2, 1.0, None)))))
    assert conversation.overdue(9.0) is None
    assert conversation.overdue(2.0) == rpc.BATCH


def test_a_cancelled_scan_must_end_although_it_makes_progress() -> None:
    caller, conversation = Caller(), ready_conversation(index_build=100)
    conversation = Conversation({rpc.BUILD: 100.0, rpc.CANCEL: 10.0})
    conversation.feed(wire(initialized(), READY))
    conversation.add(caller.call(1, rpc.BUILD))
    conversation.cancel(1)
    conversation.overdue(9.0)
    conversation.feed(wire(rpc.Notification(rpc.PROGRESS, to_wire(Progress(1, 1, 2, 1.0, None)))))
    assert conversation.overdue(2.0) == rpc.BUILD


def test_a_worker_that_loads_for_too_long_is_late_and_an_idle_one_never() -> None:
    conversation = Conversation({rpc.INITIALIZE: 10.0, rpc.READY: 20.0})
    assert conversation.overdue(11.0) == rpc.INITIALIZE
    conversation.feed(wire(initialized()))
    assert conversation.overdue(19.0) is None
    assert conversation.overdue(2.0) == rpc.READY
    assert ready_conversation().overdue(1e9) is None


def test_too_large_a_message_is_refused_and_the_others_go() -> None:
    caller, conversation = Caller(), Conversation()
    conversation.add(caller.call(1, attachment=bytes(MAX_ATTACHMENT + 1)))
    conversation.add(caller.call(2))
    conversation.feed(wire(initialized(), READY))
    backlog, refused = conversation.backlog()
    deliver(refused)
    assert [message.id for message in sent(backlog)] == [2]  # type: ignore[union-attr]
    assert caller.failed[0].kind == "protocol"


def test_a_number_that_json_cannot_spell_is_refused() -> None:
    call = Caller().call(1)
    call.params = Progress(1, 1, 1, float("nan"), None)
    with pytest.raises(ProtocolError, match="not finite"):
        ready_conversation().add(call)


@pytest.mark.parametrize(
    "bad", [b"Content-Length: no\r\n\r\n", wire(rpc.Reply(9, {})), encode_frame(Frame(b"{not json"))]
)
def test_what_was_answered_before_the_channel_was_lost_is_done_and_the_rest_fails(bad: bytes) -> None:
    conversation, caller = ready_conversation(), Caller()
    conversation.add(caller.call(1))
    conversation.add(caller.call(2))
    with pytest.raises(ChannelLost) as lost:
        conversation.feed(wire(rpc.Reply(1, to_wire(REPLY))) + bad)
    deliver(list(lost.value.events))
    deliver(list(conversation.abandon(WorkerDied("gone"))))
    assert (caller.done, len(caller.failed)) == ([REPLY], 1)
