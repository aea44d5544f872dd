"""The wire: private duplicates of stdin and stdout, which no library can read or write by accident.

A stray `print`, a C library's `printf` and a grandchild's output all land in stderr; a grandchild or a DLL
that probes stdin finds the null device. On Windows a read that blocks on the real stdin would also block
them (numpy #24290, cpython #78961).

Messages over the wire, one at a time.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from msa_model.protocol.errors import ProtocolError
from msa_model.protocol.frames import Frame, FrameDecoder, encode_pieces
from msa_model.protocol.rpc import Incoming, from_frame, to_frame

_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Wire:
    """Raw bytes to and from the parent process."""

    incoming: int
    outgoing: int

    def read(self) -> bytes:
        """The next bytes, at least one; none at the end of the stream."""
        return os.read(self.incoming, _CHUNK)

    def write(self, data: bytes) -> None:
        """Writes all of `data`; `BrokenPipeError` where the parent is gone."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self.outgoing, rest) :]


def claim_wire() -> Wire:
    """Takes descriptors 0 and 1 for the protocol and leaves the null device and stderr in their place."""
    wire = Wire(os.dup(0), os.dup(1))
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    _rebind_windows_handles(wire)
    sys.stdout.flush()  # goes to stderr as well, unless PYTHONUNBUFFERED was set
    sys.stdout = sys.stderr
    return wire


def _rebind_windows_handles(wire: Wire) -> None:
    """Binary pipes, and the standard handles that a grandchild inherits."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415  (only there)
        import msvcrt  # noqa: PLC0415

        msvcrt.setmode(wire.incoming, os.O_BINARY)
        msvcrt.setmode(wire.outgoing, os.O_BINARY)
        for descriptor, standard_handle in ((0, -10), (1, -11)):
            ctypes.windll.kernel32.SetStdHandle(standard_handle, msvcrt.get_osfhandle(descriptor))


class Channel:
    """Reads from one thread at a time, writes from any."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._decoder = FrameDecoder(most_pieces=1)  # what is asked for is small; answers may be large
        self._frames: Iterator[Frame] = iter(())
        self._writing = threading.Lock()

    def receive(self) -> Incoming | None:
        """The next message; None at the end of the stream.

        Raises:
            ProtocolError: the stream or the message is malformed; nothing more can be read.
        """
        while (frame := next(self._frames, None)) is None:
            chunk = self._wire.read()
            if not chunk:
                self._check_end()
                return None
            self._frames = self._decoder.frames(chunk)
        return from_frame(frame)

    def send(self, message: Incoming) -> None:
        """Sends one message, a large one in pieces.

        Raises:
            ProtocolError: the message is over the size limit; nothing was sent.
            ValueError, TypeError: it cannot be spelled in JSON; nothing was sent.
            OSError: the peer is gone.
        """
        pieces = encode_pieces(to_frame(message))
        with self._writing:
            for piece in pieces:
                self._wire.write(piece)

    def _check_end(self) -> None:
        if self._decoder.mid_frame:
            raise ProtocolError("The stream ended inside a message.")
