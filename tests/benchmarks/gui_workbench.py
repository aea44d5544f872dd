"""How the dock bears ten thousand hits: opening, an answer, the slider, a project opened again.

    .venv/qgis/bin/python -m tests.benchmarks.gui_workbench

No worker is asked: its answers are made here, so that only QGIS's own thread is measured.
"""

from __future__ import annotations

import dataclasses
import random
import tempfile
import time
from array import array
from collections.abc import Callable
from functools import partial
from pathlib import Path

from qgis.core import QgsApplication, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import Qt

from msa_model.protocol import rpc
from msa_model.protocol.hit_filter import Filters
from msa_model.protocol.hit_table import RankReply, VerdictReply, pack_columns
from msa_model.protocol.messages import SearchTimings
from qgis_msa_plugin.dock.search_dock import SearchDock
from qgis_msa_plugin.gis.marks import is_result_layer
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.question import Judgement
from qgis_msa_plugin.session import Session
from qgis_msa_plugin.settings import Settings
from tests.benchmarks.gui_pause import Pulse, qgis, run_until
from tests.qgis.dock.conftest import write_raster
from tests.qgis.dock.desk import Client, Desk, index_of, plan

HITS = 10_000
STEPS = 120
ROW = 100  # tiles side by side


def rank_reply(query: str) -> tuple[RankReply, bytes]:
    """Hits of falling score all over the raster, in places of three."""
    places = [row // 3 for row in range(HITS)]
    tiles = list(range(HITS))
    random.Random(0).shuffle(tiles)  # noqa: S311  (places on a map)
    columns = [
        array("f", [0.45 - 0.35 * row / HITS for row in range(HITS)]),
        array("f", [1.0] * HITS),
        array("i", places),
        array("i", [0] * HITS),
        array("i", [1 + row % 3 for row in range(HITS)]),
        array("i", [100 + tile // ROW for tile in tiles]),
        array("i", [100 + tile % ROW for tile in tiles]),
    ]
    reply = RankReply(query, HITS, 100_000, (index_of("town"),), SearchTimings(0.0, 0.0, 0.0))
    return reply, pack_columns(columns)


def verdict_reply() -> tuple[VerdictReply, bytes]:
    """Sixty phrases in six categories."""
    phrases = tuple(f"phrase {number}" for number in range(60))
    categories = tuple(f"kind {number}" for number in range(6))
    reply = VerdictReply("good", 4.0, 0.98, 0.2, 0.03, "phrase 1", 1.5, phrases, categories)
    turns = array("i", [row % 60 for row in range(HITS)])
    kinds = array("i", [row % 6 for row in range(HITS)])
    return reply, pack_columns([turns, kinds, array("f", [0.3] * HITS)])


def timed(action: Callable[[], object]) -> float:
    """Milliseconds of one call and the events it leaves behind."""
    started = time.perf_counter()
    action()
    QgsApplication.processEvents()
    return 1e3 * (time.perf_counter() - started)


def spread(times: list[float]) -> str:
    """Median and slowest."""
    times = sorted(times)
    return f"median {times[len(times) // 2]:6.1f} ms   slowest {times[-1]:6.1f} ms"


def open_dock(desk: Desk, client: Client) -> tuple[SearchController, SearchDock]:
    """The dock on the screen, timed, the second of two: the first reads Qt's and QGIS's own resources."""
    for number in (1, 2):
        started = time.perf_counter()
        session = Session(client, Settings)
        dock = SearchDock(session, desk)
        desk.add(dock)
        QgsApplication.processEvents()
        print(f"dock opened for time {number}:  {1e3 * (time.perf_counter() - started):6.1f} ms")
        if number == 1:
            dock.release()
            session.release()
            dock.deleteLater()
    return session.search, dock


def search(controller: SearchController, client: Client, query: str) -> None:
    """From the reply's arrival to list and map."""
    controller.search(query)
    if client.waiting(rpc.PLAN):
        client.answer(rpc.PLAN, plan(missing=0))
    reply, columns = rank_reply(query)
    print(f"answer to list and map:  {timed(lambda: client.answer(rpc.RANK, reply, columns)):6.1f} ms")


def measure(folder: Path) -> None:
    """Every figure in turn."""
    QgsProject.instance().addMapLayer(QgsRasterLayer(str(write_raster(folder / "town.tif")), "town"))
    desk, client = Desk(), Client()
    pulse = Pulse()
    controller, dock = open_dock(desk, client)
    run_until(lambda: len(pulse.pauses) > 100, 60)
    pulse.report("dock opened")
    search(controller, client, "blue roofs")
    controller.set_filters(Filters(limit=HITS, merge=False))
    run_until(lambda: _features() == HITS, 60)
    pulse.report("10,000 hits on the map")
    reply, columns = verdict_reply()
    print(f"verdict to list and map: {timed(lambda: client.answer(rpc.VERDICT, reply, columns)):6.1f} ms")
    run_until(lambda: _features() == HITS, 60)
    _settle(pulse)
    pulse.report("verdict on the map")
    _slide(controller, pulse, "slider", Filters(limit=HITS, merge=False))
    _slide(controller, pulse, "slider, one per place", Filters(limit=HITS))
    _slide(controller, pulse, "slider, best 20", Filters())
    judged = [timed(partial(controller.judge, rank, Judgement.ACCEPTED)) for rank in range(1, 60)]
    _settle(pulse)
    print(f"a hit judged:            {spread(judged)}")
    pulse.report("review")
    _reopen(controller, pulse, folder / "kept.qgz")
    dock.release()
    controller.release()
    desk.close()


def _slide(controller: SearchController, pulse: Pulse, title: str, filters: Filters) -> None:
    times = []
    for step in range(STEPS):
        score = 0.1 + 0.35 * abs(STEPS / 2 - step) / (STEPS / 2)
        moved = dataclasses.replace(filters, min_score=score)
        times.append(timed(partial(controller.set_filters, moved)))
    _settle(pulse)
    frames = 1e3 * STEPS / sum(times)
    print(f"{title + ':':24} {spread(times)}   {frames:6.0f} frames a second")
    pulse.report(title)


def _reopen(controller: SearchController, pulse: Pulse, path: Path) -> None:
    _settle(pulse)
    project = QgsProject.instance()
    took = timed(lambda: project.write(str(path)))
    print(f"project saved:           {took:6.1f} ms   {path.stat().st_size} B")
    project.clear()
    _settle(pulse)
    pulse.report("saved and cleared")
    print(f"project opened:          {timed(lambda: project.read(str(path))):6.1f} ms")
    run_until(lambda: controller.state.results is not None, 60)
    _settle(pulse)
    pulse.report("opened again")


def _settle(pulse: Pulse) -> None:
    seen = len(pulse.pauses)
    run_until(lambda: len(pulse.pauses) > seen + 150, 60)


def _features() -> int:
    layers = [layer for layer in QgsProject.instance().mapLayers().values() if is_result_layer(layer)]
    return sum(layer.featureCount() for layer in layers)


def main() -> None:
    """Measure in a QGIS with settings of its own."""
    QgsApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    with tempfile.TemporaryDirectory() as folder, qgis():
        measure(Path(folder))


if __name__ == "__main__":
    main()
