"""What ten thousand hits cost QGIS's own thread: scrolling gallery and list, and opening the dock; as JSON.

    .venv/qgis/bin/python -m tests.benchmarks.gui_gallery [FRAMES]

Of every frame the processor's time of that thread is told, which others that use the machine do not lengthen.
No worker is asked: its answers and pictures are made here.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from qgis.core import QgsApplication, QgsProject, QgsRasterLayer
from qgis.PyQt.QtGui import QColor, QImage

from msa_model.protocol import rpc
from msa_model.protocol.hit_filter import Filters
from msa_model.protocol.messages import Hit
from qgis_msa_plugin.dock.results_view import ResultsView
from qgis_msa_plugin.dock.search_dock import SearchDock
from qgis_msa_plugin.search.thumbnails import SIDE
from qgis_msa_plugin.session import Session
from qgis_msa_plugin.settings import Settings
from tests.benchmarks.gui_pause import qgis
from tests.benchmarks.gui_workbench import HITS, rank_reply, verdict_reply
from tests.qgis.dock.conftest import write_raster
from tests.qgis.dock.desk import Client, Desk, plan

FRAMES = 120
_OPENINGS = 5


def opening_ms(desk: Desk) -> float:
    """The median of the openings after the first, which reads Qt's and QGIS's own resources."""
    took = []
    for _ in range(_OPENINGS):
        began = time.thread_time()
        session = Session(Client(), Settings)
        dock = SearchDock(session, desk)
        desk.add(dock)
        QgsApplication.processEvents()
        took.append(1e3 * (time.thread_time() - began))
        dock.release()
        session.release()
        desk.removeDockWidget(dock)
        dock.deleteLater()
    return statistics.median(took[1:])


def cpu_ms(action: Callable[[], object]) -> float:
    """Milliseconds of this thread."""
    began = time.thread_time()
    action()
    return 1e3 * (time.thread_time() - began)


def frames_ms(view: ResultsView, frames: int) -> list[float]:
    """Milliseconds of each frame on the way from the first hit to the last."""
    bar, took = view.verticalScrollBar(), []
    view.viewport().repaint()
    for frame in range(frames):
        took.append(cpu_ms(partial(_show, view, round(bar.maximum() * (frame + 1) / frames))))
    return took


def _show(view: ResultsView, value: int) -> None:
    view.verticalScrollBar().setValue(value)
    view.viewport().repaint()


def measure(folder: Path, frames: int) -> dict[str, float]:
    """Every figure."""
    QgsProject.instance().addMapLayer(QgsRasterLayer(str(write_raster(folder / "town.tif")), "town"))
    desk, client = Desk(), Client()
    told = {"dock opened, ms": opening_ms(desk)}
    session = Session(client, Settings)
    dock = SearchDock(session, desk)
    desk.add(dock)
    desk.window.resize(1400, 900)
    session.search.thumbnails.image = picture_of  # type: ignore[method-assign, assignment]
    session.search.search("blue roofs")
    client.answer(rpc.PLAN, plan(missing=0))
    told["answer, ms"] = cpu_ms(lambda: client.answer(rpc.RANK, *rank_reply("blue roofs")))
    session.search.set_filters(Filters(limit=HITS, merge=False))
    told["verdict, ms"] = cpu_ms(lambda: client.answer(rpc.VERDICT, *verdict_reply()))
    QgsApplication.processEvents()
    view = dock.search.results
    assert view.model().rowCount() == HITS
    for gallery, name in ((True, "gallery"), (False, "list")):
        dock.search.show_gallery(gallery)
        QgsApplication.processEvents()
        took = frames_ms(view, frames)
        told |= {f"{name} frame, ms": statistics.median(took), f"{name} slowest frame, ms": max(took)}
    dock.release()
    session.release()
    desk.close()
    return told


def picture_of(_: Hit) -> QImage:
    """A thumbnail that has arrived."""
    image = QImage(SIDE, SIDE, QImage.Format.Format_RGB32)
    image.fill(QColor(90, 120, 60))
    return image


def main() -> None:
    """Measure in a QGIS with settings of its own."""
    frames = int(sys.argv[1]) if len(sys.argv) > 1 else FRAMES
    with tempfile.TemporaryDirectory() as folder, qgis():
        with contextlib.redirect_stdout(sys.stderr):
            told = measure(Path(folder), frames)
        print(json.dumps(told))


if __name__ == "__main__":
    main()
