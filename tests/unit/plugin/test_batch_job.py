"""A batch job on disk, read by the QGIS that comes after the one that wrote it."""

from __future__ import annotations

import dataclasses
import json
import os
from datetime import datetime
from pathlib import Path

import pytest

from msa_model.protocol.batch import BatchRaster, BatchRequest, BatchSummary, WatchedQuery
from msa_model.protocol.errors import DiskFull, ProtocolError
from msa_model.protocol.messages import Aoi, Progress, RasterRef
from qgis_msa_plugin.batch.job import BatchJob, JobFiles, JobState, job_of, job_text, new_job

REQUEST = BatchRequest(
    (RasterRef("/data/täler/a.tif", (3, 2, 1)), RasterRef("/data/b.tif")),
    "/out/hits.gpkg",
    (WatchedQuery("a pond", "ponds", 0.5), WatchedQuery('"car park" + trees')),
    watch_list="/lists/w.csv",
    report="/out/hits.html",
    aoi=Aoi("POLYGON((0 0,1 0,1 1,0 0))", "EPSG:4326"),
)


ENDLESS = {"id": 1, "done": 1, "total": 2, "rate": float("inf"), "seconds_left": None}


def test_a_job_comes_back_from_its_text_as_it_was() -> None:
    summary = BatchSummary(
        "o", "r", (BatchRaster("a", "i", 9, 5, 4, 3, "raster_missing", "Gone."),), 2, 3, 1.5
    )
    job = dataclasses.replace(
        new_job("Ponds", REQUEST),
        state=JobState.DONE,
        progress=Progress(4, 5, 9, 1.5, None, "a.tif"),
        summary=summary,
    )
    assert job_of(job_text(job)) == job


def test_what_went_wrong_is_remembered_by_kind_and_sentence() -> None:
    job = job_of(job_text(new_job("Ponds", REQUEST).enter(JobState.FAILED, DiskFull("No room in /out."))))
    assert job.error is not None
    assert (job.error.kind, job.error.sentence) == ("disk_full", "No room in /out.")


@pytest.mark.parametrize("state", [JobState.WAITING, JobState.RUNNING, JobState.PAUSING])
def test_what_was_active_when_qgis_went_down_is_found_paused_and_interrupted(state: JobState) -> None:
    found = job_of(job_text(dataclasses.replace(new_job("Ponds", REQUEST), state=state))).taken_up()
    assert (found.state, found.interrupted) == (JobState.PAUSED, True)


@pytest.mark.parametrize("state", [JobState.PAUSED, JobState.DONE, JobState.FAILED])
def test_what_was_not_active_stays_as_it_was(state: JobState) -> None:
    job = new_job("Ponds", REQUEST).enter(state)
    assert job.taken_up() == job


def test_going_on_ends_the_interruption() -> None:
    assert not new_job("Ponds", REQUEST).taken_up().enter(JobState.WAITING).interrupted


@pytest.mark.parametrize(
    "change",
    [
        {"format": 99},
        {"state": "dancing"},
        {"request": {}},
        {"unheard_of": 1},
        {"name": 7},
        {"name": "\ud800"},
        {"progress": ENDLESS},
    ],
)
def test_a_file_of_another_making_is_refused(change: dict[str, object]) -> None:
    record = json.loads(job_text(new_job("Ponds", REQUEST))) | change
    with pytest.raises(ProtocolError):
        job_of(json.dumps(record))


def test_jobs_are_listed_by_age(tmp_path: Path) -> None:
    files = JobFiles(tmp_path / "jobs")
    assert files.all() == ()
    late, early = (
        new_job(name, REQUEST, datetime(2026, month, 1)) for name, month in (("late", 9), ("early", 2))
    )
    files.save(late)
    files.save(early)
    assert [job.name for job in files.all()] == ["early", "late"]
    files.remove(early.id)
    files.remove(early.id)
    assert [job.name for job in files.all()] == ["late"]


def test_a_damaged_file_is_named_once_left_alone_and_hides_no_other_job(tmp_path: Path) -> None:
    said: list[str] = []
    files = JobFiles(tmp_path, said.append)
    files.save(new_job("Ponds", REQUEST))
    damaged = tmp_path / "00000000.json"
    damaged.write_bytes(b'{"format": 1, "id"\xff')
    assert [[job.name for job in files.all()] for _ in range(2)] == [["Ponds"], ["Ponds"]]
    assert len(said) == 1
    assert "00000000.json" in said[0]
    assert damaged.exists()


@pytest.mark.parametrize("name", ["../../elsewhere", "20260101-000000-000000-abcdef", ""])
def test_a_job_that_names_another_file_than_its_own_is_left_alone(tmp_path: Path, name: str) -> None:
    said: list[str] = []
    files = JobFiles(tmp_path / "a" / "jobs", said.append)
    job = new_job("Ponds", REQUEST)
    files.save(job)
    record = json.loads(job_text(job)) | {"id": name}
    (file,) = files.folder.iterdir()
    file.write_text(json.dumps(record))
    before = file.read_bytes()
    assert files.all() == ()
    assert len(said) == 1
    files.remove(job.id)
    assert file.read_bytes() == before
    assert sorted(path.name for path in tmp_path.rglob("*.json")) == [file.name]


def test_what_lies_beside_a_job_under_any_name_stays(tmp_path: Path) -> None:
    files, job = JobFiles(tmp_path), new_job("Ponds", REQUEST)
    names = [f"{job.id}.{os.getpid()}.part", f"{job.id}.part", f"{job.id}.json.part"]
    for name in names:
        (tmp_path / name).write_text("mine")
    files.save(job)
    assert [(tmp_path / name).read_text() for name in names] == ["mine"] * 3
    assert len(list(tmp_path.iterdir())) == 4


def test_a_job_file_without_an_end_is_not_read(tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / "zero.json").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "deep.json").write_text("[" * 100_000)
    assert JobFiles(tmp_path, said.append).all() == ()
    assert len(said) == 3


def test_a_job_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, job = JobFiles(tmp_path), new_job("Ponds", REQUEST)
    files.save(job)

    def cut(_: BatchJob) -> str:
        raise OSError("the disk is full")

    monkeypatch.setattr("qgis_msa_plugin.batch.job.job_text", cut)
    with pytest.raises(OSError, match="full"):
        files.save(job.enter(JobState.DONE))
    assert files.load(job.id) == job


def test_a_job_on_disk_names_rasters_without_secrets() -> None:
    signed = RasterRef("/vsicurl/https://me:pw@host/a.tif?v=1&token=abc", (1,))
    job = new_job("Ponds", dataclasses.replace(REQUEST, rasters=(signed,)))
    assert job_of(job_text(job)).request.rasters == (RasterRef("/vsicurl/https://host/a.tif?v=1", (1,)),)
