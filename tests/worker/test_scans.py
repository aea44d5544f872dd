"""What happens in the middle of a scan, to the one worker and to its neighbours."""

from __future__ import annotations

import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from msa_model.index.store import TileIndex
from msa_model.protocol.codec import from_wire
from msa_model.protocol.describing import DescribeRequest
from msa_model.protocol.messages import RasterRef, ScanPlan, ScanSummary, SearchRequest
from msa_model.protocol.rpc import (
    BUILD,
    DESCRIBE,
    PLAN,
    PROGRESS,
    RANK,
    REQUEST_CANCELLED,
    SHUTDOWN,
    Failure,
    Notification,
    Reply,
)
from tests.worker.client import WorkerProcess, started_worker
from tests.worker.conftest import EAST, NORTH, scan_of


def stored_tiles(index: Path) -> int:
    with TileIndex.open_for_reading(index) as opened:
        keys = opened.load().keys
    assert len({tuple(key) for key in keys.tolist()}) == len(keys)
    return len(keys)


def summary_of(outcome: Reply | Failure) -> ScanSummary:
    assert isinstance(outcome, Reply), outcome
    return from_wire(ScanSummary, outcome.result)


def test_a_search_and_a_description_are_answered_in_the_middle_of_a_scan(
    worker: WorkerProcess, indexed: ScanSummary, large_scene: Path, tmp_path: Path
) -> None:
    build = worker.request(BUILD, scan_of(large_scene, tmp_path / "large.gpkg"))
    worker.wait_for_progress(build)
    worker.call(RANK, SearchRequest("river", (indexed.index,)))
    worker.call(DESCRIBE, DescribeRequest(RasterRef(str(large_scene)), "", (EAST + 500, NORTH - 500)))
    so_far = worker.progress(build)[-1]
    assert so_far.done < so_far.total
    worker.cancel(build)
    assert isinstance(worker.outcome(build), Failure)


def test_hits_appear_while_the_scan_goes_on(worker: WorkerProcess, large_scene: Path, tmp_path: Path) -> None:
    index = tmp_path / "large.gpkg"
    build = worker.request(BUILD, scan_of(large_scene, index))
    worker.wait_for_progress(build)
    first = worker.ranked(SearchRequest("river", (str(index),))).reply
    worker.wait_for_progress(build, done=first.tiles + 20)
    second = worker.ranked(SearchRequest("river", (str(index),))).reply
    worker.cancel(build)
    worker.outcome(build)
    assert 0 < first.tiles < second.tiles


def test_a_cancelled_scan_is_answered_and_keeps_its_tiles(
    worker: WorkerProcess, large_scene: Path, tmp_path: Path
) -> None:
    index = tmp_path / "large.gpkg"
    build = worker.request(BUILD, scan_of(large_scene, index))
    worker.wait_for_progress(build)
    worker.cancel(build)
    failure = worker.outcome(build)
    assert isinstance(failure, Failure)
    assert (failure.code, failure.error.kind) == (REQUEST_CANCELLED, "cancelled")
    plan = from_wire(ScanPlan, worker.call(PLAN, scan_of(large_scene, index)).result)
    assert plan.tiles - plan.missing == stored_tiles(index) > 0
    assert plan.missing > 0


def test_a_second_scan_waits_for_the_first(worker: WorkerProcess, scene: Path, tmp_path: Path) -> None:
    first = worker.request(BUILD, scan_of(scene, tmp_path / "one.gpkg"))
    second = worker.request(BUILD, scan_of(scene, tmp_path / "two.gpkg"))
    one, two = summary_of(worker.outcome(first, 120)), summary_of(worker.outcome(second, 120))
    assert one.encoded == two.encoded == one.tiles
    told = [message for message in worker.messages if isinstance(message, Notification)]
    ids = [message.params["id"] for message in told if message.method == PROGRESS]
    last_of_first = max(place for place, id_ in enumerate(ids) if id_ == first)
    assert last_of_first < min(place for place, id_ in enumerate(ids) if id_ == second)


def test_the_same_scan_asked_for_twice_encodes_each_tile_once(
    worker: WorkerProcess, scene: Path, tmp_path: Path
) -> None:
    index = tmp_path / "index.gpkg"
    first, second = (worker.request(BUILD, scan_of(scene, index)) for _ in range(2))
    one, two = summary_of(worker.outcome(first, 120)), summary_of(worker.outcome(second, 120))
    assert (one.encoded, two.encoded, two.reused) == (one.tiles, 0, one.tiles)
    assert stored_tiles(index) == one.tiles


