"""Areas as they come: broken, in parts, with holes, in any CRS, beyond the date line, drawn by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QObject, QPoint, Qt
from qgis.PyQt.QtTest import QTest

from msa_model.protocol.errors import AoiInvalid
from qgis_msa_plugin.batch.area_bar import AreaBar, BatchArea
from qgis_msa_plugin.gis.areas import drawn_area, layer_area
from tests.qgis.dock.desk import Desk

WGS84 = QgsCoordinateReferenceSystem("EPSG:4326")
SQUARE = "Polygon((0 0,10 0,10 10,0 10,0 0))"
BOW_TIE = "Polygon((0 0,10 10,10 0,0 10,0 0))"


def layer_of(*shapes: str, crs: str = "EPSG:32645", kind: str = "Polygon") -> QgsVectorLayer:
    layer = QgsVectorLayer(f"{kind}?crs={crs}", "parcels", "memory")
    for shape in shapes:
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry.fromWkt(shape))
        layer.dataProvider().addFeature(feature)
    return layer


def area(layer: QgsVectorLayer, selected_only: bool = False) -> QgsGeometry:
    found = layer_area(layer, selected_only)
    assert found.crs == layer.crs().authid()
    geometry = QgsGeometry.fromWkt(found.wkt)
    assert geometry.isGeosValid()
    return geometry


def test_all_polygons_become_one_area_and_overlaps_count_once(qgis_app: QObject) -> None:
    assert area(layer_of(SQUARE, "Polygon((5 0,15 0,15 10,5 10,5 0))")).area() == pytest.approx(150)


def test_a_self_crossing_polygon_encloses_what_it_goes_around(qgis_app: QObject) -> None:
    assert area(layer_of(BOW_TIE)).area() == pytest.approx(50)


def test_holes_and_parts_stay(qgis_app: QObject) -> None:
    ring = "((0 0,10 0,10 10,0 10,0 0),(2 2,8 2,8 8,2 8,2 2))"
    found = area(layer_of(f"MultiPolygon({ring},((20 0,21 0,21 1,20 1,20 0)))", kind="MultiPolygon"))
    assert found.area() == pytest.approx(64 + 1)


def test_only_the_selected_ones_count_where_that_is_wished(qgis_app: QObject) -> None:
    layer = layer_of(SQUARE, "Polygon((20 0,21 0,21 1,20 1,20 0))")
    layer.selectByExpression("$area < 50")
    assert area(layer, selected_only=True).area() == pytest.approx(1)


def test_features_without_geometry_or_area_are_passed_over(qgis_app: QObject) -> None:
    layer = layer_of("Polygon((0 0,1 1,2 2,0 0))", SQUARE)
    layer.dataProvider().addFeature(QgsFeature())
    assert area(layer).area() == pytest.approx(100)


@pytest.mark.parametrize(
    ("shapes", "crs", "selected", "said"),
    [
        ((), "EPSG:32645", False, "no polygon with an area"),
        (("Polygon((0 0,1 1,2 2,0 0))",), "EPSG:32645", False, "no polygon with an area"),
        ((SQUARE,), "", False, "no CRS"),
        ((SQUARE,), "EPSG:32645", True, "is selected"),
    ],
)
def test_what_cannot_be_an_area_is_named(
    qgis_app: QObject, shapes: tuple[str, ...], crs: str, selected: bool, said: str
) -> None:
    with pytest.raises(AoiInvalid, match=said):
        layer_area(layer_of(*shapes, crs=crs), selected)


def test_no_layer_at_all_is_named(qgis_app: QObject) -> None:
    with pytest.raises(AoiInvalid, match="no polygon layer"):
        layer_area(None)


@pytest.mark.parametrize(("crs", "half"), [("EPSG:4326", 180.0), ("EPSG:3857", 20037508.342789244)])
def test_what_lies_beyond_the_date_line_is_told_as_it_was_drawn(
    qgis_app: QObject, crs: str, half: float
) -> None:
    corners = [(half - 5, 0.0), (half + 15, 0.0), (half + 15, 10.0), (half - 5, 10.0)]
    area = drawn_area([QgsPointXY(x, y) for x, y in corners], QgsCoordinateReferenceSystem(crs))
    assert QgsGeometry.fromWkt(area.wkt).boundingBox() == QgsRectangle(half - 5, 0, half + 15, 10)


def test_a_drawn_line_needs_an_area_and_a_crs(qgis_app: QObject) -> None:
    corners = [QgsPointXY(0, 0), QgsPointXY(10, 0), QgsPointXY(10, 10)]
    assert QgsGeometry.fromWkt(drawn_area(corners, WGS84).wkt).area() == pytest.approx(50)
    with pytest.raises(AoiInvalid, match="no area"):
        drawn_area([QgsPointXY(0, 0), QgsPointXY(1, 1), QgsPointXY(2, 2)], WGS84)
    with pytest.raises(AoiInvalid, match="no CRS"):
        drawn_area(corners, QgsCoordinateReferenceSystem())


@pytest.fixture
def desk(qgis_app: QObject, qgis_new_project: None) -> Iterator[Desk]:
    desk = Desk()
    desk.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:32645"))
    desk.window.show()
    desk.canvas.setExtent(QgsRectangle(500_000, 3_000_000, 501_000, 3_001_000))
    yield desk
    desk.close()


@pytest.fixture
def bar(desk: Desk) -> Iterator[AreaBar]:
    bar = AreaBar(desk, list)
    bar.show()
    yield bar
    bar.release()


def choose(bar: AreaBar, kind: BatchArea) -> None:
    bar.choice.setCurrentIndex(bar.choice.findData(kind))


def click(desk: Desk, x: int, y: int, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
    QTest.mouseClick(desk.canvas.viewport(), button, Qt.KeyboardModifier.NoModifier, QPoint(x, y))


def test_an_area_is_drawn_by_clicks_and_ended_by_a_right_click(
    bar: AreaBar, desk: Desk, qtbot: QtBot
) -> None:
    choose(bar, BatchArea.DRAWN)
    assert bar.draw.isChecked(), "there is nothing yet, so the tool is in the hand"
    with pytest.raises(AoiInvalid, match="drawn"):
        bar.area()
    for x, y in ((50, 50), (250, 50), (250, 250)):
        click(desk, x, y)
    click(desk, 250, 250, Qt.MouseButton.RightButton)
    found = bar.area()
    assert found is not None
    assert found.crs == "EPSG:32645"
    assert QgsGeometry.fromWkt(found.wkt).area() > 0
    assert desk.canvas.mapTool() is desk.pan, "the tool of before is back"


def test_backspace_takes_a_corner_back_and_enter_ends(bar: AreaBar, desk: Desk) -> None:
    choose(bar, BatchArea.DRAWN)
    for x, y in ((50, 50), (250, 50), (250, 250), (10, 200)):
        click(desk, x, y)
    QTest.keyClick(desk.canvas, Qt.Key.Key_Backspace)
    QTest.keyClick(desk.canvas, Qt.Key.Key_Return)
    found = bar.area()
    assert found is not None
    assert len(QgsGeometry.fromWkt(found.wkt).asPolygon()[0]) == 4


def test_a_change_of_the_projects_crs_leaves_the_drawn_area_where_it_is(bar: AreaBar, desk: Desk) -> None:
    choose(bar, BatchArea.DRAWN)
    for x, y in ((50, 50), (250, 50), (250, 250)):
        click(desk, x, y)
    click(desk, 0, 0, Qt.MouseButton.RightButton)
    before = bar.area()
    desk.canvas.setDestinationCrs(WGS84)
    assert bar.area() == before


def test_whole_rasters_have_no_area_and_the_map_view_is_taken_when_asked(bar: AreaBar, desk: Desk) -> None:
    assert bar.area() is None
    choose(bar, BatchArea.CANVAS)
    found = bar.area()
    assert found is not None
    assert QgsGeometry.fromWkt(found.wkt).area() >= 1_000_000


def test_the_polygon_layer_follows_the_project(bar: AreaBar, qgis_new_project: None) -> None:
    choose(bar, BatchArea.LAYER)
    with pytest.raises(AoiInvalid, match="no polygon layer"):
        bar.area()
    layer = layer_of(SQUARE)
    QgsProject.instance().addMapLayer(layer)
    assert bar.area() == layer_area(layer)
    QgsProject.instance().removeMapLayer(layer.id())
    with pytest.raises(AoiInvalid, match="no polygon layer"):
        bar.area()
