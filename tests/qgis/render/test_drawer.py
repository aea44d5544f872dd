"""Blocks drawn off the GUI thread, from a server with all its faults."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsCoordinateReferenceSystem, QgsRasterLayer

from msa_model.protocol.pixels import PixelBlock
from qgis_msa_plugin.render.drawer import BlockDrawer, DrawingLimits, Drawn
from tests.map_server import MapServer

UTM = QgsCoordinateReferenceSystem("EPSG:32645")
LEFT, TOP = 500_000.0, 3_060_000.0
HASTY = DrawingLimits(block_s=10.0, retries=1, pause_s=0.01)


def block(left: float = LEFT, top: float = TOP, side_px: int = 256, gsd: float = 1.0) -> PixelBlock:
    bounds = (left, top - side_px * gsd, left + side_px * gsd, top)
    return PixelBlock(side_px, side_px, bounds)


def drawn(qtbot: QtBot, layer: QgsRasterLayer, wanted: PixelBlock, limits: DrawingLimits = HASTY) -> Drawn:
    found: list[Drawn] = []
    drawer = BlockDrawer(layer, UTM, limits)
    drawer.draw(wanted, found.append)
    qtbot.waitUntil(lambda: bool(found), timeout=20_000)
    drawer.release()
    return found[0]


def pixel(of: Drawn, x: int, y: int) -> list[int]:
    start = (y * of.block.width + x) * 4
    return list(of.rgba[start : start + 4])


@pytest.mark.parametrize("kind", ["tiles", "wms", "file"])
def test_every_kind_of_layer_is_drawn_where_it_lies(
    qtbot: QtBot, request: pytest.FixtureRequest, raster: Path, kind: str
) -> None:
    layer = QgsRasterLayer(str(raster), "f") if kind == "file" else request.getfixturevalue(kind)
    picture = drawn(qtbot, layer, block(gsd=0.5))
    assert picture.problem == ""
    x, y = 100, 60  # the middle of a block of one colour
    expected = [(band * 40 + 7 * (x // 24) + 13 * (y // 40)) % 251 for band in (1, 2, 3)]
    assert pixel(picture, x, y) == pytest.approx([*expected, 255], abs=6)


def test_beyond_its_edge_a_layer_is_empty_and_that_is_no_fault(qtbot: QtBot, tiles: QgsRasterLayer) -> None:
    picture = drawn(qtbot, tiles, block(left=LEFT - 3000))
    assert (picture.rgba, picture.problem) == (b"", "")


def test_a_tile_that_the_server_does_not_have_is_no_fault(
    qtbot: QtBot, server: MapServer, tiles: QgsRasterLayer
) -> None:
    server.fault = lambda path: 404
    picture = drawn(qtbot, tiles, block())
    assert (picture.rgba, picture.problem) == (b"", "")


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_a_server_that_fails_is_named_and_asked_again(
    qtbot: QtBot, server: MapServer, tiles: QgsRasterLayer, status: int
) -> None:
    server.fault = lambda path: status
    picture = drawn(qtbot, tiles, block(), DrawingLimits(10.0, 0, 0.01))
    once = len(server.pictures())
    assert picture.problem == f"HTTP {status}"
    assert drawn(qtbot, tiles, block(), DrawingLimits(10.0, 1, 0.01)).problem == f"HTTP {status}"
    assert len(server.pictures()) >= 3 * once


def test_a_server_that_recovers_is_forgiven(qtbot: QtBot, server: MapServer, tiles: QgsRasterLayer) -> None:
    server.fault = lambda path: 503 if len(server.pictures()) < 8 else None
    assert drawn(qtbot, tiles, block(), DrawingLimits(10.0, 4, 0.01)).problem == ""


def test_a_complaint_of_a_wms_is_no_picture(qtbot: QtBot, server: MapServer, wms: QgsRasterLayer) -> None:
    server.exception = "The disk of the server is full"
    picture = drawn(qtbot, wms, block())
    assert "instead of a picture" in picture.problem
    assert picture.rgba == b""


def test_a_server_that_never_answers_is_waited_for_only_so_long(
    qtbot: QtBot, server: MapServer, tiles: QgsRasterLayer
) -> None:
    server.hangs = True
    picture = drawn(qtbot, tiles, block(), DrawingLimits(0.3, 1, 0.01))
    assert "no answer" in picture.problem
    assert picture.rgba == b""


def test_half_a_picture_is_told_to_be_half(qtbot: QtBot, server: MapServer, tiles: QgsRasterLayer) -> None:
    first: list[str] = []

    def every_other(path: str) -> int | None:
        if path not in first and len(first) < 3:
            first.append(path)
        return 500 if path in first[1:] else None

    server.fault = every_other
    picture = drawn(qtbot, tiles, block(), DrawingLimits(10.0, 0, 0.01))
    assert picture.problem == "HTTP 500"
    assert 0 < picture.rgba[3::4].count(0) < 256 * 256


def test_a_cancelled_block_is_not_delivered(qtbot: QtBot, server: MapServer, tiles: QgsRasterLayer) -> None:
    found: list[Drawn] = []
    drawer = BlockDrawer(tiles, UTM, HASTY)
    drawer.draw(block(), found.append)
    drawer.cancel()
    qtbot.wait(300)
    assert found == []
    drawer.draw(block(), found.append)
    qtbot.waitUntil(lambda: bool(found), timeout=20_000)
    drawer.release()


def test_a_file_is_averaged_where_pixels_are_merged(qtbot: QtBot, raster: Path) -> None:
    sharp = drawn(qtbot, QgsRasterLayer(str(raster), "f"), block(gsd=0.5))
    merged = drawn(qtbot, QgsRasterLayer(str(raster), "f"), block(side_px=32, gsd=4.0))
    x, y = 3, 3  # a coarse pixel across the edge of two blocks: 24 of 0.5 m
    cells = [pixel(sharp, 8 * x + i, 8 * y + j)[0] for i in range(8) for j in range(8)]
    assert pixel(merged, x, y)[0] == pytest.approx(sum(cells) / len(cells), abs=3)
