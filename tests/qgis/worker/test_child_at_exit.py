"""Leaving QGIS with a worker running, in a QGIS process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.qgis.asking import process_is_gone
from tests.qgis.conftest import ROOT, odd_command

SCRIPT = """
import sys
from qgis.core import QgsApplication
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.state import WorkerState
app = QgsApplication([], False)
client = WorkerClient(lambda: Settings(worker_command=sys.argv[1]))
def leave(state):
    if state is WorkerState.READY:
        print(client.initialized.pid, flush=True)
        app.quit()
client.state_changed.connect(leave)
client.start()
app.exec()
client.stop()
"""


@pytest.mark.parametrize("mode", ["", "deaf"])
def test_the_worker_has_left_when_qgis_has_and_qt_has_nothing_to_complain_of(mode: str) -> None:
    command = [sys.executable, "-c", SCRIPT, odd_command(mode)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    assert process_is_gone(int(ended.stdout.split()[-1]))
    assert "QProcess" not in ended.stderr
