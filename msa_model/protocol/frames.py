"""`Content-Length` framing as in the Language Server Protocol; knows no pipes.

A header line `Attachment-Length` may follow; then that many raw bytes follow the JSON body. Answers that are
over the limits of one frame come as several, each but the last with a line `More-Follows: 1`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Optional

from msa_model.protocol.errors import ProtocolError

MAX_HEADER = 1024
MAX_BODY = 16 * 2**20
MAX_ATTACHMENT = 64 * 2**20
MAX_PIECES = 8  # frames that one answer may take

_END = b"\r\n\r\n"
_BODY, _ATTACHMENT, _MORE = "content-length", "attachment-length", "more-follows"
_LIMITS = {_BODY: MAX_BODY, _ATTACHMENT: MAX_ATTACHMENT, _MORE: 1}


@dataclass(frozen=True)
class Frame:
    """One message's JSON bytes and its attachment."""

    body: bytes
    attachment: bytes = b""


@dataclass(frozen=True)
class _Lengths:
    body: int
    attachment: int
    more: bool


def encode_frame(frame: Frame) -> bytes:
    """The frame's bytes on the wire.

    Raises:
        ProtocolError: the body or the attachment is over its limit.
    """
    return next(encode_pieces(frame, 1))


def encode_pieces(frame: Frame, most: int = MAX_PIECES) -> Iterator[bytes]:
    """The bytes of the frames that carry one answer, one frame after the other.

    Raises:
        ProtocolError: they are more than `most`; nothing was given out.
    """
    needed = max(1, -(-len(frame.body) // MAX_BODY), -(-len(frame.attachment) // MAX_ATTACHMENT))
    if needed > most:
        raise ProtocolError(f"A message of {len(frame.body)} + {len(frame.attachment)} bytes is too large.")
    return (_encoded(_piece(frame, number), number + 1 < needed) for number in range(needed))


def _piece(frame: Frame, number: int) -> Frame:
    if not number and len(frame.body) <= MAX_BODY and len(frame.attachment) <= MAX_ATTACHMENT:
        return frame
    body, attachment = number * MAX_BODY, number * MAX_ATTACHMENT
    return Frame(
        frame.body[body : body + MAX_BODY], frame.attachment[attachment : attachment + MAX_ATTACHMENT]
    )


def _encoded(frame: Frame, more: bool) -> bytes:
    header = b"Content-Length: %d\r\n" % len(frame.body)
    if frame.attachment:
        header += b"Attachment-Length: %d\r\n" % len(frame.attachment)
    if more:
        header += b"More-Follows: 1\r\n"
    return header + b"\r\n" + frame.body + frame.attachment


class FrameDecoder:
    """Turns pieces of a byte stream into frames; after a `ProtocolError` the stream is lost.

    Frames that belong to one answer are joined, at most `most_pieces` of them.
    """

    def __init__(self, most_pieces: int = MAX_PIECES) -> None:
        self._most_pieces = most_pieces
        self._buffer = bytearray()
        self._lengths: Optional[_Lengths] = None
        self._pieces: list[Frame] = []

    @property
    def mid_frame(self) -> bool:
        """Whether the stream so far ends inside a frame."""
        return bool(self._buffer or self._pieces) or self._lengths is not None

    def feed(self, chunk: bytes) -> list[Frame]:
        """The frames that `chunk` completes; errors as of `frames`."""
        return list(self.frames(chunk))

    def frames(self, chunk: bytes) -> Iterator[Frame]:
        """The frames that `chunk` completes; those before a fault are given out first.

        Raises:
            ProtocolError: the header is malformed or announces more than the limits.
        """
        self._buffer += chunk
        while (frame := self._next_frame()) is not None:
            yield frame

    def _next_frame(self) -> Optional[Frame]:
        while (piece := self._next_piece()) is not None:
            frame, more = piece
            if not more and not self._pieces:
                return frame
            self._pieces.append(frame)
            if not more:
                pieces, self._pieces = self._pieces, []
                return Frame(b"".join(p.body for p in pieces), b"".join(p.attachment for p in pieces))
            if len(self._pieces) >= self._most_pieces:
                raise ProtocolError(f"A message comes in more than {self._most_pieces} pieces.")
        return None

    def _next_piece(self) -> Optional[tuple[Frame, bool]]:
        if self._lengths is None:
            self._lengths = self._take_header()
        if self._lengths is None or len(self._buffer) < self._lengths.body + self._lengths.attachment:
            return None
        frame = Frame(self._take(self._lengths.body), self._take(self._lengths.attachment))
        more, self._lengths = self._lengths.more, None
        return frame, more

    def _take_header(self) -> Optional[_Lengths]:
        end = self._buffer.find(_END, 0, MAX_HEADER)
        if end < 0:
            if len(self._buffer) >= MAX_HEADER:
                raise ProtocolError("The stream holds no message header.")
            return None
        header = self._take(end + len(_END))[:end]
        return _parse_header(header)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken


def _parse_header(header: bytes) -> _Lengths:
    lengths = {_ATTACHMENT: 0, _MORE: 0}
    for line in header.split(b"\r\n"):
        name, _, value = line.decode("ascii", "replace").partition(":")
        name, value = name.strip().lower(), value.strip()
        if name not in _LIMITS or not value.isdigit():
            raise ProtocolError(f"Malformed message header: {line[:80]!r}.")
        lengths[name] = int(value)
        if lengths[name] > _LIMITS[name]:
            raise ProtocolError(f"A message announces {value} bytes; at most {_LIMITS[name]} are allowed.")
    if _BODY not in lengths:
        raise ProtocolError("A message header lacks Content-Length.")
    return _Lengths(lengths[_BODY], lengths[_ATTACHMENT], bool(lengths[_MORE]))
