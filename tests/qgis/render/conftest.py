"""A raster, a server that shows it, and layers of that server."""

from __future__ import annotations

import gc
import itertools
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from osgeo import gdal
from qgis.core import QgsGeometry, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QObject

from msa_model.protocol.messages import Aoi
from qgis_msa_plugin.gis.geometry import aoi_of
from tests.map_server import Bounds, Draw, MapServer, map_server
from tests.qgis.render.hidden_folder import worker_without
from tests.qgis.scene import write_scene

_NUMBERS = itertools.count()
_ONE_AT_A_TIME = threading.Lock()


def drawing_of(raster: Path) -> Draw:
    """How a server draws the raster: a PNG, transparent around it."""

    def draw(bounds: Bounds, width: int, height: int) -> bytes:
        name = f"/vsimem/server-{next(_NUMBERS)}.png"
        size = {"outputBounds": bounds, "width": width, "height": height}
        with _ONE_AT_A_TIME:
            warped = gdal.Warp("", str(raster), format="MEM", dstSRS="EPSG:3857", dstAlpha=True, **size)
            gdal.Translate(name, warped, format="PNG")
            file = gdal.VSIFOpenL(name, "rb")
            content = bytes(gdal.VSIFReadL(1, gdal.VSIStatL(name).size, file))
            gdal.VSIFCloseL(file)
            gdal.Unlink(name)
        return content

    return draw


@pytest.fixture(scope="session")
def raster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """512 m square in UTM 45 N, at latitude 27.7: a unit of Web Mercator is 0.886 m there."""
    return write_scene(tmp_path_factory.mktemp("served") / "scene.tif")


@pytest.fixture
def server(raster: Path) -> Iterator[MapServer]:
    with map_server(drawing_of(raster)) as server:
        yield server


@pytest.fixture
def tiles(server: MapServer, qgis_app: QObject, qgis_new_project: None) -> QgsRasterLayer:
    return added(QgsRasterLayer(server.xyz, "tiles", "wms"))


@pytest.fixture
def wms(server: MapServer, qgis_app: QObject, qgis_new_project: None) -> QgsRasterLayer:
    return added(QgsRasterLayer(server.wms, "wms", "wms"))


def added(layer: QgsRasterLayer) -> QgsRasterLayer:
    assert layer.isValid(), layer.error().message()
    QgsProject.instance().addMapLayer(layer)
    return layer


def area_of(raster: Path) -> Aoi:
    """The raster's box as an area of interest."""
    layer = QgsRasterLayer(str(raster), "raster")
    return aoi_of(QgsGeometry.fromRect(layer.extent()), layer.crs())


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """Qt objects go where their test ends, not after QGIS itself."""
    yield
    gc.collect()


@pytest.fixture
def here(tmp_path: Path, raster: Path) -> Path:
    """A folder that only this machine has, with the raster in it."""
    folder = tmp_path / "here"
    folder.mkdir()
    shutil.copy(raster, folder / "scene.tif")
    return folder


@pytest.fixture
def ssh(tmp_path: Path, here: Path) -> str:
    """A worker that does not see that folder, by a program whose name says so."""
    return worker_without(here, tmp_path / "ssh")


@pytest.fixture
def script(tmp_path: Path, here: Path) -> str:
    """The same by a script, whose name says nothing."""
    return worker_without(here, tmp_path / "gpu-worker")
