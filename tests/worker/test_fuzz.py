"""Every method × field × odd value on a real worker; a hundred thousand frames through the decoder."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from msa_model.protocol import rpc
from msa_model.protocol.errors import ProtocolError
from msa_model.protocol.frames import FrameDecoder, encode_frame
from msa_model.protocol.messages import Hit, SearchRequest
from msa_model.protocol.pixels import Picture
from msa_model.protocol.rpc import Failure, Reply, Request
from tests.worker.client import WorkerProcess, hits_of, started_worker
from tests.worker.conftest import scan_of, write_scene
from tests.worker.odd_requests import Params, World, odd_requests, request_bytes, sound_requests, with_value

METHODS = (
    *(rpc.PLAN, rpc.BUILD, rpc.COVERAGE, rpc.LIST, rpc.DELETE, rpc.MOVE, rpc.EXPORT, rpc.EXPLORE),
    *(rpc.BATCH, rpc.BATCH_PLAN, rpc.RANK, rpc.VERDICT, rpc.HEATMAP),
    *(rpc.CHANGE, rpc.CHANGE_HERE, rpc.CHANGE_HEATMAP, rpc.CHANGE_DATES, rpc.CHANGE_PAIR, rpc.SERIES),
    *(rpc.WORDS, rpc.DESCRIBE, rpc.DESCRIBE_MANY, rpc.THUMBNAILS, rpc.INITIALIZE),
    rpc.CHECK_MODEL,
    rpc.MEASURE,
    rpc.CALIBRATE_MODEL,
    "no.such.method",
)
FEW = 24  # odd requests of a method in the quick version
MOST_MEMORY = 2 * 2**30
FRAMES = 100_000


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("fuzz")
    scene = write_scene(folder / "scene.tif", 768)
    return World(folder, scene, folder / "scene.gpkg", folder / "later.gpkg")


@pytest.fixture(scope="module")
def tried(world: World) -> Iterator[WorkerProcess]:
    """A worker with an index, in a folder of its own: odd paths may be relative."""
    with started_worker(folder=world.folder) as worker:
        worker.initialize(cache_folder=str(world.folder / "cache"))
        worker.ready(180)
        later = write_scene(world.folder / "later.tif", 768)
        for raster, index in ((world.raster, world.index), (later, world.later)):
            worker.call(rpc.BUILD, scan_of(raster, index), seconds=300)
        worker.draw = lambda request: Picture(b"")
        yield worker


def hits(worker: WorkerProcess, world: World) -> list[Hit]:
    return hits_of(worker.ranked(SearchRequest("a field", (str(world.index),), k=3), seconds=600))


def odd(world: World, method: str) -> list[Params]:
    return list(odd_requests(sound_requests(world)[method], world.odd_values()))


def bears(worker: WorkerProcess, world: World, method: str, requests: list[Params]) -> None:
    """Sends odd requests of a method; each has an answer with a name, and the worker stays as it was."""
    before = hits(worker, world)
    for request in requests:
        number = next(worker._ids)
        worker.send_bytes(request_bytes(number, method, request, b"\x80" * 48))
        outcome = worker.outcome(number, 600)
        worker.messages.clear()
        if isinstance(outcome, Failure):
            assert outcome.error.kind != "internal", (outcome.error.sentence, str(request)[:2000])
            assert "Traceback" not in outcome.error.sentence
            assert len(outcome.error.sentence) < 1100
    assert hits(worker, world) == before
    assert peak_bytes(worker) < MOST_MEMORY


def peak_bytes(worker: WorkerProcess) -> int:
    status = Path(f"/proc/{worker.process.pid}/status")
    if not status.exists():
        return 0
    lines = status.read_text(encoding="utf-8").splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


@pytest.mark.parametrize("method", METHODS)
def test_a_worker_bears_some_odd_requests_of_every_method(
    tried: WorkerProcess, world: World, method: str
) -> None:
    requests = odd(world, method)
    few = random.Random(method).sample(requests, min(FEW, len(requests)))  # noqa: S311
    bears(tried, world, method, few)


@pytest.mark.parametrize(
    ("method", "place", "value"),
    [
        (rpc.SERIES, ("dates",), [" ", "2020"]),
        (rpc.SERIES, ("dates",), ["\uff12\uff10\uff11\uff10", "2020"]),
        (rpc.CHANGE, ("date_before",), " "),
        (rpc.DESCRIBE_MANY, ("areas", 0), "\ud800"),
        (rpc.DESCRIBE_MANY, ("areas", 1), "CURVEPOLYGON(CIRCULARSTRING(0 0, 4 0, 4 4, 0 4, 0 0))"),
    ],
)
def test_a_worker_bears_what_was_once_unforeseen(
    tried: WorkerProcess, world: World, method: str, place: tuple[str | int, ...], value: object
) -> None:
    bears(tried, world, method, [with_value(sound_requests(world)[method], place, value)])


@pytest.mark.full_size
@pytest.mark.parametrize("method", METHODS)
def test_a_worker_bears_every_odd_request(tried: WorkerProcess, world: World, method: str) -> None:
    bears(tried, world, method, odd(world, method))


def test_every_method_that_a_worker_has_is_tried(world: World) -> None:
    known = {value for name, value in vars(rpc).items() if name.isupper() and isinstance(value, str)}
    spoken = {rpc.SHUTDOWN, rpc.READY, rpc.FAILED, rpc.PROGRESS, rpc.CANCEL, rpc.DRAW}
    assert {name for name in known if name[0].isalpha()} - spoken == set(METHODS) - {"no.such.method"}
    assert set(sound_requests(world)) == set(METHODS)


def read_on(decoder: FrameDecoder, stream: bytes, draw: random.Random) -> int:
    """How many messages are read before the first fault; nothing but a named error may come."""
    read = at = 0
    while at < len(stream):
        size = draw.choice((1, 7, 64, 4096))
        try:
            for frame in decoder.frames(stream[at : at + size]):
                rpc.from_frame(frame)
                read += 1
        except ProtocolError:
            return read
        at += size
    return read


def damaged(frame: bytes, draw: random.Random) -> bytes:
    """A frame with a byte changed, left out, or put in, or cut, or with another frame inside."""
    data, at = bytearray(frame), draw.randrange(len(frame))
    kind = draw.randrange(6)
    if kind == 0:
        data[at] = draw.randrange(256)
    elif kind == 1:
        del data[at]
    elif kind == 2:
        data.insert(at, draw.randrange(256))
    elif kind == 3:
        del data[at:]
    elif kind == 4:
        data[at:at] = frame
    return bytes(data)


def frames_are_borne(count: int) -> None:
    draw = random.Random(count)  # noqa: S311
    sound = [
        encode_frame(rpc.to_frame(message))
        for message in (
            Request(1, rpc.RANK, {"query": "größe \ud800", "k": 5}, b"\0" * 20),
            Reply(2, {"results": [1.5, None, {"a": []}]}),
            rpc.Notification(rpc.CANCEL, {"id": 3}),
            rpc.failure_of(4, ProtocolError("what?")),
        )
    ]
    sent = read = 0
    while sent < count:
        stream = [draw.choice(sound) for _ in range(20)]
        stream[draw.randrange(20)] = damaged(draw.choice(sound), draw)
        read += read_on(FrameDecoder(), b"".join(stream), draw)
        sent += 20
    assert count / 4 < read < count


def test_damaged_frames_are_refused_by_name_and_those_before_are_read() -> None:
    frames_are_borne(FRAMES // 20)


@pytest.mark.full_size
def test_a_hundred_thousand_frames_are_read_or_refused_by_name() -> None:
    frames_are_borne(FRAMES)


@pytest.mark.full_size
def test_no_damaged_stream_leaves_a_worker_deaf(tmp_path: Path) -> None:
    """Each ends with a last word and an exit code, or goes on and can be asked to leave."""
    draw = random.Random(0)  # noqa: S311
    for _ in range(6):
        with started_worker(folder=tmp_path) as worker:
            worker.initialize()
            shutdown = encode_frame(rpc.to_frame(Request(99, rpc.SHUTDOWN)))
            worker.send_bytes(damaged(shutdown, draw))
            worker.close_stdin()
            assert worker.exit_code() in (0, 76)
