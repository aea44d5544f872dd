from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from osgeo import gdal, osr
from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtGui import QColor, QImage, QPainter

from qgis_msa_plugin.describe.describer import Describer
from qgis_msa_plugin.dock.search_dock import SearchDock
from qgis_msa_plugin.map.map_link import MapLink
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.session import Session
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.worker.client import WorkerClient
from tests.qgis.dock.dates import SETTINGS
from tests.qgis.dock.desk import Client, Desk

MakeRaster = Callable[..., Path]


def write_raster(path: Path, side: int = 1024, crs: int = 3857, pixel: float = 0.5) -> Path:
    """A raster of stripes and blocks, three bands, upper left at (1000, 2000) in map units."""
    driver = gdal.GetDriverByName("GTiff")
    data = driver.Create(str(path), side, side, 3, gdal.GDT_Byte, ["TILED=YES"])
    data.SetGeoTransform((1000.0, pixel, 0.0, 2000.0, 0.0, -pixel))
    if crs:
        reference = osr.SpatialReference()
        reference.ImportFromEPSG(crs)
        data.SetProjection(reference.ExportToWkt())
    for band in (1, 2, 3):
        rows = [
            bytes((band * 40 + 7 * (x // 32) + 11 * (y // 32)) % 251 for x in range(side))
            for y in range(0, side, 32)
        ]
        data.GetRasterBand(band).WriteRaster(
            0, 0, side, side, b"".join(row for row in rows for _ in range(32))
        )
    data.FlushCache()
    return path


@pytest.fixture
def make_raster(tmp_path: Path) -> MakeRaster:
    return lambda name="town.tif", **options: write_raster(tmp_path / name, **options)


@pytest.fixture
def served(tmp_path: Path, qgis_new_project: None) -> QgsRasterLayer:
    """A layer of map tiles, each the same picture: left half red, right half green."""
    tile = QImage(256, 256, QImage.Format.Format_RGB32)
    tile.fill(QColor(200, 30, 30))
    painter = QPainter(tile)
    painter.fillRect(128, 0, 128, 256, QColor(30, 160, 30))
    painter.end()
    tile.save(str(tmp_path / "tile.png"))
    url = QUrl.fromLocalFile(str(tmp_path / "tile.png")).toString()
    layer = QgsRasterLayer(f"type=xyz&url={url}&zmin=0&zmax=19", "served", "wms")
    assert layer.isValid()
    QgsProject.instance().addMapLayer(layer)
    return layer


@pytest.fixture
def town(make_raster: MakeRaster, qgis_new_project: None) -> QgsRasterLayer:
    layer = QgsRasterLayer(str(make_raster()), "town")
    QgsProject.instance().addMapLayer(layer)
    return layer


@pytest.fixture(scope="module")
def real_client(qgis_app: object) -> Iterator[WorkerClient]:
    client = WorkerClient(lambda: SETTINGS)
    yield client
    client.stop()


@pytest.fixture
def session(client: Client, qgis_new_project: None) -> Iterator[Session]:
    session = Session(client, Settings)
    session.search.activate()
    yield session
    session.release()


@pytest.fixture
def controller(session: Session) -> SearchController:
    return session.search


@pytest.fixture
def describer(session: Session) -> Describer:
    return session.describer


@pytest.fixture
def dock(session: Session, desk: Desk) -> Iterator[SearchDock]:
    dock = SearchDock(session, desk)
    desk.add(dock)
    yield dock
    dock.release()


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """Qt objects go where their test ends, not in the middle of another."""
    yield
    gc.collect()


@pytest.fixture
def link(session: Session, town: QgsRasterLayer, desk: Desk) -> Iterator[MapLink]:
    """The answers of a search of the town on the map."""
    session.search.choose_layer(town)
    link = MapLink(session.search, session.describer, desk)
    yield link
    link.release()
