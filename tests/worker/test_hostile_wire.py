"""What a broken or hostile peer may send to a real worker: it answers or ends in order, and is never deaf."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from msa_model.protocol import rpc
from msa_model.protocol.codec import from_wire
from msa_model.protocol.describing import DescribeManyReply, DescribeManyRequest
from msa_model.protocol.frames import MAX_BODY
from msa_model.protocol.messages import Hit, RasterRef, ScanSummary, SearchRequest
from msa_model.protocol.phrases import LONGEST_PHRASE
from msa_model.protocol.rpc import Failure, Reply, Request
from msa_model.worker.inbox import MOST_REQUESTS
from tests.worker.client import WorkerProcess, frame_of, hits_of, started_worker
from tests.worker.conftest import EAST, NORTH, scan_of

EXIT_PROTOCOL = 76
AREAS = 160


def hits(worker: WorkerProcess, indexed: ScanSummary) -> list[Hit]:
    return hits_of(worker.ranked(SearchRequest("a field", (indexed.index,), k=3), seconds=60))


@pytest.fixture
def still_sound(worker: WorkerProcess, indexed: ScanSummary) -> Iterator[None]:
    """After the test, the worker finds what it found before."""
    before = hits(worker, indexed)
    yield
    assert hits(worker, indexed) == before


@pytest.mark.full_size
def test_a_reply_over_a_frames_limit_comes_in_pieces(
    worker: WorkerProcess, scene: Path, still_sound: None, tmp_path: Path
) -> None:
    bank = tmp_path / "phrases.csv"  # without categories: each phrase is told
    bank.write_text("\n".join(f"field {n} ".ljust(LONGEST_PHRASE, "a") for n in range(100)), encoding="utf-8")
    areas = tuple(f"POINT({EAST + 20 + n % 340} {NORTH - 20 - n // 4})" for n in range(AREAS))
    request = DescribeManyRequest(RasterRef(str(scene)), areas, "EPSG:32633", 64.0, str(bank), 100, 1)
    reply = worker.call(rpc.DESCRIBE_MANY, request, seconds=600)
    assert len(rpc.to_frame(reply).body) > MAX_BODY
    found = from_wire(DescribeManyReply, reply.result).descriptions
    assert [len(one.phrases) for one in found] == [100] * AREAS


def test_an_answer_that_no_message_holds_is_refused_before_the_work(
    worker: WorkerProcess, scene: Path, still_sound: None
) -> None:
    request = DescribeManyRequest(RasterRef(str(scene)), ("POINT(0 0)",) * 90_000, "EPSG:32633", k=100)
    failure = worker.refusal(rpc.DESCRIBE_MANY, request, seconds=60)
    assert failure.error.kind == "bad_argument"
    assert "areas can be described in one go" in failure.error.sentence


@pytest.mark.parametrize(
    ("params", "kind", "says"),
    [
        ('{"query":"a","indexes":["a.gpkg"],"k":%s}' % ("9" * 5000), "protocol", "SearchRequest.k"),
        ('{"query":"a","indexes":["a.gpkg"],"k":1e400}', "protocol", "SearchRequest.k"),
        ('{"query":"a","indexes":["a.gpkg"],"k":NaN}', "protocol", "SearchRequest.k"),
        ('{"query":"a \\ud800","indexes":["a.gpkg"]}', "bad_argument", "half a character"),
        ('{"query":"a","indexes":["a\\u0000.gpkg"]}', "bad_argument", "NUL"),
        ('{"query":"a","indexes":["caf\\udce9.gpkg"]}', "path_missing", "caf"),
        ('{"query":"a","indexes":["%s"]}' % ("x" * 5000), None, "x"),
        ('{"query":"a","indexes":%s}' % ("[" * 500 + "]" * 500), "protocol", "SearchRequest.indexes"),
    ],
)
def test_odd_values_are_refused_by_name_and_the_worker_goes_on(
    worker: WorkerProcess, still_sound: None, params: str, kind: str | None, says: str
) -> None:
    number = next(worker._ids)
    text = f'{{"jsonrpc":"2.0","id":{number},"method":"search.rank","params":{params}}}'
    worker.send_bytes(frame_of(text.encode()))
    failure = worker.outcome(number)
    assert isinstance(failure, Failure)
    assert failure.error.kind != "internal"
    assert kind in (None, failure.error.kind)
    assert says in failure.error.sentence
    assert "Traceback" not in failure.error.sentence


@pytest.mark.parametrize(
    "body",
    [
        b'{"jsonrpc":"2.0","id":%s,"method":"search.rank"}' % (b"9" * 5000),
        b'{"jsonrpc":"2.0","id":1,"method":"search.rank","params":%s}' % (b"[" * 200_000),
        b'{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":%s}}' % (b"9" * 5000),
    ],
)
def test_what_cannot_be_answered_ends_the_worker_in_order(own_worker: WorkerProcess, body: bytes) -> None:
    own_worker.send_bytes(frame_of(body))
    assert own_worker.exit_code() == EXIT_PROTOCOL
    last = own_worker.wait_for(lambda m: isinstance(m, Failure) and m.id is None)
    assert isinstance(last, Failure)


def test_a_good_request_before_a_broken_one_in_the_same_bytes_is_read(own_worker: WorkerProcess) -> None:
    good = rpc.to_frame(Request(1001, rpc.SHUTDOWN))
    own_worker.send_bytes(frame_of(good.body) + b"Content-Length: no\r\n\r\n")
    assert own_worker.exit_code() in (0, EXIT_PROTOCOL)


def test_a_flood_is_refused_by_name_while_cancelling_and_leaving_get_through(
    own_worker: WorkerProcess, large_scene: Path, tmp_path: Path
) -> None:
    scan = own_worker.request(rpc.BUILD, scan_of(large_scene, tmp_path / "large.gpkg", overlap=0.75))
    own_worker.wait_for_progress(scan)
    jobs = [own_worker.request(rpc.BUILD, scan_of(large_scene, tmp_path / f"{n}.gpkg")) for n in range(1500)]
    last = own_worker.outcome(jobs[-1], 60)
    assert isinstance(last, Failure)
    assert last.error.kind == "worker_busy"
    assert str(MOST_REQUESTS) in last.error.sentence
    own_worker.cancel(scan)
    cancelled = own_worker.outcome(scan, 60)
    assert isinstance(cancelled, Failure)
    assert cancelled.error.kind == "cancelled"
    own_worker.call(rpc.SHUTDOWN, seconds=60)
    assert own_worker.exit_code() == 0
    answered = {m.id for m in own_worker.messages if isinstance(m, (Reply, Failure))}
    assert set(jobs) <= answered


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc to read memory from")
def test_what_waits_takes_bounded_memory(
    own_worker: WorkerProcess, large_scene: Path, tmp_path: Path
) -> None:
    scan = own_worker.request(rpc.BUILD, scan_of(large_scene, tmp_path / "large.gpkg", overlap=0.75))
    own_worker.wait_for_progress(scan)
    before = resident_bytes(own_worker)
    ids = [own_worker.request(rpc.DESCRIBE, {}, bytes(32 * 2**20)) for _ in range(24)]
    assert isinstance(own_worker.outcome(ids[-1], 120), Failure)
    assert resident_bytes(own_worker) - before < 600 * 2**20


def resident_bytes(worker: WorkerProcess) -> int:
    status = Path(f"/proc/{worker.process.pid}/status").read_text(encoding="utf-8")
    return 1024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
@pytest.mark.parametrize("kind", ["device", "pipe", "folder", "huge"])
def test_only_regular_files_of_sensible_size_are_read(
    worker: WorkerProcess, scene: Path, still_sound: None, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "phrases.csv"
    if kind == "device":
        path = Path("/dev/zero")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        with path.open("wb") as file:
            file.truncate(2**34)
    many = {"raster": {"path": str(scene)}, "areas": ["POINT(0 0)"], "phrases": str(path)}
    failure = worker.refusal(rpc.DESCRIBE_MANY, many)
    assert failure.error.kind == "phrases_unreadable"
    batch = {"rasters": [{"path": str(scene)}], "out": str(tmp_path / "out.gpkg"), "watch_list": str(path)}
    failure = worker.refusal(rpc.BATCH, batch)
    assert failure.error.kind == "watch_list_unreadable"
    assert "regular file" in failure.error.sentence or "larger than" in failure.error.sentence


def test_a_worker_whose_reader_fails_in_an_unforeseen_way_ends(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import msa_model.protocol.rpc as rpc\n"
        "def fail(*_):\n    raise KeyError('unforeseen')\n"
        "loads = rpc.json.loads\n"
        "rpc.json.loads = lambda t, **o: fail() if t[-9:-2] == b'explode' else loads(t, **o)\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(tmp_path), os.getcwd()))}
    with started_worker(environment=environment) as worker:
        worker.initialize()
        worker.ready()
        worker.send_bytes(frame_of(b'{"method":"explode"}'))
        assert worker.exit_code() == EXIT_PROTOCOL
        assert "KeyError" in worker.log()
