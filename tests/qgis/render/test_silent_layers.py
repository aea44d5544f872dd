"""Layers of a server that draw nothing and ask for nothing: named, and never indexed as empty."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsProject, QgsRasterLayer

from msa_model.protocol import rpc
from msa_model.protocol.messages import ScanSettings, ScanSummary
from msa_model.protocol.pixels import PixelBlock, PixelEncoded, PixelPlan, PixelPlanRequest
from qgis_msa_plugin.errors import texts_by_kind
from qgis_msa_plugin.render.drawer import Drawn, HeldBack, Patience
from qgis_msa_plugin.render.look import is_served
from qgis_msa_plugin.search.pixel_scan import PixelScan
from qgis_msa_plugin.search.request import scan_request
from tests.map_server import MapServer
from tests.qgis.dock.desk import Client
from tests.qgis.render.conftest import added, area_of

LONG_MS = 60_000
HASTY = Patience(block_s=20.0, retries=0, pause_s=0.01)
SIDE = 128


def blocks_over(raster: Path, away: float = 0.0) -> tuple[PixelBlock, ...]:
    """Two blocks side by side on the raster, in Web Mercator; or so many of its widths away from it."""
    layer = QgsRasterLayer(str(raster), "raster")
    mercator = QgsCoordinateReferenceSystem("EPSG:3857")
    box = QgsCoordinateTransform(layer.crs(), mercator, QgsProject.instance()).transform(layer.extent())
    left, bottom, step = box.xMinimum() + away * box.width(), box.yMinimum(), box.width() / 2
    return tuple(
        PixelBlock(1, 0, at, SIDE, SIDE, (left + at * step, bottom, left + (at + 1) * step, bottom + step), 4)
        for at in (0, 1)
    )


class Scan:
    """A scan of these blocks whose worker takes whatever it gets."""

    def __init__(
        self, layer: QgsRasterLayer, raster: Path, blocks: tuple[PixelBlock, ...], qtbot: QtBot
    ) -> None:
        client, self.sent, self.failed, self.finished = Client(), [], [], []
        request = scan_request(layer, area_of(raster), ScanSettings(), 1.0)
        assert isinstance(request, PixelPlanRequest)
        plan = PixelPlan("/nowhere/x.gpkg", 8, 8, 1.0, 1, 1.0, (), blocks)
        scan = PixelScan(client, patience=HASTY)
        scan.failed.connect(self.failed.append)
        scan.finished.connect(self.finished.append)
        grid = request.grid
        mercator = PixelPlanRequest(type(grid)(**{**vars(grid), "crs": "EPSG:3857"}), request.aoi)
        scan.start(mercator, plan, layer)

        def ended() -> bool:
            while client.waiting(rpc.PIXELS_ENCODE):
                reply = PixelEncoded(plan.index, 4, 0)
                self.sent.append(client.answer(rpc.PIXELS_ENCODE, reply).attachment)
            return bool(self.failed or self.finished)

        qtbot.waitUntil(ended, timeout=LONG_MS)


def test_a_layer_whose_address_is_misspelt_is_named_and_nothing_of_it_is_indexed(
    server: MapServer, raster: Path, qtbot: QtBot, qgis_new_project: None
) -> None:
    layer = added(QgsRasterLayer(server.misspelt_xyz, "misspelt", "wms"))
    scan = Scan(layer, raster, blocks_over(raster), qtbot)
    (error,) = scan.failed
    assert error.kind == "layer_silent"
    assert "misspelt" in error.sentence
    assert error.kind in texts_by_kind()
    assert scan.sent == []
    assert server.requests == []


def test_pictures_out_of_the_cache_are_as_good_as_any(
    tiles: QgsRasterLayer, server: MapServer, raster: Path, qtbot: QtBot
) -> None:
    first = Scan(tiles, raster, blocks_over(raster), qtbot)
    asked = len(server.requests)
    again = Scan(tiles, raster, blocks_over(raster), qtbot)
    assert len(server.requests) == asked > 0
    assert again.failed == []
    assert again.sent == first.sent
    assert any(again.sent)


def test_a_place_that_the_server_says_is_empty_is_indexed_as_empty(
    tiles: QgsRasterLayer, server: MapServer, raster: Path, qtbot: QtBot
) -> None:
    scan = Scan(tiles, raster, blocks_over(raster, away=200.0), qtbot)
    assert scan.failed == []
    assert isinstance(scan.finished[0], ScanSummary)
    assert scan.sent == [b"", b""]
    assert server.requests


def test_empty_blocks_wait_for_the_first_sign_of_life_and_keep_their_order() -> None:
    first, second, third = (
        Drawn(PixelBlock(1, 0, at, 1, 1, (0, 0, 1, 1), 1), b"", asked=False) for at in range(3)
    )
    held = HeldBack()
    assert held.passed_on(first) == held.passed_on(second) == ()
    assert held.left
    seen = Drawn(third.block, b"\1\1\1\1", asked=False)
    assert held.passed_on(seen) == (first, second, seen)
    assert not held.left
    assert held.passed_on(third) == (third,)


@pytest.mark.parametrize(
    ("source", "served"),
    [
        ("type=xyz&url=https://a.example/%7Bz%7D.png", True),
        ("type=xyz&url=https%253A%252F%252Fa.example", True),
        ("type=xyz&url=file:///tiles/%7Bz%7D.png", False),
        ("type=mbtiles&url=file:///tiles.mbtiles", False),
    ],
)
def test_layers_of_files_have_no_server_to_ask(qgis_app: object, source: str, served: bool) -> None:
    assert is_served(QgsRasterLayer(source, "layer", "wms")) is served
