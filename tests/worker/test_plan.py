"""What a plan costs itself."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from msa_model.jobs.plan import planning
from msa_model.jobs.scan import scan
from msa_model.jobs.steps import outcome
from msa_model.model.encoder import Encoder
from msa_model.protocol.codec import from_wire
from msa_model.protocol.messages import RasterRef, ScanPlan, ScanRequest, ScanSummary, SearchRequest
from msa_model.protocol.rpc import BUILD, PLAN, RANK, Failure
from tests.worker.client import WorkerProcess
from tests.worker.conftest import scan_of


def test_the_rate_is_measured_only_where_there_is_something_to_encode(
    scene: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = Encoder.load(threads=1)
    request = scan_of(scene, tmp_path / "scene.gpkg")
    assert outcome(planning(encoder, request, None)).seconds > 0
    list(scan(encoder, request, None))

    def refuse() -> float:
        raise AssertionError("the rate was measured")

    monkeypatch.setattr(encoder, "tiles_per_second", refuse)
    assert outcome(planning(encoder, request, None)).seconds == 0


def test_a_plan_is_made_while_a_scan_goes_on(
    worker: WorkerProcess, scene: Path, large_scene: Path, tmp_path: Path
) -> None:
    build = worker.request(BUILD, scan_of(large_scene, tmp_path / "large.gpkg"))
    worker.wait_for_progress(build)
    plan = from_wire(ScanPlan, worker.call(PLAN, scan_of(scene, tmp_path / "scene.gpkg")).result)
    assert plan.missing == plan.tiles > 0
    so_far = worker.progress(build)[-1]
    assert so_far.done < so_far.total
    worker.cancel(build)
    assert isinstance(worker.outcome(build), Failure)


def test_looking_at_a_slow_raster_is_cancelled_at_once_and_holds_up_nobody(
    worker: WorkerProcess, indexed: ScanSummary, tmp_path: Path
) -> None:
    with slow_server() as url:
        plan = worker.request(
            PLAN, ScanRequest(RasterRef(f"/vsicurl/{url}"), index=str(tmp_path / "slow.gpkg"))
        )
        worker.wait_for_progress(plan, done=0)
        worker.call(RANK, SearchRequest("river", (indexed.index,)))
        worker.cancel(plan)
        assert isinstance(worker.outcome(plan), Failure)


@contextmanager
def slow_server() -> Iterator[str]:
    """An address that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/slow.tif"
