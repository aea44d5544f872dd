"""Messages over the wire, one at a time."""

from __future__ import annotations

import threading
from collections import deque

from msa_model.protocol.errors import ProtocolError
from msa_model.protocol.frames import Frame, FrameDecoder, encode_frame
from msa_model.protocol.rpc import Incoming, from_frame, to_frame
from msa_model.worker.wire import Wire


class Channel:
    """Reads from one thread at a time, writes from any."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._decoder = FrameDecoder()
        self._frames: deque[Frame] = deque()
        self._writing = threading.Lock()

    def receive(self) -> Incoming | None:
        """The next message; None at the end of the stream.

        Raises:
            ProtocolError: the stream or the message is malformed; nothing more can be read.
        """
        while not self._frames:
            chunk = self._wire.read()
            if not chunk:
                self._check_end()
                return None
            self._frames.extend(self._decoder.feed(chunk))
        return from_frame(self._frames.popleft())

    def send(self, message: Incoming) -> None:
        """Sends one message.

        Raises:
            ProtocolError: the message is over the size limit; nothing was sent.
            BrokenPipeError: the peer is gone.
        """
        data = encode_frame(to_frame(message))
        with self._writing:
            self._wire.write(data)

    def _check_end(self) -> None:
        if self._decoder.mid_frame:
            raise ProtocolError("The stream ended inside a message.")
