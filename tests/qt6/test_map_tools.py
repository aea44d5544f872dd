"""The map tools under Qt 6: the events are Qt's, the canvas is a view on which a pixel is a map unit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsPointXY, QgsRectangle
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtTest import QTest

from qgis_msa_plugin.batch.area_bar import DrawTool
from qgis_msa_plugin.map.map_clicks import ExampleTool, TileClicks

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
PLAIN, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def canvas(qtbot: QtBot) -> QgsMapCanvas:
    canvas = QgsMapCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(300, 300)
    canvas.show()
    return canvas


@pytest.fixture
def example(canvas: QgsMapCanvas) -> Iterator[ExampleTool]:
    tool = ExampleTool(canvas)
    canvas.setMapTool(tool)
    yield tool
    tool.release()


def test_a_click_with_shift_is_one_example_more(canvas: QgsMapCanvas, example: ExampleTool) -> None:
    told: list[tuple[QgsPointXY, bool]] = []
    example.placed.connect(lambda place, more: told.append((place, more)))
    QTest.mouseClick(canvas.viewport(), LEFT, PLAIN, QPoint(30, 40))
    QTest.mouseClick(canvas.viewport(), LEFT, SHIFT, QPoint(50, 60))
    assert told == [(QgsPointXY(30, -40), False), (QgsPointXY(50, -60), True)]


def test_a_drag_is_a_box(canvas: QgsMapCanvas, example: ExampleTool) -> None:
    told: list[QgsRectangle] = []
    example.drawn.connect(lambda box, more: told.append(box))
    QTest.mousePress(canvas.viewport(), LEFT, PLAIN, QPoint(30, 40))
    QTest.mouseMove(canvas.viewport(), QPoint(90, 100))
    QTest.mouseRelease(canvas.viewport(), LEFT, PLAIN, QPoint(130, 140))
    (box,) = told
    assert (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()) == (30, -140, 130, -40)


def test_a_polygon_is_drawn_by_clicks_and_keys(canvas: QgsMapCanvas) -> None:
    tool = DrawTool(canvas)
    canvas.setMapTool(tool)
    told: list[tuple[QgsPointXY, ...]] = []
    tool.drawn.connect(told.append)
    for place in ((10, 10), (90, 10), (90, 90), (5, 5)):
        QTest.mouseClick(canvas.viewport(), LEFT, PLAIN, QPoint(*place))
    QTest.keyClick(canvas, Qt.Key.Key_Backspace)
    QTest.mouseClick(canvas.viewport(), RIGHT, PLAIN, QPoint(0, 0))
    assert told == [(QgsPointXY(10, -10), QgsPointXY(90, -10), QgsPointXY(90, -90))]
    tool.release()


def test_a_plain_click_tells_its_place_and_a_drag_nothing(canvas: QgsMapCanvas) -> None:
    clicks = TileClicks(canvas)
    told: list[QgsPointXY] = []
    clicks.clicked.connect(told.append)
    QTest.mouseClick(canvas.viewport(), LEFT, PLAIN, QPoint(30, 40))
    QTest.mousePress(canvas.viewport(), LEFT, PLAIN, QPoint(30, 40))
    QTest.mouseRelease(canvas.viewport(), LEFT, PLAIN, QPoint(130, 140))
    QTest.mouseClick(canvas.viewport(), LEFT, SHIFT, QPoint(30, 40))
    assert told == [QgsPointXY(30, -40)]
    clicks.release()
