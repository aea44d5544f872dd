"""A batch for a peer that shares no files, or not all: the results are the answer's attachment."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyogrio

from msa_model.protocol.batch import BatchRequest, BatchSummary, WatchedQuery
from msa_model.protocol.codec import from_wire
from msa_model.protocol.messages import RasterRef
from msa_model.protocol.rpc import BATCH, BATCH_PLAN
from tests.worker.client import WorkerProcess
from tests.worker.conftest import write_scene


def test_results_are_sent_to_a_peer_that_writes_them_itself(worker: WorkerProcess, tmp_path: Path) -> None:
    raster = RasterRef(str(write_scene(tmp_path / "scene.tif", 512)))
    out, report = "C:\\scans\\hits.gpkg", "C:\\scans\\hits.html"
    request = BatchRequest((raster,), out, (WatchedQuery("green fields"),), report=report, sent=True)
    reply = worker.call(BATCH, request, seconds=120)
    summary = from_wire(BatchSummary, reply.result)
    assert (summary.out, summary.report) == (out, report)
    assert reply.attachment[summary.results_bytes :].startswith(b"<!DOCTYPE html>")
    results = tmp_path / "sent.gpkg"
    results.write_bytes(reply.attachment[: summary.results_bytes])
    assert len(pyogrio.raw.read(results, layer="hits")[2]) == summary.hits > 0
    again = from_wire(BatchSummary, worker.call(BATCH, request, seconds=120).result)
    assert (again.rasters[0].encoded, again.hits) == (0, summary.hits)


def test_a_batch_of_what_only_the_client_sees_is_refused_and_writes_nothing(
    worker: WorkerProcess, tmp_path: Path
) -> None:
    raster, nowhere = str(write_scene(tmp_path / "scene.tif", 512)), str(tmp_path / "nowhere")
    request = BatchRequest((RasterRef(raster),), str(tmp_path / "hits.gpkg"), (WatchedQuery("green fields"),))
    unseen = replace(request, here=(raster, nowhere))
    error = worker.refusal(BATCH, unseen).error
    assert (error.kind, error.sentence) == ("raster_missing", f"The worker does not see {nowhere}.")
    assert worker.refusal(BATCH_PLAN, unseen).error.kind == "raster_missing"
    assert not Path(request.out).exists()
    seen = worker.call(BATCH, replace(request, here=(raster,)), seconds=120)
    assert from_wire(BatchSummary, seen.result).hits > 0
