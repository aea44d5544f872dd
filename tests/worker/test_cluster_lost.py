"""A command and a machine that are killed in the middle of a scan on a cluster: the index goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from msa_model.cluster.jobs import _LEAST_TILES
from msa_model.index.store import TileIndex
from msa_model.protocol.errors import IndexMissing
from tests.worker.machines import Machines, running
from tests.worker.test_cluster import check_same

pytest.importorskip("distributed", reason="Dask is not installed")

SECONDS = 300.0


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    with running(tmp_path, workers=0) as started:
        yield started


def command(raster: Path, index: Path, *options: str) -> list[str]:
    engine = ("--engine", "torch", "--threads", "1", "--json")
    return [
        sys.executable,
        "-m",
        "msa_model.cli.main",
        "index",
        str(raster),
        "--index",
        str(index),
        *engine,
        *options,
    ]


def stored(index: Path) -> int:
    """How many tiles anybody finds in it now."""
    try:
        with TileIndex.open_for_reading(index) as opened:
            return len(opened.load().keys)
    except IndexMissing:
        return 0


def test_killed_in_mid_scan_command_and_machine_leave_what_is_stored_and_the_rest_is_done(
    machines: Machines, make_raster: Callable[..., Path], textured: Callable[..., Any], tmp_path: Path
) -> None:
    raster, index, alone = (
        make_raster(textured(2000, 1500)),
        tmp_path / "shared.gpkg",
        tmp_path / "alone.gpkg",
    )
    doomed = machines.start_worker()
    shared = command(raster, index, "--scheduler", machines.address)
    first = subprocess.Popen(shared, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)
    ends = time.monotonic() + SECONDS
    while stored(index) < _LEAST_TILES and time.monotonic() < ends:  # a part is stored batch by batch
        assert first.poll() is None
        time.sleep(0.05)
    doomed.send_signal(signal.SIGKILL)
    first.send_signal(signal.SIGKILL)
    first.wait()
    kept = stored(index)
    assert kept >= _LEAST_TILES
    machines.start_worker()
    done = subprocess.run(shared, check=True, capture_output=True, text=True)
    told = json.loads(done.stdout)
    assert told["reused"] == kept < told["tiles"]
    assert told["encoded"] == told["tiles"] - kept
    subprocess.run(command(raster, alone), check=True, capture_output=True)
    check_same(str(index), str(alone))
