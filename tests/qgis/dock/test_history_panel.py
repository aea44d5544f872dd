"""The list of a series' layers, and the chart of a history, without a worker."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsDateTimeRange, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QDateTime, QPoint, QRect, QRectF, Qt
from qgis.PyQt.QtGui import QColor, QImage, QPalette, QTextDocument
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QLineEdit, QMenu

from qgis_msa_plugin.dock.history_chart import HistoryChart, TileHistory, pictures_in, points_in
from qgis_msa_plugin.dock.stack_list import StackList
from tests.qgis.dock.conftest import MakeRaster

GAPPED = TileHistory(("2000", "2010-06", "2020-08-31"), (-0.5, None, 2.5), 1.0)
WHOLE = TileHistory(("2000", "2010-06", "2020-08-31"), (-0.5, 0.5, 2.5), 1.0)


@pytest.fixture
def layers(make_raster: MakeRaster, qgis_new_project: None) -> list[QgsRasterLayer]:
    layers = [QgsRasterLayer(str(make_raster(f"{name}.tif", side=64)), name) for name in "abc"]
    group = QgsProject.instance().layerTreeRoot().addGroup("Fields & more")
    for layer in layers:
        QgsProject.instance().addMapLayer(layer, False)
    group.addLayer(layers[0])
    group.addLayer(layers[1])
    QgsProject.instance().layerTreeRoot().addLayer(layers[2])
    return layers


@pytest.fixture
def stack(layers: list[QgsRasterLayer], qtbot: QtBot) -> StackList:
    stack = StackList()
    qtbot.addWidget(stack)
    stack.show()
    return stack


@pytest.fixture
def chart(qtbot: QtBot) -> HistoryChart:
    picture = QImage(8, 8, QImage.Format.Format_RGB32)
    picture.fill(QColor("#00ff00"))
    chart = HistoryChart(lambda date: picture)
    qtbot.addWidget(chart)
    chart.resize(300, chart.sizeHint().height())
    chart.show_history(GAPPED)
    chart.show()
    return chart


def names(stack: StackList) -> list[str]:
    return [layer.name() for layer in stack.layers()]


def test_a_series_begins_with_the_rasters_of_the_group(
    stack: StackList, layers: list[QgsRasterLayer]
) -> None:
    stack.begin(layers[:1])
    assert names(stack) == ["a", "b"]
    stack.begin(layers[2:])
    assert names(stack) == ["a", "b"]


def test_groups_and_layers_with_a_time_are_offered(stack: StackList, layers: list[QgsRasterLayer]) -> None:
    for layer, year in zip(layers[1:], ("2010", "2020"), strict=True):
        begin = QDateTime.fromString(f"{year}-06-01", Qt.DateFormat.ISODate)
        layer.temporalProperties().setFixedTemporalRange(QgsDateTimeRange(begin, begin))
        layer.temporalProperties().setIsActive(True)
    menu = QMenu()
    stack.fill(menu)
    offered = {action.text(): action for action in menu.actions()}
    assert list(offered) == ["Fields && more (2)", "Layers with a time (2)", "All rasters (3)"]
    offered["Layers with a time (2)"].trigger()
    assert names(stack) == ["b", "c"]


def test_a_layer_named_like_markup_is_told_as_it_is_named(
    stack: StackList, layers: list[QgsRasterLayer]
) -> None:
    layers[0].setName("<b>a</b>")
    stack.update_layers()
    document = QTextDocument()
    document.setHtml(stack.list.topLevelItem(0).toolTip(0))
    assert document.toPlainText() == "<b>a</b>"


def test_the_space_bar_ticks_and_a_typed_date_stays(
    stack: StackList, layers: list[QgsRasterLayer], qtbot: QtBot
) -> None:
    stack.choose(layers[:1])
    stack.list.setCurrentItem(stack.list.topLevelItem(1))
    with qtbot.waitSignal(stack.changed):
        QTest.keyClick(stack.list, Qt.Key.Key_Space)
    assert names(stack) == ["a", "b"]
    stack.list.setCurrentItem(stack.list.topLevelItem(0))
    QTest.keyClick(stack.list, Qt.Key.Key_F2)
    (field,) = stack.list.findChildren(QLineEdit)
    QTest.keyClicks(field, "2011")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: stack.dates()[0] == "2011")
    stack.tell({layer.id(): "2010" for layer in layers})
    assert stack.dates() == ("2011", "2010")
    QgsProject.instance().removeMapLayer(layers[1])
    assert names(stack) == ["a"]


def test_time_goes_to_the_right_and_gaps_have_no_point() -> None:
    first, gap, last = points_in(GAPPED, QRectF(0, 0, 200, 100))
    assert gap is None
    assert first is not None
    assert last is not None
    assert (first.x(), last.x()) == (0, 200)
    assert 0 < last.y() < first.y() < 100
    middle = points_in(WHOLE, QRectF(0, 0, 200, 100))[1]
    assert middle is not None
    assert middle.x() == pytest.approx(200 * 10.41 / 20.66, abs=1)


@pytest.mark.parametrize("count", [1, 3, 8, 40])
def test_pictures_fit_beside_each_other_around_the_current_date(count: int) -> None:
    where = QRect(0, 0, 300, 64)
    for current in range(count):
        rects = pictures_in(count, current, where)
        assert current in rects
        assert all(where.contains(rect) for rect in rects.values())
        assert sorted(rects) == list(range(min(rects), max(rects) + 1))


def test_keys_and_clicks_go_from_date_to_date(chart: HistoryChart, qtbot: QtBot) -> None:
    picked: list[int] = []
    chart.picked.connect(picked.append)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_Right, Qt.Key.Key_Home):
        QTest.keyClick(chart, key)
    assert picked == [1, 2, 0]
    QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(chart.width() - 20, 40))
    assert chart.current == 2
    QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=chart._pictures()[1].center())
    assert chart.current == 1


def test_the_chart_is_told_in_words(chart: HistoryChart) -> None:
    chart.mark(2)
    told = chart.accessibleDescription()
    assert told.startswith("2020-08-31: match score 2.5, strong match. ")
    assert "2010-06: no data" in told
    assert "Counts from match score 1.0 on" in told
    assert chart.accessibleName()


@pytest.mark.parametrize(("ground", "ink"), [("#ffffff", "#101010"), ("#202020", "#f0f0f0")])
def test_the_line_is_drawn_in_the_colours_of_the_theme(chart: HistoryChart, ground: str, ink: str) -> None:
    palette = QPalette(chart.palette())
    palette.setColor(QPalette.ColorRole.Window, QColor(ground))
    palette.setColor(QPalette.ColorRole.WindowText, QColor(ink))
    chart.setPalette(palette)

    def inked() -> int:
        """Pixels of the ink between the first and the last point, where a gap draws no line."""
        plot, image = chart._plot(), chart.grab().toImage()
        columns = range(round(plot.left() + plot.width() * 0.15), round(plot.left() + plot.width() * 0.35))
        rows = range(round(plot.top()), round(plot.bottom()))
        return sum(image.pixelColor(x, y) == QColor(ink) for x in columns for y in rows)

    gapped = inked()
    chart.show_history(WHOLE)
    assert inked() > gapped + 10
    assert chart.grab().toImage().pixelColor(150, 2) == QColor(ground)


def test_a_date_without_data_has_no_picture(chart: HistoryChart) -> None:
    image = chart.grab().toImage()
    greens = [image.pixelColor(where.center()) == QColor("#00ff00") for where in chart._pictures().values()]
    assert greens == [True, False, True]
