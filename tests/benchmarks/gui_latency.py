"""From a typed query to the first hit on list and map, over an index of 100,000 tiles, with a real worker.

    .venv/qgis/bin/python -m tests.benchmarks.gui_latency

The query is new each time, so its text is encoded; 10,000 hits travel; the verdict follows.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QEventLoop

from msa_model.protocol.messages import ScanPlan
from qgis_msa_plugin.dock.search_dock import SearchDock
from qgis_msa_plugin.gis.marks import is_result_layer
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.question import Question
from qgis_msa_plugin.session import Session
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.state import WorkerState
from tests.benchmarks.gui_pause import ROOT, Pulse, qgis, run_until
from tests.present import present
from tests.qgis.dock.desk import Desk

QUERIES = ("blue metal roofs", "a car park", "boats in a harbour", "a round tank", "bare soil", "a lawn")
WORKER = ROOT / ".venv" / "worker" / "bin"


def ask(controller: SearchController, question: Question, plan: ScanPlan) -> float:
    """Milliseconds until results are in the state and the first of them on the map."""
    loop = QEventLoop()
    controller.state.results_changed.connect(loop.quit)
    started = time.perf_counter()
    controller._scanning.ask(question, [plan])
    loop.exec()
    took = 1e3 * (time.perf_counter() - started)
    print(f"{took:6.0f} ms  {present(controller.state.results).table.reply.timings}")
    controller.state.results_changed.disconnect(loop.quit)
    layers = [layer for layer in QgsProject.instance().mapLayers().values() if is_result_layer(layer)]
    if not any(layer.name().startswith(question.text) and layer.featureCount() for layer in layers):
        sys.exit("Nothing is on the map.")
    return took


def measure(folder: Path) -> None:
    """Ask each query once, after one that warms up."""
    command = [str(WORKER / "python"), "-m", "tests.benchmarks.large_index", str(folder)]
    index = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
    desk = Desk()
    settings = Settings(worker_command=f'"{WORKER / "msa"}" worker')
    client = WorkerClient(lambda: settings)
    session = Session(client, lambda: settings)
    controller, dock = session.search, SearchDock(session, desk)
    QgsProject.instance().addMapLayer(QgsRasterLayer(str(folder / "large.tif"), "large"))
    desk.add(dock)
    client.start()
    run_until(lambda: client.state is WorkerState.READY, 120)
    run_until(lambda: bool(controller.state.layers), 10)
    plan = ScanPlan(index, 100_000, 0, 0.0, 0, 0.5, ())
    pulse, times, verdicts = Pulse(), [], []
    for number, text in enumerate(("warming up", *QUERIES)):
        question = Question(text, layers=controller._flow.targets())
        took = ask(controller, question, plan)
        started = time.perf_counter()
        run_until(lambda: controller.state.verdict is not None, 60)
        judged = 1e3 * (time.perf_counter() - started)
        _rest()
        if number:
            times.append(took)
            verdicts.append(judged)
        else:
            pulse.report("warming up")
    times.sort()
    verdicts.sort()
    print(f"query to first hit: median {times[len(times) // 2]:.0f} ms, slowest {times[-1]:.0f} ms")
    print(f"verdict after that: median {verdicts[len(verdicts) // 2]:.0f} ms, slowest {verdicts[-1]:.0f} ms")
    pulse.report("queries")
    dock.release()
    session.release()
    client.stop()
    desk.close()


def _rest() -> None:
    """The pictures of the rows come after the hits; whoever types the next query has let them."""
    until = time.perf_counter() + 1.5
    run_until(lambda: time.perf_counter() > until, 60)


def main() -> None:
    """Measure in a QGIS with settings of its own."""
    with tempfile.TemporaryDirectory() as folder, qgis():
        measure(Path(folder))


if __name__ == "__main__":
    main()
