"""`Content-Length` framing as in the Language Server Protocol; knows no pipes.

A header line `Attachment-Length` may follow; then that many raw bytes follow the JSON body.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from msa_model.protocol.errors import ProtocolError

MAX_HEADER = 1024
MAX_BODY = 16 * 2**20
MAX_ATTACHMENT = 64 * 2**20

_END = b"\r\n\r\n"
_LIMITS = {"content-length": MAX_BODY, "attachment-length": MAX_ATTACHMENT}


@dataclass(frozen=True)
class Frame:
    """One message's JSON bytes and its attachment."""

    body: bytes
    attachment: bytes = b""


@dataclass(frozen=True)
class _Lengths:
    body: int
    attachment: int


def encode_frame(frame: Frame) -> bytes:
    """The frame's bytes on the wire.

    Raises:
        ProtocolError: the body or the attachment is over its limit.
    """
    if len(frame.body) > MAX_BODY or len(frame.attachment) > MAX_ATTACHMENT:
        raise ProtocolError(f"A message of {len(frame.body)} + {len(frame.attachment)} bytes is too large.")
    header = b"Content-Length: %d\r\n" % len(frame.body)
    if frame.attachment:
        header += b"Attachment-Length: %d\r\n" % len(frame.attachment)
    return header + b"\r\n" + frame.body + frame.attachment


class FrameDecoder:
    """Turns pieces of a byte stream into frames; after a `ProtocolError` the stream is lost."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._lengths: Optional[_Lengths] = None

    @property
    def mid_frame(self) -> bool:
        """Whether the stream so far ends inside a frame."""
        return bool(self._buffer) or self._lengths is not None

    def feed(self, chunk: bytes) -> list[Frame]:
        """The frames that `chunk` completes.

        Raises:
            ProtocolError: the header is malformed or announces more than the limits.
        """
        self._buffer += chunk
        frames = []
        while (frame := self._next_frame()) is not None:
            frames.append(frame)
        return frames

    def _next_frame(self) -> Optional[Frame]:
        if self._lengths is None:
            self._lengths = self._take_header()
        if self._lengths is None or len(self._buffer) < self._lengths.body + self._lengths.attachment:
            return None
        frame = Frame(self._take(self._lengths.body), self._take(self._lengths.attachment))
        self._lengths = None
        return frame

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
    lengths = {"attachment-length": 0}
    for line in header.split(b"\r\n"):
        name, _, value = line.decode("ascii", "replace").partition(":")
        name, value = name.strip().lower(), value.strip()
        if name not in _LIMITS or not value.isdigit():
            raise ProtocolError(f"Malformed message header: {line[:80]!r}.")
        lengths[name] = int(value)
        if lengths[name] > _LIMITS[name]:
            raise ProtocolError(f"A message announces {value} bytes; at most {_LIMITS[name]} are allowed.")
    if "content-length" not in lengths:
        raise ProtocolError("A message header lacks Content-Length.")
    return _Lengths(lengths["content-length"], lengths["attachment-length"])
