"""JSON-RPC messages: round trips, and a named refusal of everything else."""

from __future__ import annotations

import json

import pytest

from msa_model.protocol import rpc
from msa_model.protocol.errors import IndexStale, MsaError, ProtocolError, error_classes
from msa_model.protocol.frames import Frame

MESSAGES = [
    rpc.Request(7, rpc.RANK, {"query": "größe ×"}, b"\x00\r\n\r\n"),
    rpc.Notification(rpc.CANCEL, {"id": 7}),
    rpc.Reply(7, {"results": []}, b"rgb"),
    rpc.failure_of(7, IndexStale("The raster has changed.")),
    rpc.failure_of(None, ProtocolError("Not JSON.")),
]


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_arrives_as_it_was_sent(message: rpc.Incoming) -> None:
    assert rpc.from_frame(rpc.to_frame(message)) == message


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"jsonrpc":"1.0","id":1,"method":"x"}',
        b'{"jsonrpc":"2.0","id":"1","method":"x"}',
        b'{"jsonrpc":"2.0","id":true,"method":"x"}',
        b'{"jsonrpc":"2.0","method":5}',
        b'{"jsonrpc":"2.0","method":"x","params":[1]}',
        b'{"jsonrpc":"2.0","id":1,"result":3}',
        b'{"jsonrpc":"2.0","id":1,"error":{"code":-1}}',
        b"[" * 100_000,
    ],
)
def test_anything_else_is_a_protocol_error(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        rpc.from_frame(Frame(body))


def test_a_number_json_cannot_spell_is_not_sent() -> None:
    with pytest.raises(ValueError, match="JSON"):
        rpc.to_frame(rpc.Reply(1, {"score": float("nan")}))


def test_every_named_error_keeps_its_class_over_the_wire() -> None:
    for kind, cls in error_classes().items():
        failure = rpc.failure_of(1, cls("A sentence."))
        data = json.loads(rpc.to_frame(failure).body)["error"]["data"]
        rebuilt = MsaError.of(data["kind"], data["sentence"])
        assert type(rebuilt) is cls
        assert rebuilt.sentence == "A sentence."
        assert data["kind"] == kind
        assert data["remedy"]


def test_an_unknown_kind_is_still_an_error_with_its_sentence() -> None:
    error = MsaError.of("from_the_future", "So it is.")
    assert type(error) is MsaError
    assert (error.kind, error.sentence) == ("from_the_future", "So it is.")
    assert MsaError.kind == "internal"


def test_half_characters_cross_the_wire_and_leave_it_valid() -> None:
    failure = rpc.failure_of(3, IndexStale("/data/caf\udce9 \\ \ud800.tif has changed."))
    body = rpc.to_frame(failure).body
    body.decode("utf-8")
    assert rpc.from_frame(Frame(body)) == failure


@pytest.mark.parametrize("number", ["9" * 5000, "-" + "1" * 4301, "1" + "0" * 400, "9" * 200_000])
def test_a_number_of_too_many_digits_is_refused_where_it_stands(number: str) -> None:
    body = f'{{"jsonrpc":"2.0","id":1,"method":"x","params":{{"k":{number}}}}}'.encode()
    request = rpc.from_frame(Frame(body))
    assert isinstance(request, rpc.Request)
    assert abs(request.params["k"]) > 2**63
    with pytest.raises(ProtocolError, match="id"):
        rpc.from_frame(Frame(body.replace(b'"id":1', b'"id":' + number.encode())))


def test_a_request_knows_how_much_of_it_came() -> None:
    frame = rpc.to_frame(rpc.Request(1, "x", {"query": "river"}, b"123"))
    request = rpc.from_frame(frame)
    assert isinstance(request, rpc.Request)
    assert request.size == len(frame.body)


def test_a_sentence_that_is_too_long_loses_its_middle() -> None:
    sentence = rpc.failure_of(1, IndexStale(f"The raster {'x' * 5000} has changed.")).error.sentence
    assert len(sentence) < 1100
    assert sentence.startswith("The raster xxx")
    assert sentence.endswith("xxx has changed.")
    endless = rpc.failure_of(1, IndexStale(f"The raster {'x' * 10**7} has changed.")).error.sentence
    assert len(endless) < 1100
