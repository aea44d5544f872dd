"""What the compute thread keeps of a request that it refuses."""

from __future__ import annotations

import os
import threading
from typing import NoReturn

import pytest

from msa_model.protocol.errors import Cancelled, ProtocolError
from msa_model.protocol.frames import FrameDecoder
from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.pixels import Draw, PixelBlock
from msa_model.protocol.rpc import BUILD, Failure, Request, from_frame
from msa_model.worker.drawings import Drawings
from msa_model.worker.inbox import Inbox, StreamEnd
from msa_model.worker.server import Server
from msa_model.worker.wire import Channel, Wire

LAYER = DrawnLayer("qgis:wms:x", "aerial", "look", "EPSG:3857", (1.0, 0.0, 0.0, 0.0, -1.0, 0.0), 256, 256)


class RefusesSteps:
    """Methods whose one long job is refused, with what it was given to ask for blocks."""

    draw: Draw

    def knows(self, method: str) -> bool:
        return True

    def is_long(self, method: str) -> bool:
        return True

    def is_brief(self, method: str) -> bool:
        return False

    def answer(self, request: Request) -> NoReturn:
        raise AssertionError(request)

    def steps(self, request: Request, draw: Draw) -> NoReturn:
        self.draw = draw
        raise ProtocolError("No such field.")


def test_a_long_job_that_is_refused_can_ask_for_no_blocks() -> None:
    reading, writing = os.pipe()
    channel, inbox, methods = Channel(Wire(reading, writing)), Inbox(), RefusesSteps()
    server = Server(channel, inbox, Drawings(channel.send), methods)
    inbox.put(Request(7, BUILD))
    threading.Timer(0.05, inbox.end, [StreamEnd.CLOSED]).start()
    assert server.serve() == 0
    (answer,) = (from_frame(frame) for frame in FrameDecoder().feed(os.read(reading, 65_536)))
    assert isinstance(answer, Failure)
    assert (answer.id, answer.error.sentence) == (7, "No such field.")
    with pytest.raises(Cancelled, match="ended"):
        methods.draw(LAYER, PixelBlock(256, 256, (0.0, -256.0, 256.0, 0.0)))
