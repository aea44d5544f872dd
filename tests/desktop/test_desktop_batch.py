"""A batch scan whose QGIS is killed, and then its worker: nothing that was scanned is scanned again."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desktop.batch import (
    job_line,
    progress,
    results,
    tick_rasters,
    tiles_indexed,
    type_output,
    type_queries,
)
from tests.desktop.dock import READY_S, show_dock, text_of, worker_is_ready
from tests.desktop.session import Desktop, State

pytestmark = pytest.mark.desktop
QUERIES = ["a bridge over a river", "houses along streets"]
SCAN_S = 300.0
ORPHAN_S = 20.0


def worker_pid(desktop: Desktop) -> int:
    """The worker's process id, or 0 while there is none."""
    children = Path(f"/proc/{desktop.pid}/task/{desktop.pid}/children").read_text().split()
    workers = [int(pid) for pid in children if b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return workers[0] if workers else 0


def wait_for_the_end_of(pid: int) -> None:
    """A worker whose QGIS has gone finishes the tiles it is at, and ends."""
    until = time.monotonic() + ORPHAN_S
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < until, "the worker outlives its QGIS"
        time.sleep(0.1)


def has_done(state: State, share: float) -> bool:
    done, total = progress(state)
    return "· running ·" in job_line(state) and total > 0 and done >= share * total


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("results") / "watch.gpkg"


@pytest.fixture(scope="module")
def desktop(airfield: Path, town: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desktop]:
    with Desktop(tmp_path_factory.mktemp("batch") / "desktop", [airfield, town]) as desktop:
        yield desktop


def test_a_batch_goes_on_after_qgis_was_killed_and_after_its_worker_was_killed(
    desktop: Desktop, airfield: Path, town: Path, out: Path, screenshots: Path
) -> None:
    start(desktop, out)
    desktop.wait(lambda s: has_done(s, 0.2), "a fifth is scanned", SCAN_S)
    desktop.shot(screenshots / "batch-1-running.png")
    total = progress(desktop.state())[1]
    orphan = worker_pid(desktop)
    desktop.kill()
    wait_for_the_end_of(orphan)
    kept = tiles_indexed(airfield) + tiles_indexed(town)
    print(f"\nQGIS killed: {kept} of {total} tiles are in the indexes")
    assert 0 < kept < total

    state = desktop.start_again()
    state = desktop.wait(lambda s: text_of(s, "msaBatchOfferResume"), "QGIS offers to resume")
    assert any("interrupted" in message for message in state["messages"])
    desktop.shot(screenshots / "batch-2-offered-after-a-crash.png")
    desktop.click_widget("msaBatchOfferResume")
    state = desktop.wait(lambda s: has_done(s, 0.2), "the scan goes on", SCAN_S)
    left = progress(state)[1]
    print(f"QGIS started again: {left} of {total} tiles are left to scan")
    assert left == total - kept

    first = worker_pid(desktop)
    os.kill(first, signal.SIGKILL)
    desktop.wait(
        lambda s: worker_is_ready(s) and worker_pid(desktop) not in (0, first), "another worker", READY_S
    )
    state = desktop.wait(lambda s: "done" in job_line(s), "the batch is done", SCAN_S)
    after = tiles_indexed(airfield) + tiles_indexed(town)
    print(f"The worker killed and the batch finished: {after} of {total} tiles are in the indexes")
    assert after == total
    assert set(results(out)) == {(query, raster.name) for query in QUERIES for raster in (airfield, town)}
    assert out.with_suffix(".html").stat().st_size > 0
    assert "Traceback" not in desktop.output


def test_its_hits_are_on_the_map_by_query_and_raster(
    desktop: Desktop, airfield: Path, town: Path, out: Path, screenshots: Path
) -> None:
    found = {pair: hits for pair, hits in results(out).items() if hits}
    state = desktop.wait(
        lambda s: len([layer for layer in s["layers"] if layer["group"] in QUERIES]) == len(found),
        "every query has a layer per raster",
    )
    layers = [layer for layer in state["layers"] if layer["group"] in QUERIES]
    shown = {(layer["group"], layer["name"].rpartition(" (")[0] + ".tif"): layer for layer in layers}
    assert {pair: len(layer["features"]) for pair, layer in shown.items()} == found
    desktop.shot(screenshots / "batch-3-results.png")


def start(desktop: Desktop, out: Path) -> None:
    show_dock(desktop)
    desktop.wait(worker_is_ready, "the worker is ready", READY_S)
    tick_rasters(desktop)
    type_queries(desktop, QUERIES)
    type_output(desktop, out)
    desktop.click_widget("msaBatchStart")
    desktop.wait(lambda s: job_line(s).startswith("watch · "), "the job is listed")
