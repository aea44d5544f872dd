"""A worker behind a program that runs it where a folder of this machine is empty, as on another machine."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from qgis_msa_plugin.search.state import ScanPhase, SearchState
from tests.qgis.conftest import REAL_WORKER

_PROGRAM = """#!/bin/sh
shift  # the host
exec unshare -rm sh -c 'mount -t tmpfs none "{hidden}" && exec "$@"' sh "$@"
"""


def worker_without(hidden: Path, program: Path) -> str:
    """The command of a worker that does not see what lies in the folder; the test is skipped without one."""
    program.write_text(_PROGRAM.format(hidden=hidden), encoding="utf-8")
    program.chmod(0o755)
    seen = subprocess.run([program, "box", "ls", hidden], capture_output=True, text=True, check=False)
    if seen.returncode:
        pytest.skip(f"no file system can be hidden here: {seen.stderr}")
    assert seen.stdout == ""
    return f'"{program}" gpu-box "{REAL_WORKER}" worker'


def found(state: SearchState) -> int:
    """How many tiles are found, once the scan has ended."""
    ended = state.phase is ScanPhase.IDLE and not state.searching
    return len(state.results.table) if ended and state.results is not None else 0
