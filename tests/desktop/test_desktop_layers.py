"""Layers that are no files, and a worker that is on another machine, in a real QGIS."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import rasterio
from PIL import Image
from rasterio.transform import from_bounds
from rasterio.vrt import WarpedVRT
from rasterio.warp import transform_bounds

from tests.desktop import dock
from tests.desktop.batch import job_line, results, tick_rasters, type_output, type_queries
from tests.desktop.dock import (
    is_indexed,
    pictures_are_there,
    search_is_done,
    show_dock,
    show_doubtful,
    text_of,
    worker_is_ready,
)
from tests.desktop.session import Desktop, State
from tests.map_server import Bounds, Draw, MapServer, map_server
from tools.desktop import WORKER, qgis_environment
from tools.staging import ROOT

pytestmark = pytest.mark.desktop
SCAN_S = 240.0
QUERY = "a runway"

MAKE_PROJECT = """
import sys
from qgis.core import *
application = QgsApplication([], False)
application.initQgis()
out, source, *box = sys.argv[1:]
project = QgsProject.instance()
project.setCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
layer = QgsRasterLayer(source, "aerial tiles", "wms")
assert layer.isValid()
project.addMapLayer(layer)
view = QgsReferencedRectangle(QgsRectangle(*map(float, box)), project.crs())
project.viewSettings().setDefaultViewExtent(view)
assert project.write(out)
"""
SSH = """#!/bin/sh
shift  # the host
exec unshare -rm sh -c 'mount -t tmpfs none "{hidden}" && exec "$@"' sh "$@"
"""


def drawing_of(raster: Path) -> Draw:
    """How a server draws the raster: in Web Mercator, transparent around it."""
    lock = threading.Lock()

    def draw(bounds: Bounds, width: int, height: int) -> bytes:
        place = from_bounds(*bounds, width, height)
        with lock, rasterio.open(raster) as source:
            options = {"crs": "EPSG:3857", "transform": place, "width": width, "height": height}
            with WarpedVRT(source, add_alpha=True, **options) as warped:
                pixels = np.moveaxis(warped.read(), 0, -1)
        file = BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        return file.getvalue()

    return draw


@pytest.fixture(scope="module")
def server(airfield: Path) -> Iterator[MapServer]:
    with map_server(drawing_of(airfield)) as server:
        yield server


@pytest.fixture(scope="module")
def project(server: MapServer, airfield: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose only layer comes from the server, and that opens at the airfield."""
    file = tmp_path_factory.mktemp("project") / "tiles.qgs"
    with rasterio.open(airfield) as raster:
        box = transform_bounds(raster.crs, "EPSG:3857", *raster.bounds)
    python = ROOT / ".venv" / "qgis" / "bin" / "python"
    environment = qgis_environment() | {"QT_QPA_PLATFORM": "offscreen"}
    command = [str(python), "-c", MAKE_PROJECT, str(file), server.xyz, *map(str, box)]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return file


def choose(desktop: Desktop, name: str, downs: int) -> None:
    """Choose an entry of a combo box that many steps below the one that is chosen now."""
    desktop.click_widget(name)
    for _ in range(downs):
        desktop.key("Down")
    desktop.key("Return")


def ask(desktop: Desktop, query: str) -> State:
    """Search, and agree to whatever the dock asks before; the state with hits and their pictures."""
    dock.ask(desktop, query, SCAN_S)
    state = desktop.wait(search_is_done, f"hits for {query}", SCAN_S)
    assert text_of(state, "msaNotice") == "" or "left out" in text_of(state, "msaNotice")
    show_doubtful(desktop)
    return desktop.wait(pictures_are_there, "the rows have their pictures", 60)


def hits_of(state: State) -> list[list[float]]:
    layer = next(layer for layer in state["layers"] if layer["group"] == "MSA Search")
    return [feature["box"] for feature in layer["features"]]


def run_batch(desktop: Desktop, out: Path) -> None:
    """Start what the Batch tab is filled in with, and see it end with hits of the one query."""
    desktop.click_widget("msaBatchStart")
    state = desktop.wait(lambda s: "done" in job_line(s) or "failed" in job_line(s), "the end", SCAN_S)
    assert "done" in job_line(state), state["messages"]
    (((query, _), hits),) = results(out).items()
    assert query == QUERY
    assert hits > 0
    desktop.wait(lambda s: [la for la in s["layers"] if la["group"] == QUERY], "the hits are on the map")


