"""Jobs in a queue whose QGIS may go down at any time; the worker's answers come from the test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from qgis.core import QgsRasterLayer

from msa_model.protocol.batch import BatchRequest
from msa_model.protocol.errors import (
    BadArgument,
    Cancelled,
    DiskFull,
    FileNotOurs,
    RasterMissing,
    WorkerDied,
    WorkerMissing,
)
from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.messages import RasterRef
from msa_model.protocol.rpc import BATCH
from qgis_msa_plugin.batch.job import BatchJob, JobFiles, JobState
from qgis_msa_plugin.batch.queue import BatchQueue
from qgis_msa_plugin.worker.state import WorkerState
from tests.present import present
from tests.qgis.batch.batch_requests import as_kept, progress, request, summary
from tests.qgis.batch.conftest import MakeQueue
from tests.qgis.dock.desk import Client

ROOT = Path(__file__).resolve().parents[3]
HOLDER = """
import sys, time
from dataclasses import replace
from qgis.PyQt.QtCore import QCoreApplication
from pathlib import Path
application = QCoreApplication([])
from qgis_msa_plugin.batch.queue import BatchQueue
from tests.qgis.batch.batch_requests import request
from tests.qgis.dock.desk import Client
queue = BatchQueue(Client(), Path(sys.argv[1]))
queue.add("of the other QGIS", replace(request(), out=sys.argv[2]))
print("held", flush=True)
time.sleep(60)
"""


def states(queue: BatchQueue) -> list[JobState]:
    return [job.state for job in queue.jobs]


def advance(client: Client, done: int) -> None:
    report = client.waiting(BATCH)[0].progress
    assert report is not None
    report(progress(done))


def on_disk(jobs_folder: Path) -> list[BatchJob]:
    return list(JobFiles(jobs_folder).all())


def test_one_job_runs_and_the_next_waits_for_its_end(
    queue: BatchQueue, client: Client, jobs_folder: Path
) -> None:
    queue.add("first", request("a"))
    queue.add("second", request("b"))
    assert states(queue) == [JobState.RUNNING, JobState.WAITING]
    assert [job.state for job in on_disk(jobs_folder)] == states(queue)
    assert [as_kept(asked.params) for asked in client.waiting(BATCH)] == [request("a")]
    client.answer(BATCH, summary())
    assert states(queue) == [JobState.DONE, JobState.RUNNING]
    assert as_kept(client.waiting(BATCH)[0].params) == request("b")


def test_a_finished_job_keeps_its_summary(queue: BatchQueue, client: Client, jobs_folder: Path) -> None:
    ended: list[BatchJob] = []
    queue.finished.connect(ended.append)
    queue.add("first", request())
    client.answer(BATCH, summary())
    assert ended == on_disk(jobs_folder)
    assert ended[0].summary == summary()


def test_pausing_cancels_and_the_same_request_goes_on(queue: BatchQueue, client: Client) -> None:
    job = queue.add("first", request())
    advance(client, 30)
    queue.pause(job.id)
    assert states(queue) == [JobState.PAUSING]
    assert client.cancelled == [client.waiting(BATCH)[0].id]
    client.refuse(BATCH, Cancelled("Cancelled."))
    assert states(queue) == [JobState.PAUSED]
    queue.resume(job.id)
    assert states(queue) == [JobState.RUNNING]
    assert as_kept(client.waiting(BATCH)[0].params) == request()
    assert queue.jobs[0].progress is None, "the worker counts anew what is left"


def test_a_job_that_ends_while_it_is_being_paused_is_done(queue: BatchQueue, client: Client) -> None:
    job = queue.add("first", request())
    queue.pause(job.id)
    client.answer(BATCH, summary())
    assert states(queue) == [JobState.DONE]


def test_a_waiting_job_is_paused_and_passed_over(queue: BatchQueue, client: Client) -> None:
    queue.add("first", request("a"))
    second = queue.add("second", request("b"))
    queue.pause(second.id)
    client.answer(BATCH, summary())
    assert states(queue) == [JobState.DONE, JobState.PAUSED]
    assert client.waiting(BATCH) == []


def test_a_job_goes_on_by_itself_when_the_worker_was_started_again(queue: BatchQueue, client: Client) -> None:
    queue.add("first", request())
    client.state = WorkerState.STARTING
    client.refuse(BATCH, WorkerDied("The worker crashed."))
    assert states(queue) == [JobState.RUNNING]
    assert len(client.waiting(BATCH)) == 1


@pytest.mark.parametrize("error", [WorkerDied("The worker crashed again."), WorkerMissing("None.")])
def test_without_a_worker_every_job_is_paused_with_the_reason(
    queue: BatchQueue, client: Client, error: WorkerDied | WorkerMissing
) -> None:
    failed: list[BatchJob] = []
    queue.failed.connect(failed.append)
    queue.add("first", request("a"))
    queue.add("second", request("b"))
    client.state = WorkerState.FAILED
    client.refuse(BATCH, error)
    assert states(queue) == [JobState.PAUSED, JobState.PAUSED]
    assert [job.error for job in failed] == [error]
    assert client.waiting(BATCH) == []


def test_a_job_that_fails_stops_no_other_and_can_be_tried_again(queue: BatchQueue, client: Client) -> None:
    first = queue.add("first", request("a"))
    queue.add("second", request("b"))
    client.refuse(BATCH, DiskFull("No room."))
    assert states(queue) == [JobState.FAILED, JobState.RUNNING]
    queue.resume(first.id)
    assert states(queue) == [JobState.WAITING, JobState.RUNNING]


def test_a_running_job_is_removed_once_the_worker_has_let_it_go(
    queue: BatchQueue, client: Client, jobs_folder: Path
) -> None:
    job = queue.add("first", request())
    queue.remove(job.id)
    assert len(on_disk(jobs_folder)) == 1
    client.refuse(BATCH, Cancelled("Cancelled."))
    assert queue.jobs == ()
    assert on_disk(jobs_folder) == []


def test_two_jobs_do_not_write_to_one_file(queue: BatchQueue, client: Client) -> None:
    queue.add("first", request())
    with pytest.raises(BadArgument, match="first"):
        queue.add("second", request())
    client.answer(BATCH, summary())
    queue.add("second", request())


def test_a_worker_on_another_machine_is_not_sent_paths_that_mean_nothing_there(
    queue: BatchQueue, client: Client
) -> None:
    client.shares_files = False
    with pytest.raises(BadArgument, match="another machine"):
        queue.add("first", request())
    assert queue.jobs == ()


@pytest.fixture
def far(scene: QgsRasterLayer, tmp_path: Path) -> BatchRequest:
    """A batch over a layer of the project."""
    out = str(tmp_path / "found.gpkg")
    return replace(request(), rasters=(RasterRef(scene.source()),), out=out)


def test_what_a_worker_elsewhere_sends_replaces_no_file(
    queue: BatchQueue, client: Client, far: BatchRequest
) -> None:
    client.shares_files = False
    job = queue.add("far away", far)
    (asked,) = client.waiting(BATCH)
    assert asked.params.sent
    assert [type(raster) for raster in asked.params.rasters] == [DrawnLayer]
    out = Path(far.out)
    out.write_bytes(b"the user's")
    sent = replace(summary(), results_bytes=4)
    client.answer(BATCH, sent, b"hits")
    assert out.read_bytes() == b"the user's"
    assert (states(queue), present(present(queue.job(job.id)).error).kind) == (
        [JobState.FAILED],
        "file_not_ours",
    )
    out.unlink()
    queue.resume(job.id)
    client.answer(BATCH, sent, b"hits")
    assert (states(queue), out.read_bytes()) == ([JobState.DONE], b"hits")
    with pytest.raises(FileNotOurs, match="of their own"):
        queue.add("again", far)


def test_a_worker_that_turns_out_to_be_elsewhere_is_asked_again_without_paths(
    queue: BatchQueue, client: Client, far: BatchRequest
) -> None:
    queue.add("first", far)
    assert not client.waiting(BATCH)[0].params.sent
    client.shares_files = False
    client.refuse(BATCH, RasterMissing("The worker does not see it."))
    assert client.waiting(BATCH)[0].params.sent
    client.refuse(BATCH, RasterMissing("Nor this one."))
    assert states(queue) == [JobState.FAILED]


def test_only_what_the_worker_does_not_see_is_asked_again_without_paths(
    queue: BatchQueue, client: Client, far: BatchRequest
) -> None:
    queue.add("first", far)
    client.shares_files = False  # another call has found that out
    client.refuse(BATCH, DiskFull("No room."))
    assert (states(queue), client.waiting(BATCH)) == ([JobState.FAILED], [])


def test_what_was_begun_by_paths_goes_on_by_paths(
    queue: BatchQueue, client: Client, far: BatchRequest
) -> None:
    job = queue.add("first", far)
    queue.pause(job.id)
    client.refuse(BATCH, Cancelled("Cancelled."))
    Path(far.out).touch()
    client.shares_files = False
    queue.resume(job.id)
    assert not client.waiting(BATCH)[0].params.sent
    assert far.out in client.waiting(BATCH)[0].params.here


def test_results_that_are_not_here_are_sent_without_reading_the_rasters_otherwise(
    queue: BatchQueue, client: Client, far: BatchRequest
) -> None:
    queue.add("first", far)
    (asked,) = client.waiting(BATCH)
    client.open.remove(asked)
    asked.done(summary(), b"")  # and wrote nothing that is seen here
    (again,) = client.waiting(BATCH)
    assert (again.params.sent, again.params.rasters) == (True, asked.params.rasters)
    client.answer(BATCH, replace(summary(), results_bytes=4), b"hits")
    assert (states(queue), Path(far.out).read_bytes()) == ([JobState.DONE], b"hits")


def test_a_report_that_is_not_here_is_told(queue: BatchQueue, client: Client, far: BatchRequest) -> None:
    job = queue.add("first", replace(far, report=str(Path(far.out).with_suffix(".html"))))
    (asked,) = client.waiting(BATCH)
    client.open.remove(asked)
    Path(far.out).touch()
    asked.done(summary(), b"")
    failed = present(queue.job(job.id))
    assert (failed.state, present(failed.error).kind) == (JobState.FAILED, "folder_read_only")


def test_rasters_that_a_watch_list_names_must_be_seen_too(
    queue: BatchQueue, client: Client, far: BatchRequest, tmp_path: Path
) -> None:
    raster = far.rasters[0].address
    listed = tmp_path / "list.csv"
    listed.write_text(f"query,before,after\nappeared: houses,{raster},{raster}\n", encoding="utf-8")
    job = queue.add("first", replace(far, rasters=(), queries=(), watch_list=str(listed)))
    assert raster in client.waiting(BATCH)[0].params.here
    client.shares_files = False
    client.refuse(BATCH, RasterMissing("The worker does not see it."))
    failed = present(queue.job(job.id))
    assert (failed.state, present(failed.error).kind) == (JobState.FAILED, "bad_argument")
    assert raster in present(failed.error).sentence


def test_progress_is_told_at_once_and_kept(queue: BatchQueue, client: Client, jobs_folder: Path) -> None:
    told: list[BatchJob] = []
    queue.advanced.connect(told.append)
    queue.add("first", request())
    asked = client.waiting(BATCH)[0]
    assert asked.progress is not None
    asked.progress(progress(30))
    queue.release()
    assert told[0].progress == progress(30)
    assert on_disk(jobs_folder)[0].progress == progress(30)


def test_what_ran_when_qgis_ended_is_offered_and_resumed_by_the_next(
    make_queue: MakeQueue, client: Client, jobs_folder: Path
) -> None:
    before = make_queue()
    before.add("first", request("a"))
    before.add("second", request("b"))
    before.release()
    client.open.clear()
    after = make_queue()
    assert [(job.name, job.state) for job in after.interrupted] == [
        ("first", JobState.PAUSED),
        ("second", JobState.PAUSED),
    ]
    assert client.waiting(BATCH) == [], "nothing starts unasked"
    after.resume(after.interrupted[0].id)
    assert as_kept(client.waiting(BATCH)[0].params) == request("a")
    assert [job.name for job in after.interrupted] == ["second"]


@pytest.fixture
def other_qgis(jobs_folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process of the same profile that runs a job."""
    command = [sys.executable, "-c", HOLDER, str(jobs_folder), request().out]
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "held"
        yield other
        other.kill()


def test_a_job_of_another_qgis_is_seen_but_left_alone_until_that_one_is_killed(
    other_qgis: subprocess.Popen[str], queue: BatchQueue, client: Client
) -> None:
    job = queue.jobs[0]
    assert (job.state, job.elsewhere) == (JobState.RUNNING, True)
    for verb in (queue.resume, queue.pause, queue.remove):
        verb(job.id)
    assert queue.jobs == (job,)
    with pytest.raises(BadArgument, match="of the other QGIS"):
        queue.add("second start", request())
    other_qgis.send_signal(signal.SIGKILL)
    other_qgis.wait()
    queue.look()
    assert [job.name for job in queue.interrupted] == ["of the other QGIS"]
    queue.resume(job.id)
    assert as_kept(client.waiting(BATCH)[0].params) == request()
