"""How long the GUI thread stands still while a raster is scanned, and how long a repeated query takes.

    .venv/qgis/bin/python -m tests.benchmarks.gui_pause RASTER ["QUERY"]

A 5 ms timer runs in QGIS's GUI thread; a pause is what a tick comes late. `cpu` is what the GUI thread itself
computed in that time: on a busy machine a pause with little of it is the system's, not the plugin's.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis.core import QgsApplication, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QEventLoop, QSettings, QTimer

import qgis_msa_plugin
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.state import ScanPhase
from qgis_msa_plugin.settings import Settings, keep_settings
from qgis_msa_plugin.worker.child import Child
from tests.qgis.window import Window

ROOT = Path(__file__).resolve().parents[2]
TICK_MS = 5
LONG_MS = 50
REPEATS = 10


class Pulse:
    """Ticks of the GUI thread: for each how late it came and what was computed meanwhile (ms)."""

    def __init__(self) -> None:
        self.pauses: list[tuple[float, float]] = []
        self._at, self._cpu = time.perf_counter(), time.thread_time()
        self._timer = QTimer()
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now, cpu = time.perf_counter(), time.thread_time()
        self.pauses.append((1e3 * (now - self._at) - TICK_MS, 1e3 * (cpu - self._cpu)))
        self._at, self._cpu = now, cpu

    def report(self, title: str) -> None:
        """Print the figures so far and start again."""
        pauses, self.pauses = sorted(self.pauses), []
        longest, cpu = pauses[-1]
        usual = pauses[int(0.999 * (len(pauses) - 1))][0]
        print(
            f"{title:28} ticks {len(pauses):6}   longest pause {longest:6.1f} ms (cpu {cpu:5.1f})   "
            f"99.9 % {usual:6.1f} ms   over {LONG_MS} ms: {sum(wall > LONG_MS for wall, _ in pauses)}   "
            f"most cpu in one tick {max(busy for _, busy in pauses):5.1f} ms"
        )


def run_until(finished: Callable[[], bool], limit_s: float) -> None:
    """Let events be handled until `finished`."""
    loop, check, limit = QEventLoop(), QTimer(), QTimer()
    check.timeout.connect(lambda: loop.quit() if finished() else None)
    limit.timeout.connect(lambda: sys.exit(f"Not finished after {limit_s:.0f} s."))
    check.start(20)
    limit.start(int(1000 * limit_s))
    loop.exec()


@contextmanager
def qgis() -> Iterator[None]:
    """A QGIS with settings of its own."""
    with tempfile.TemporaryDirectory() as folder:
        app = QgsApplication([], True, folder)
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
        app.initQgis()
        yield
        app.exitQgis()


def measure(raster: Path, query: str) -> None:
    """Open the dock, scan the raster for the query, ask again."""
    keep_settings(Settings(worker_command=f'"{ROOT / ".venv/worker/bin/msa"}" worker'))
    QgsProject.instance().addMapLayer(QgsRasterLayer(str(raster), raster.stem))
    window = Window()
    window.window.show()
    pulse = Pulse()
    run_until(lambda: len(pulse.pauses) > 400, 60)
    pulse.report("before the plugin")
    plugin = qgis_msa_plugin.classFactory(window)
    plugin.initGui()
    run_until(lambda: bool(window.menu.actions()), 30)
    pulse.report("plugin loaded, modules too")
    started = time.perf_counter()
    window.menu.actions()[0].trigger()
    print(f"dock open in {1e3 * (time.perf_counter() - started):.0f} ms")
    controller = window.window.findChild(SearchController)
    state = controller.state
    run_until(lambda: state.plan is not None, 120)
    pulse.report("dock opened, cost planned")
    controller.search(query)
    scan(controller)
    pulse.report(f"scan of {state.plan.tiles} tiles")
    report_queries(controller, query)
    plugin.unload()
    run_until(lambda: not QgsApplication.instance().findChildren(Child), 10)
    window.close()


def scan(controller: SearchController) -> None:
    """Consent, and wait for scan and results."""
    state = controller.state

    def settled() -> bool:
        if state.phase is ScanPhase.CONSENT:
            controller.consent()
        return state.phase is ScanPhase.IDLE and not state.searching and state.results is not None

    run_until(settled, 3600)
    if state.notice is not None:
        print(f"notice: {state.notice.sentence}")


def report_queries(controller: SearchController, query: str) -> None:
    """Time a query on the finished index, from Enter to the filled layer."""
    state, times = controller.state, []
    for number in range(REPEATS):
        answers: list[object] = []
        state.results_changed.connect(answers.append)
        started = time.perf_counter()
        controller.search(f"{query} {number % 2}")
        loop = QEventLoop()
        state.results_changed.connect(loop.quit)
        loop.exec()
        times.append(1e3 * (time.perf_counter() - started))
        state.results_changed.disconnect(answers.append)
        state.results_changed.disconnect(loop.quit)
        run_until(lambda: not state.searching, 60)
    times.sort()
    print(
        f"query on the index: median {times[len(times) // 2]:.0f} ms, slowest {times[-1]:.0f} ms of {REPEATS}"
    )


def main() -> None:
    """Measure on a copy of the raster, so that its index is new."""
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder, qgis():
        raster = Path(shutil.copy2(sys.argv[1], folder))
        measure(raster, sys.argv[2] if len(sys.argv) > 2 else "blue metal roofs")


if __name__ == "__main__":
    main()