def test_a_layer_of_tiles_is_searched_at_the_pixel_size_that_was_picked(
    project: Path, server: MapServer, tmp_path: Path, screenshots: Path
) -> None:
    with Desktop(tmp_path / "desktop", [project], {"XDG_CACHE_HOME": str(tmp_path / "cache")}) as desktop:
        desktop.wait(lambda s: not s["rendering"], "the map is drawn")
        show_dock(desktop)
        desktop.wait(
            lambda s: "First search" in text_of(s, "msaCost"), "the cost of the map view is known", 120
        )
        assert text_of(desktop.state(), "msaArea") == "Map view"
        assert text_of(desktop.state(), "msaGsd").startswith("0.5 m")
        desktop.shot(screenshots / "layers-1-tiles-and-their-cost.png")
        dock.ask(desktop, "airplanes", SCAN_S)
        desktop.wait(lambda s: search_is_done(s) and text_of(s, "msaVerdict"), "the verdict", SCAN_S)
        desktop.wait(pictures_are_there, "the rows have their pictures", 60)
        desktop.shot(screenshots / "layers-2-hits-on-a-layer-of-tiles.png")
        desktop.wait(is_indexed, "every tile is indexed, and the choosers are folded", 30)
        desktop.click_widget("msaFold")
        choose(desktop, "msaGsd", 3)
        desktop.wait(lambda s: text_of(s, "msaGsd").startswith("1"), "a pixel of a metre is chosen")
        before = len(server.pictures())
        ask(desktop, QUERY)
        desktop.wait(is_indexed, "every tile is indexed", 30)
        desktop.wait(  # places of 256 m on a map of 600 m
            lambda s: len(hits_of(s)) == s["results"]["count"] >= 3, "list and map show the places"
        )
        assert before < len(server.pictures()) < before + 200
        assert list((tmp_path / "cache" / "msa-search").glob("*qgis_wms*.gpkg"))
        assert "Traceback" not in desktop.output


@pytest.fixture
def elsewhere(airfield: Path, tmp_path: Path) -> dict[str, str]:
    """Settings of a worker that does not see the folder of the raster."""
    ssh = tmp_path / "ssh"
    ssh.write_text(SSH.format(hidden=airfield.parent), encoding="utf-8")
    ssh.chmod(0o755)
    if subprocess.run([ssh, "box", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no file system can be hidden here")
    return {"MSA_SEARCH_WORKER": f'"{ssh}" gpu-box "{WORKER}" worker', "XDG_CACHE_HOME": str(tmp_path)}


def test_a_worker_on_another_machine_gets_pixels_instead_of_paths(
    airfield: Path, elsewhere: dict[str, str], tmp_path: Path, screenshots: Path
) -> None:
    with Desktop(tmp_path / "desktop", [airfield], elsewhere) as desktop:
        show_dock(desktop)
        desktop.wait(worker_is_ready, "the worker is ready", 120)
        desktop.wait(lambda s: "tiles" in text_of(s, "msaCost"), "the cost is known", 60)
        state = ask(desktop, QUERY)
        desktop.shot(screenshots / "layers-3-a-worker-elsewhere.png")
        assert state["results"]["count"] > 3
        assert not list(airfield.parent.glob("*.gpkg")), "no index lies beside a raster that was not read"
        assert list((tmp_path / "msa-search").glob("*qgis_gdal*.gpkg"))
        assert "Traceback" not in desktop.output


def test_a_batch_goes_over_a_layer_of_tiles(
    project: Path, server: MapServer, tmp_path: Path, screenshots: Path
) -> None:
    out = tmp_path / "tiles.gpkg"
    with Desktop(tmp_path / "desktop", [project], {"XDG_CACHE_HOME": str(tmp_path / "cache")}) as desktop:
        desktop.wait(lambda s: not s["rendering"], "the map is drawn")
        show_dock(desktop)
        desktop.wait(lambda s: "tiles" in text_of(s, "msaCost"), "the cost of the map view is known", 60)
        tick_rasters(desktop)
        type_queries(desktop, [QUERY])
        choose(desktop, "msaBatchArea", 1)
        desktop.wait(
            lambda s: s["widgets"]["msaBatchCentres"]["box"], "it asks which tiles belong to an area"
        )
        type_output(desktop, out)
        run_batch(desktop, out)
        desktop.shot(screenshots / "layers-4-a-batch-over-tiles.png")
        page = out.with_suffix(".html").read_text(encoding="utf-8")
        assert "aerial tiles" in page
        assert "data:image/jpeg" in page
        assert "Traceback" not in desktop.output


def test_a_batch_goes_over_a_raster_that_the_worker_does_not_see(
    airfield: Path, elsewhere: dict[str, str], tmp_path: Path, screenshots: Path
) -> None:
    out = tmp_path / "elsewhere.gpkg"
    with Desktop(tmp_path / "desktop", [airfield], elsewhere) as desktop:
        show_dock(desktop)
        desktop.wait(worker_is_ready, "the worker is ready", 120)
        tick_rasters(desktop)
        type_queries(desktop, [QUERY])
        type_output(desktop, out)
        run_batch(desktop, out)
        desktop.shot(screenshots / "layers-5-a-batch-by-a-worker-elsewhere.png")
        assert not list(airfield.parent.glob("*.gpkg")), "no index lies beside a raster that was not read"
        assert "data:image/jpeg" in out.with_suffix(".html").read_text(encoding="utf-8")
        assert "Traceback" not in desktop.output
