"""Framing: what a peer sends arrives whole, whatever the pieces, and garbage is refused."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msa_model.protocol import frames as framing
from msa_model.protocol.errors import ProtocolError
from msa_model.protocol.frames import (
    MAX_ATTACHMENT,
    MAX_BODY,
    MAX_PIECES,
    Frame,
    FrameDecoder,
    encode_frame,
    encode_pieces,
)

frames = st.builds(Frame, body=st.binary(max_size=300), attachment=st.binary(max_size=300))


def pieces_of(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:end] for start, end in pairwise(edges)]


@given(st.lists(frames, min_size=1, max_size=4), st.lists(st.integers(min_value=0), max_size=12))
def test_frames_survive_any_cut_of_the_stream(sent: list[Frame], cuts: list[int]) -> None:
    stream = b"".join(map(encode_frame, sent))
    decoder = FrameDecoder()
    received = [frame for piece in pieces_of(stream, cuts) for frame in decoder.feed(piece)]
    assert received == sent
    assert not decoder.mid_frame


def test_a_stream_cut_short_is_known_to_be_mid_frame() -> None:
    decoder = FrameDecoder()
    assert decoder.feed(encode_frame(Frame(b"{}", b"abc"))[:-1]) == []
    assert decoder.mid_frame


@pytest.mark.parametrize(
    "stream",
    [
        b"Loading model...\n\n\r\n\r\n",
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: 1e3\r\n\r\n",
        b"Attachment-Length: 3\r\n\r\nabc",
        b"Content-Length: 2\r\nX-Other: 1\r\n\r\n{}",
        b"x" * 2000,
        f"Content-Length: {MAX_BODY + 1}\r\n\r\n".encode(),
        f"Content-Length: 2\r\nAttachment-Length: {MAX_ATTACHMENT + 1}\r\n\r\n".encode(),
    ],
)
def test_a_malformed_or_oversize_header_is_refused(stream: bytes) -> None:
    with pytest.raises(ProtocolError):
        FrameDecoder().feed(stream)


def test_an_oversize_message_is_not_sent() -> None:
    with pytest.raises(ProtocolError, match="too large"):
        encode_frame(Frame(b"x" * (MAX_BODY + 1)))


def test_a_large_answer_comes_in_pieces_and_arrives_whole() -> None:
    large = Frame(b"x" * (2 * MAX_BODY + 5), b"p" * (MAX_ATTACHMENT + 1))
    pieces = list(encode_pieces(large))
    assert len(pieces) == 3
    decoder = FrameDecoder()
    assert [frame for piece in pieces for frame in decoder.feed(piece)] == [large]
    assert not decoder.mid_frame


def test_an_answer_cut_between_two_pieces_is_known_to_be_mid_frame() -> None:
    first, _ = encode_pieces(Frame(b"x" * (MAX_BODY + 1)))
    decoder = FrameDecoder()
    assert decoder.feed(first) == []
    assert decoder.mid_frame


def test_more_pieces_than_an_answer_may_have_are_neither_sent_nor_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(ProtocolError, match="too large"):
        encode_pieces(Frame(b"x" * (MAX_PIECES * MAX_BODY + 1)))
    piece = b"Content-Length: 1\r\nMore-Follows: 1\r\n\r\nx"
    with pytest.raises(ProtocolError, match="pieces"):
        FrameDecoder().feed(piece * (MAX_PIECES + 1))


def test_a_request_is_one_frame() -> None:
    with pytest.raises(ProtocolError, match="pieces"):
        FrameDecoder(most_pieces=1).feed(b"Content-Length: 1\r\nMore-Follows: 1\r\n\r\nx")


@given(st.binary(max_size=80), st.binary(max_size=40))
def test_pieces_of_any_size_are_joined_in_order(body: bytes, attachment: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(framing, "MAX_BODY", 16)
        patch.setattr(framing, "MAX_ATTACHMENT", 8)
        stream = b"".join(encode_pieces(Frame(body, attachment)))
    assert FrameDecoder().feed(stream) == [Frame(body, attachment)]


def test_frames_before_a_fault_are_given_out_before_it_is_raised() -> None:
    received = FrameDecoder().frames(encode_frame(Frame(b"{}")) + b"Content-Length: no\r\n\r\n")
    assert next(received) == Frame(b"{}")
    with pytest.raises(ProtocolError, match="Malformed"):
        next(received)
