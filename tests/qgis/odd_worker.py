"""A real child process that speaks the protocol and misbehaves on request.

The first argument says how it starts; the query of `search.rank` says what happens then.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from collections.abc import Callable

from msa_model.protocol import rpc
from msa_model.protocol.codec import from_wire, to_wire
from msa_model.protocol.describing import DescribeReply, DescribeRequest, Phrase
from msa_model.protocol.errors import Cancelled, QueryEmpty
from msa_model.protocol.frames import FrameDecoder, encode_frame
from msa_model.protocol.hit_table import RankReply
from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.messages import (
    PROTOCOL_VERSION,
    Initialized,
    Progress,
    Ready,
    ScanSummary,
    SearchTimings,
    ThumbnailReply,
    WireError,
)
from msa_model.protocol.models import EnginesMeasured, Trial
from msa_model.protocol.pixels import DrawRequest, PixelBlock
from tests.present import as_a

READY = Ready("cpu", "a processor", False, "odd", "0" * 64, 4, 0.0)
MEASURED = EnginesMeasured(
    "openvino-int8",
    (
        Trial("torch-float32", 20.2, 1.0),
        Trial("openvino-int8", 60.1, 0.99),
        Trial("openvino-int8:GPU", fault="There is none."),
    ),
)
SUMMARY = ScanSummary("x.gpkg", 100, 100, 0, 0, 1.0)


def send(message: rpc.Incoming) -> None:
    send_bytes(encode_frame(rpc.to_frame(message)))


def send_bytes(data: bytes) -> None:
    while data:
        data = data[os.write(1, data) :]


def messages() -> Iterator[rpc.Incoming]:
    decoder = FrameDecoder()
    while chunk := os.read(0, 65536):
        for frame in decoder.feed(chunk):
            yield rpc.from_frame(frame)


def crash() -> None:
    print("boom: the last words", file=sys.stderr, flush=True)
    os._exit(3)


def close_output() -> None:
    os.close(1)
    time.sleep(600)


def chatter() -> None:
    for number in range(100_000):
        print(f"line {number}", file=sys.stderr)


MISDEEDS: dict[str, Callable[[], object]] = {
    "crash": crash,
    "die by signal": lambda: os.kill(os.getpid(), 9),
    "exit": lambda: os._exit(0),
    "hang": lambda: time.sleep(600),
    "close": close_output,
    "print": lambda: send_bytes(b"Hello from a library that prints to standard output!\n" * 20),
    "oversize": lambda: send_bytes(b"Content-Length: 99999999999\r\n\r\n"),
    "not json": lambda: send_bytes(b"Content-Length: 3\r\n\r\nabc"),
    "stranger": lambda: send(rpc.Reply(4711, {})),
    "ask back": lambda: send(rpc.Request(1, "open.port")),
    "chatter": chatter,
    "late": lambda: time.sleep(0.5),
}


def answer_search(request: rpc.Request) -> None:
    query = request.params["query"]
    if query in MISDEEDS:
        MISDEEDS[query]()
    if query == "wrong fields":
        send(rpc.Reply(request.id, {"query": 1}))
    elif query == "refuse":
        send(rpc.failure_of(request.id, QueryEmpty("The query is blank.")))
    elif query == "in pieces":
        send_in_pieces(request)
    else:
        send(rpc.Reply(request.id, reply_to(query)))


def reply_to(query: str) -> rpc.Json:
    return to_wire(RankReply(query, 0, 0, (), SearchTimings(0.0, 0.0, 0.0)))


def send_in_pieces(request: rpc.Request) -> None:
    for byte in encode_frame(rpc.to_frame(rpc.Reply(request.id, reply_to("in pieces")))):
        send_bytes(bytes([byte]))


def build(request: rpc.Request, rest: Iterator[rpc.Incoming]) -> None:
    if request.params["index"] == "stall":
        send(rpc.Notification(rpc.PROGRESS, to_wire(Progress(request.id, 1, 100, 1.0, 99.0))))
        time.sleep(600)
    if request.params["index"] == "until cancelled":
        send(rpc.Notification(rpc.PROGRESS, to_wire(Progress(request.id, 1, 100, 1.0, 99.0))))
        message = next(rest)
        assert message == rpc.Notification(rpc.CANCEL, {"id": request.id})
        send(rpc.failure_of(request.id, Cancelled("The scan was cancelled.")))
        return
    for done in range(0, 101, 10):
        send(rpc.Notification(rpc.PROGRESS, to_wire(Progress(request.id, done, 100, 50.0, 2.0))))
        time.sleep(0.5 if request.params["index"] == "slow" else 0.1)
    send(rpc.Reply(request.id, to_wire(SUMMARY)))


def start(mode: str, request: rpc.Request) -> None:
    if mode == "early exit":
        print("ModuleNotFoundError: No module named 'torch'", file=sys.stderr, flush=True)
        os._exit(1)
    if mode == "mute":
        time.sleep(600)
    protocol = 99 if mode == "other protocol" else PROTOCOL_VERSION
    send(rpc.Reply(request.id, to_wire(Initialized(protocol, "9.9", "3.11", os.getpid()))))
    if mode == "no model":
        error = WireError("checkpoint_missing", "There is no checkpoint in /nowhere.", "")
        send(rpc.Notification(rpc.FAILED, to_wire(error)))
    elif mode == "slow":
        time.sleep(0.5)
        send(rpc.Notification(rpc.READY, to_wire(READY)))
    elif mode != "never ready":
        send(rpc.Notification(rpc.READY, to_wire(READY)))


def serve(mode: str) -> None:
    stream = messages()
    for message in stream:
        if not isinstance(message, rpc.Request):
            continue
        method = message.method
        if method == rpc.INITIALIZE:
            start(mode, message)
        elif method == rpc.SHUTDOWN:
            if mode == "deaf":
                time.sleep(600)
            return
        elif method == rpc.RANK:
            answer_search(message)
        elif method == rpc.BUILD:
            build(message, stream)
        elif method == rpc.THUMBNAILS:
            pixels = bytes(range(256)) * (128 * 1024)
            send(rpc.Reply(message.id, to_wire(ThumbnailReply(1, 96)), pixels))
        elif method == rpc.DESCRIBE:
            layer = as_a(DrawnLayer, from_wire(DescribeRequest, message.params).raster)
            block = PixelBlock(256, 256, (500_000.0, 4_999_872.0, 500_128.0, 5_000_000.0))
            send(rpc.Request(1, rpc.DRAW, to_wire(DrawRequest(message.id, layer, block))))
            drawn = as_a(rpc.Reply, next(stream))
            assert len(drawn.attachment) == 256 * 256 * 4
            phrases = (Phrase("fields beside a road", 0.5, 0.3),)
            reply = DescribeReply(phrases, (0.0, 0.0, 1.0, 1.0), "EPSG:32633", 100.0, 1.0)
            send(rpc.Reply(message.id, to_wire(reply)))
        elif method == rpc.MEASURE:
            send(rpc.Reply(message.id, to_wire(MEASURED)))
        elif method == "environment":
            send(rpc.Reply(message.id, {"names": sorted(os.environ)}))


if __name__ == "__main__":
    serve(sys.argv[1])
