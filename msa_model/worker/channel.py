"""Messages over the wire, one at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from msa_model.protocol.errors import ProtocolError
from msa_model.protocol.frames import Frame, FrameDecoder, encode_pieces
from msa_model.protocol.rpc import Incoming, from_frame, to_frame
from msa_model.worker.wire import Wire


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
