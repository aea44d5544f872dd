"""Layers of a server that draw nothing and ask for nothing: told apart from what is empty."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsGeometry,
    QgsNetworkAccessManager,
    QgsNetworkReplyContent,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
)

from msa_model.protocol.errors import MsaError
from msa_model.protocol.pixels import DrawRequest, Picture, PixelBlock
from qgis_msa_plugin.gis.geometry import aoi_of
from qgis_msa_plugin.render.drawer import DrawingLimits
from qgis_msa_plugin.render.feeder import Feeder
from qgis_msa_plugin.render.grid import pixel_grid
from qgis_msa_plugin.render.style import is_served
from tests.map_server import MapServer
from tests.present import as_a
from tests.qgis.render.conftest import added

LONG_MS = 60_000
HASTY = DrawingLimits(block_s=20.0, retries=0, pause_s=0.01)
SIDE = 128
# They meet in column 36 of the first block.
WEST_TILE, EAST_TILE = "/16/48605/27524.png", "/16/48606/27524.png"


def blocks_over(raster: Path, away: float = 0.0) -> tuple[PixelBlock, ...]:
    """Two blocks side by side on the raster, in Web Mercator; or so many of its widths away from it."""
    layer = QgsRasterLayer(str(raster), "raster")
    mercator = QgsCoordinateReferenceSystem("EPSG:3857")
    box = QgsCoordinateTransform(layer.crs(), mercator, QgsProject.instance()).transform(layer.extent())
    left, bottom, step = box.xMinimum() + away * box.width(), box.yMinimum(), box.width() / 2
    return tuple(
        PixelBlock(SIDE, SIDE, (left + at * step, bottom, left + (at + 1) * step, bottom + step))
        for at in (0, 1)
    )


def drawn(answers: list[Picture | MsaError]) -> list[Picture]:
    return [as_a(Picture, answer) for answer in answers]


def fed(layer: QgsRasterLayer, blocks: tuple[PixelBlock, ...], qtbot: QtBot) -> list[Picture | MsaError]:
    """What the worker gets when it asks for these blocks of a layer, in Web Mercator."""
    area = aoi_of(QgsGeometry.fromRect(QgsRectangle(0, 0, 1000, 1000)), layer.crs())
    drawn = replace(pixel_grid(layer, area, 1.0), crs="EPSG:3857")
    feeder = Feeder(limits=HASTY)
    answers: list[Picture | MsaError] = []
    for block in blocks:
        feeder.draw(DrawRequest(1, drawn, block), answers.append)
    qtbot.waitUntil(lambda: len(answers) == len(blocks), timeout=LONG_MS)
    feeder.rest()
    return answers


def test_a_layer_whose_address_is_misspelt_is_told_to_have_asked_nobody(
    server: MapServer, raster: Path, qtbot: QtBot, qgis_new_project: None
) -> None:
    layer = added(QgsRasterLayer(server.misspelt_xyz, "misspelt", "wms"))
    assert fed(layer, blocks_over(raster), qtbot) == [Picture(b"", asked=False)] * 2
    assert server.requests == []


@contextmanager
def coming_last(server: MapServer, path: str) -> Iterator[None]:
    """The server answers for this path once QGIS has drawn what came for another."""
    other_came, network = threading.Event(), QgsNetworkAccessManager.instance()

    def hold_back(asked: str) -> None:
        if asked.endswith(path):
            other_came.wait(LONG_MS / 1000)

    def come(reply: QgsNetworkReplyContent) -> None:
        other_came.set()

    server.fault = hold_back
    network.finished[QgsNetworkReplyContent].connect(come)
    yield
    network.finished[QgsNetworkReplyContent].disconnect(come)


def columns_that_differ(one: bytes, other: bytes) -> set[int]:
    """The columns of two pictures of a block in which any of the four channels differs."""
    return {at // 4 % SIDE for at, pair in enumerate(zip(one, other, strict=True)) if pair[0] != pair[1]}


@pytest.mark.parametrize(("last", "most"), [(EAST_TILE, set()), (WEST_TILE, {36})], ids=["east", "west"])
def test_pictures_out_of_the_cache_are_as_good_as_any(  # noqa: PLR0917  (fixtures)
    tiles: QgsRasterLayer, server: MapServer, raster: Path, qtbot: QtBot, last: str, most: set[int]
) -> None:
    """QGIS draws tiles over one another as they come, from its cache from west to east.

    As of 3.44 it rounds them up to whole pixels: the pixels where two meet show the one that was drawn last.
    """
    block, _ = blocks_over(raster)
    with coming_last(server, last):
        (first,) = drawn(fed(tiles, (block,), qtbot))
    asked = len(server.requests)
    again = drawn(fed(tiles, (block,) * 2, qtbot))
    assert len(server.requests) == asked == 2
    assert all(picture.rgba and not picture.problem for picture in (first, *again))
    assert again[0].rgba == again[1].rgba
    assert columns_that_differ(first.rgba, again[0].rgba) <= most


def test_a_place_that_the_server_says_is_empty_is_told_as_empty(
    tiles: QgsRasterLayer, server: MapServer, raster: Path, qtbot: QtBot
) -> None:
    pictures = fed(tiles, blocks_over(raster, away=200.0), qtbot)
    assert pictures == [Picture(b"", asked=True)] * 2
    assert server.requests


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
