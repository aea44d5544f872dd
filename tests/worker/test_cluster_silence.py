"""A scheduler that falls silent in the middle of a job: named within a bound, nothing lost, gone on with."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from msa_model.cluster.connection import Cluster, connected
from msa_model.cluster.jobs import index_rasters, search_on
from msa_model.cluster.tasks import Expected
from msa_model.index.store import TileIndex
from msa_model.jobs.engine import Engine
from msa_model.jobs.steps import outcome
from msa_model.model.encoder import Encoder
from msa_model.protocol.messages import RasterRef, ScanRequest, ScanSummary, SearchRequest
from tests.refusals import raises_kind
from tests.worker.conftest import write_scene
from tests.worker.machines import Machines

pytest.importorskip("distributed", reason="Dask is not installed")
pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no way to stop a process here")
BOUND_S = 4  # of silence, once the scheduler is stopped
SILENT = f"has said nothing for {BOUND_S} s"


@contextmanager
def stopping(machines: Machines) -> Iterator[Callable[[], None]]:
    """What stops the scheduler; it goes on afterwards.

    Silence is short once it is stopped, and no earlier: a busy machine keeps one waiting for long.
    """

    def stop() -> None:
        patch.setattr("msa_model.cluster.connection._SILENT_SECONDS", BOUND_S)
        machines.processes[0].send_signal(signal.SIGSTOP)

    with pytest.MonkeyPatch.context() as patch:
        try:
            yield stop
        finally:
            machines.processes[0].send_signal(signal.SIGCONT)


def indexed(cluster: Cluster, encoder: Encoder, request: ScanRequest) -> ScanSummary:
    (summary,) = outcome(index_rasters(cluster, encoder, [request], None))
    assert isinstance(summary, ScanSummary)
    return summary


def test_a_scan_names_it_keeps_its_tiles_and_goes_on(
    machines: Machines, encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("msa_model.cluster.jobs._MOST_TILES", 16)  # not all at once
    raster, index = write_scene(tmp_path / "scene.tif", 1280), tmp_path / "scene.gpkg"
    request, expected = ScanRequest(RasterRef(str(raster)), index=str(index)), Expected.of(encoder, None)
    stored = 0
    with (
        stopping(machines) as stop,
        raises_kind("scheduler_unreachable", match=SILENT),
        connected(machines.address, expected) as cluster,
    ):
        for _, progress in index_rasters(cluster, encoder, [request], None):
            if progress.done and not stored:
                stop()
            stored = progress.done
    with TileIndex.open_for_reading(index) as kept:
        assert len(kept.load().keys) == stored
    with connected(machines.address, expected) as cluster:
        summary = indexed(cluster, encoder, request)
    assert 0 < stored == summary.reused < summary.tiles == summary.reused + summary.encoded


def test_a_search_and_a_command_to_all_machines_name_it(
    machines: Machines, encoder: Encoder, tmp_path: Path
) -> None:
    raster, index = write_scene(tmp_path / "scene.tif", 512), str(tmp_path / "scene.gpkg")
    expected, engine = Expected.of(encoder, None), Engine(encoder)
    with connected(machines.address, expected) as cluster:
        indexed(cluster, encoder, ScanRequest(RasterRef(str(raster)), index=index))
    for ask in (
        lambda cluster: search_on(cluster, engine.questions, SearchRequest("a river", (index,))),
        lambda cluster: cluster.check_seen([str(raster)]),
    ):
        with (
            stopping(machines) as stop,
            raises_kind("scheduler_unreachable", match=SILENT),
            connected(machines.address, expected) as cluster,
        ):
            stop()
            ask(cluster)
