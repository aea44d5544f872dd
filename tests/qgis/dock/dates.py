"""Dates of one place, for tests: the raster of `conftest`, ten years later, and how they are asked of."""

from __future__ import annotations

import shutil
from pathlib import Path

from osgeo import gdal
from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest

from qgis_msa_plugin.dock.search_dock import SearchDock
from qgis_msa_plugin.gis.marks import is_result_layer
from qgis_msa_plugin.settings import Settings
from tests.qgis.conftest import REAL_WORKER

BUILT = (512, 256)  # upper left of what is new (px), and its side
LONG_MS = 300_000
SETTINGS = Settings(worker_command=f'"{REAL_WORKER}" worker', device="cpu")


def ask(dock: SearchDock, text: str) -> None:
    query = dock.search.query.query
    query.setText(text)
    QTest.keyClick(query, Qt.Key.Key_Return)


def result_layer() -> QgsVectorLayer:
    (layer,) = filter(is_result_layer, QgsProject.instance().mapLayers().values())
    return layer


def ten_years_later(before: Path, after: Path) -> Path:
    """The raster darker by nothing but a lake that was not there."""
    shutil.copy(before, after)
    data = gdal.Open(str(after), gdal.GA_Update)
    at, side = BUILT
    for band, value in ((1, 40), (2, 70), (3, 130)):
        rows = bytes(value + (x * 7 + y * 3) % 5 for y in range(side) for x in range(side))
        data.GetRasterBand(band).WriteRaster(at, at, side, side, rows)
    data.FlushCache()
    return after