def test_a_scan_that_waits_can_be_cancelled(worker: WorkerProcess, large_scene: Path, tmp_path: Path) -> None:
    first = worker.request(BUILD, scan_of(large_scene, tmp_path / "one.gpkg"))
    second = worker.request(BUILD, scan_of(large_scene, tmp_path / "two.gpkg"))
    worker.wait_for_progress(first)
    worker.cancel(second)
    refused = worker.outcome(second)
    assert isinstance(refused, Failure)
    assert refused.error.kind == "cancelled"
    worker.cancel(first)
    worker.outcome(first)
    assert not (tmp_path / "two.gpkg").exists()


def test_a_cancel_that_comes_too_late_changes_nothing(worker: WorkerProcess, indexed: ScanSummary) -> None:
    query = SearchRequest("river", (indexed.index,))
    request = worker.request(RANK, query)
    assert isinstance(worker.outcome(request), Reply)
    worker.cancel(request)
    worker.cancel(987_654)
    worker.call(RANK, query)


def test_an_index_that_another_process_writes_is_locked(
    worker: WorkerProcess, scene: Path, tmp_path: Path
) -> None:
    index = tmp_path / "index.gpkg"
    holder = (
        "import sys; from pathlib import Path; from msa_model.index.lock import WriterLock;"
        "lock = WriterLock(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    command = (sys.executable, "-c", holder, str(index))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"held"
        assert worker.refusal(BUILD, scan_of(scene, index)).error.kind == "index_locked"
        other.communicate()
    summary_of(worker.outcome(worker.request(BUILD, scan_of(scene, index)), 120))


def test_a_worker_killed_in_mid_scan_loses_no_tile(large_scene: Path, tmp_path: Path) -> None:
    index = tmp_path / "large.gpkg"
    request = scan_of(large_scene, index, scales_m=(256.0,))
    with started_worker() as doomed:
        doomed.initialize()
        doomed.ready()
        build = doomed.request(BUILD, request)
        reported = doomed.wait_for_progress(build, done=20).done
        doomed.process.kill()
        assert doomed.exit_code() == -signal.SIGKILL
    kept = stored_tiles(index)
    assert kept >= reported
    with started_worker() as heir:
        heir.initialize()
        heir.ready()
        summary = summary_of(heir.outcome(heir.request(BUILD, request), 300))
    assert summary.reused == kept
    assert summary.encoded == summary.tiles - kept
    assert stored_tiles(index) == summary.tiles
    with sqlite3.connect(index) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_stream_that_ends_in_mid_scan_ends_the_worker_and_keeps_the_tiles(
    own_worker: WorkerProcess, large_scene: Path, tmp_path: Path
) -> None:
    index = tmp_path / "large.gpkg"
    build = own_worker.request(BUILD, scan_of(large_scene, index))
    reported = own_worker.wait_for_progress(build).done
    own_worker.close_stdin()
    assert own_worker.exit_code() == 0
    assert stored_tiles(index) >= reported
    assert not index.with_name(f"{index.name}.msa-lock").exists()


def test_a_shutdown_in_mid_scan_cancels_it_and_is_answered(
    own_worker: WorkerProcess, indexed: ScanSummary, large_scene: Path, tmp_path: Path
) -> None:
    build = own_worker.request(BUILD, scan_of(large_scene, tmp_path / "large.gpkg"))
    own_worker.wait_for_progress(build)
    waiting = own_worker.request(BUILD, scan_of(large_scene, tmp_path / "other.gpkg"))
    own_worker.call(SHUTDOWN)
    assert own_worker.exit_code() == 0
    for request in (build, waiting):
        outcome = own_worker.outcome(request)
        assert isinstance(outcome, Failure)
        assert outcome.error.kind == "cancelled"


def test_a_malformed_frame_in_mid_scan_ends_the_worker_by_its_code(
    own_worker: WorkerProcess, large_scene: Path, tmp_path: Path
) -> None:
    build = own_worker.request(BUILD, scan_of(large_scene, tmp_path / "large.gpkg"))
    own_worker.wait_for_progress(build)
    own_worker.send_bytes(b"no header at all\r\n\r\n")
    assert own_worker.exit_code() == 76
    assert "stream from QGIS is broken" in own_worker.log()


def test_a_job_that_is_stuck_when_the_stream_ends_is_left_behind(
    own_worker: WorkerProcess,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as never_answers:
        address = f"http://127.0.0.1:{never_answers.getsockname()[1]}/scene.tif"
        own_worker.request(DESCRIBE, DescribeRequest(RasterRef(address), "", (EAST + 100, NORTH - 100)))
        asked, _ = never_answers.accept()
        began = time.monotonic()
        own_worker.close_stdin()
        assert own_worker.exit_code() == 70
        asked.close()
    assert time.monotonic() - began > 2.5
    assert "did not stop" in own_worker.log()
