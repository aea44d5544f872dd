"""How long the toolbox takes to search an indexed raster: with the dock's worker, and with one of its own.

    .venv/qgis/bin/python -m tests.benchmarks.gui_processing RASTER

Wall time with what QGIS and the worker computed in it: on a busy machine the rest is the system's.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from qgis.core import QgsApplication, QgsProject, QgsRasterLayer

import qgis_msa_plugin
from qgis_msa_plugin.processing.provider import MsaSearchProvider
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.settings import Settings, keep_settings
from qgis_msa_plugin.worker.child import Child
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.state import WorkerState
from tests.benchmarks.gui_pause import ROOT, qgis, run_until
from tests.qgis.toolbox import run
from tests.qgis.window import Window

QUERIES = ("a car park", "a river", "houses with gardens", "a sports field", "green fields")
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_of(pid: int) -> float:
    """Seconds that a process has computed; Linux."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def searched(raster: QgsRasterLayer, query: str, computed: Callable[[], float]) -> None:
    """Search in the toolbox, as a script does, and print what it took."""
    wall, own, others = time.perf_counter(), time.process_time(), computed()
    found = run("searchtext", RASTER=raster, QUERY=query, OUTPUT="memory:")
    print(
        f"  {query:22} {found['COUNT']:4} tiles   {time.perf_counter() - wall:6.2f} s   "
        f"QGIS {time.process_time() - own:5.2f} s   worker {computed() - others:5.2f} s of processor"
    )


def measure(path: Path) -> None:
    """Index the raster, then search: first without the plugin in a window, then with its dock open."""
    keep_settings(Settings(worker_command=f'"{ROOT / ".venv/worker/bin/msa"}" worker'))
    raster = QgsRasterLayer(str(path), path.stem)
    QgsProject.instance().addMapLayer(raster)
    provider = MsaSearchProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    run("indexraster", RASTER=raster)
    print("a worker for each run, as in qgis_process:")
    searched(raster, QUERIES[0], lambda: os.times().children_user)
    QgsApplication.processingRegistry().removeProvider(provider)
    window = Window()
    window.window.show()
    plugin = qgis_msa_plugin.classFactory(window)
    plugin.initGui()
    run_until(lambda: bool(window.menu.actions()), 30)
    window.menu.actions()[0].trigger()
    client = window.window.findChild(WorkerClient)
    state = window.window.findChild(SearchController).state
    run_until(lambda: client.state is WorkerState.READY and state.plan is not None, 120)
    pid = client.initialized.pid
    print(f"with the dock open ({state.plan.tiles} tiles):")
    for query in QUERIES:
        searched(raster, query, lambda: cpu_of(pid))
    assert client.initialized.pid == pid
    plugin.unload()
    run_until(lambda: not QgsApplication.instance().findChildren(Child), 10)
    window.close()


if __name__ == "__main__":
    with qgis():
        measure(Path(sys.argv[1]))
