"""How smoothly ten thousand hits scroll, and how soon the dock is open: processor time of QGIS's thread."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from tests.benchmarks.conftest import Figures
from tests.benchmarks.sizes import sized
from tools.desktop import FOREIGN
from tools.staging import ROOT

PYTHON = ROOT / ".venv" / "qgis" / "bin" / "python"
LEAST_FRAMES, LONGEST_PAUSE_MS, OPEN_MS = 30.0, 50.0, 100.0


@pytest.mark.skipif(not PYTHON.exists(), reason="there is no QGIS environment: make setup")
def test_ten_thousand_hits_scroll_and_the_dock_opens(figures: Figures) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    command = [str(PYTHON), "-m", "tests.benchmarks.gui_gallery", str(sized(120, 3))]
    told = subprocess.run(
        command,
        cwd=ROOT,
        env=environment | {"QT_QPA_PLATFORM": "offscreen"},
        check=True,
        capture_output=True,
        text=True,
    )
    took = json.loads(told.stdout)
    for name in ("gallery", "list"):
        frames = 1e3 / took[f"{name} frame, ms"]
        figures.above(f"frames a second of 10,000 hits, {name}", frames, "frames/s", LEAST_FRAMES)
        slowest = took[f"{name} slowest frame, ms"]
        figures.below(f"slowest frame of 10,000 hits, {name}", slowest, "ms", LONGEST_PAUSE_MS)
    figures.below("opening the dock", took["dock opened, ms"], "ms", OPEN_MS)
    figures.below("10,000 hits to list and map", took["answer, ms"], "ms", LONGEST_PAUSE_MS)
    figures.below("their verdict to list and map", took["verdict, ms"], "ms", LONGEST_PAUSE_MS)
