from __future__ import annotations

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.gui import QgsMapToolExtent
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QAbstractButton, QComboBox, QLabel, QListView

from msa_model.protocol import rpc
from msa_model.protocol.describing import DescribeReply, Phrase
from msa_model.protocol.hit_filter import HIT_FIELDS
from qgis_msa_plugin.dock.search_dock import SearchDock
from qgis_msa_plugin.gis.geometry import crs_of, point_to_crs
from qgis_msa_plugin.map.result_layer import GROUP
from tests.present import present
from tests.qgis.dock.desk import Client, Desk, Square, answer, plan
from tests.qgis.dock.test_search_dock import part, type_and_enter

MERCATOR = QgsCoordinateReferenceSystem("EPSG:3857")
HITS = (Square(1100, 1900, 40), Square(1300, 1800, 40), Square(1310, 1790, 40))


@pytest.fixture
def found(town: QgsRasterLayer, dock: SearchDock, client: Client, desk: Desk) -> Desk:
    """Three hits, the second and the third overlapping, and the whole raster in view."""
    QgsProject.instance().setCrs(MERCATOR)
    desk.canvas.setDestinationCrs(MERCATOR)
    desk.canvas.setExtent(town.extent())
    search(dock, client, "blue roofs")
    return desk


def search(dock: SearchDock, client: Client, query: str) -> None:
    type_and_enter(dock, query)
    if client.waiting(rpc.PLAN):
        client.answer(rpc.PLAN, plan(missing=0))
    client.answer(rpc.RANK, *answer(*HITS, query=query))


def result_layers() -> list[QgsVectorLayer]:
    group = QgsProject.instance().layerTreeRoot().findGroup(GROUP)
    return [node.layer() for node in group.findLayers()] if group else []


def visible(layer: QgsVectorLayer) -> bool:
    return QgsProject.instance().layerTreeRoot().findLayer(layer.id()).isVisible()


def pixel_of(desk: Desk, x: float, y: float) -> QPoint:
    there = point_to_crs(QgsPointXY(x, y), MERCATOR, desk.canvas.mapSettings().destinationCrs())
    pixel = desk.canvas.getCoordinateTransform().transform(there)
    return QPoint(round(pixel.x()), round(pixel.y()))


def click_map(desk: Desk, x: float, y: float) -> None:
    QTest.mouseClick(desk.canvas.viewport(), Qt.MouseButton.LeftButton, pos=pixel_of(desk, x, y))


def click_row(dock: SearchDock, row: int) -> None:
    view = part(dock, QListView, "msaResults")
    where = view.visualRect(view.model().index(row, 0)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=where)


def selected_ranks(layer: QgsVectorLayer) -> list[int]:
    return [feature["rank"] for feature in layer.selectedFeatures()]


def row(dock: SearchDock) -> int:
    return part(dock, QListView, "msaResults").currentIndex().row()


def test_results_are_a_layer_in_their_group_above_the_raster(found: Desk, town: QgsRasterLayer) -> None:
    (layer,) = result_layers()
    assert QgsProject.instance().layerTreeRoot().layerOrder() == [layer, town]
    assert layer.crs() == MERCATOR
    names = [field.name() for field in layer.fields()]
    assert names == [*HIT_FIELDS, "review", "asked", "overall_rank"]
    first = next(layer.getFeatures())
    assert first["rank"] == 1
    assert first["query"] == "blue roofs"
    assert first["source"] == "/nowhere/town.tif"
    assert first["scale_m"] == 40
    assert first.geometry().boundingBox().toRectF().getCoords() == (1100, 1860, 1140, 1900)


def test_a_long_query_is_cut_in_titles_and_kept_in_the_table(
    found: Desk, dock: SearchDock, client: Client
) -> None:
    query = "<b>boats</b> " * 100
    search(dock, client, query)
    newest = max(result_layers(), key=lambda layer: len(layer.name()))
    title = part(dock, QLabel, "msaResultsTitle")
    assert len(newest.name()) < 150
    assert len(title.text()) < 150
    assert title.textFormat() == Qt.TextFormat.PlainText
    assert next(newest.getFeatures())["query"] == query.strip()


def test_the_same_query_refreshes_its_own_layer(found: Desk, dock: SearchDock, client: Client) -> None:
    (before,) = result_layers()
    type_and_enter(dock, "blue roofs")
    client.answer(rpc.RANK, *answer(*HITS[:2]))
    assert result_layers() == [before]
    assert before.featureCount() == 2


def test_another_query_comes_on_top_and_hides_the_one_before(
    found: Desk, dock: SearchDock, client: Client
) -> None:
    (blue,) = result_layers()
    search(dock, client, "green field")
    green, older = result_layers()
    assert older is blue
    assert visible(green)
    assert not visible(blue)


def test_a_clicked_row_is_selected_outlined_and_brought_into_view(found: Desk, dock: SearchDock) -> None:
    click_row(dock, 1)
    (layer,) = result_layers()
    assert selected_ranks(layer) == [2]
    extent = found.canvas.extent()
    assert extent.center().x() == pytest.approx(1320, abs=0.5)
    assert extent.center().y() == pytest.approx(1780, abs=0.5)
    assert 40 < extent.height() < 200


def test_a_project_in_another_crs_is_zoomed_and_clicked_alike(
    found: Desk, dock: SearchDock, town: QgsRasterLayer
) -> None:
    utm = crs_of("EPSG:32631")
    QgsProject.instance().setCrs(utm)
    found.canvas.setDestinationCrs(utm)
    click_row(dock, 0)
    middle = point_to_crs(found.canvas.extent().center(), utm, MERCATOR)
    assert middle.x() == pytest.approx(1120, abs=0.5)
    assert middle.y() == pytest.approx(1880, abs=0.5)
    found.canvas.zoomToFullExtent()
    click_map(found, 1305, 1795)
    assert row(dock) == 1


def test_keys_walk_through_the_list_and_the_map_follows(found: Desk, dock: SearchDock) -> None:
    click_row(dock, 0)
    QTest.keyClick(part(dock, QListView, "msaResults"), Qt.Key.Key_Down)
    assert selected_ranks(result_layers()[0]) == [2]
    assert found.canvas.extent().center().x() == pytest.approx(1320, abs=0.5)


def test_a_click_on_a_tile_selects_its_row_and_leaves_the_tool_alone(found: Desk, dock: SearchDock) -> None:
    click_map(found, 1120, 1880)
    assert row(dock) == 0
    assert selected_ranks(result_layers()[0]) == [1]
    assert found.canvas.mapTool() is found.pan


def test_clicking_again_goes_on_to_the_tile_below(found: Desk, dock: SearchDock) -> None:
    rows = []
    for _ in range(3):
        click_map(found, 1325, 1775)
        rows.append(row(dock))
    assert rows == [1, 2, 1]


def test_a_drag_selects_nothing(found: Desk, dock: SearchDock) -> None:
    start, viewport = pixel_of(found, 1120, 1880), found.canvas.viewport()
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(viewport, start + QPoint(60, 40))
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=start + QPoint(60, 40))
    assert row(dock) == 0


def test_a_drawing_tool_keeps_its_clicks(found: Desk, dock: SearchDock) -> None:
    tool = QgsMapToolExtent(found.canvas)
    found.canvas.setMapTool(tool)
    click_map(found, 1120, 1880)
    assert row(dock) == 0
    found.canvas.unsetMapTool(tool)


def test_a_selection_in_the_layer_selects_the_row(found: Desk, dock: SearchDock) -> None:
    (layer,) = result_layers()
    layer.selectByExpression('"rank" = 3')
    assert row(dock) == 2


def test_a_removed_result_layer_takes_its_hits_along(found: Desk, dock: SearchDock, client: Client) -> None:
    click_row(dock, 0)
    QgsProject.instance().removeMapLayer(result_layers()[0].id())
    assert part(dock, QListView, "msaResults").model().rowCount() == 0
    click_map(found, 1120, 1880)
    search(dock, client, "blue roofs")
    assert len(result_layers()) == 1


def test_a_new_project_leaves_a_dock_that_works(found: Desk, dock: SearchDock) -> None:
    QgsProject.instance().clear()
    assert part(dock, QListView, "msaResults").model().rowCount() == 0


def test_the_map_view_as_area_is_where_the_map_is(found: Desk, dock: SearchDock, client: Client) -> None:
    areas = part(dock, QComboBox, "msaArea")
    areas.setCurrentIndex(1)
    found.canvas.setExtent(found.canvas.extent().scaled(0.5))
    type_and_enter(dock, "blue roofs")
    aoi = client.answer(rpc.PLAN, plan(missing=0)).params.aoi
    assert aoi.crs == "EPSG:3857"
    assert aoi.wkt.startswith("Polygon ((")


def test_a_view_wider_than_the_raster_limits_nothing(found: Desk, dock: SearchDock, client: Client) -> None:
    dock.findChild(QComboBox, "msaArea").setCurrentIndex(1)
    found.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    found.canvas.setExtent(QgsRectangle(-400, -200, 400, 200))
    dock._session.search.search("blue roofs")
    assert client.waiting(rpc.PLAN)[-1].params.aoi is None


def test_a_view_beside_the_raster_is_refused_in_words(found: Desk, dock: SearchDock, client: Client) -> None:
    dock.findChild(QComboBox, "msaArea").setCurrentIndex(1)
    found.canvas.setExtent(QgsRectangle(0, 0, 100, 100))
    dock._session.search.search("blue roofs")
    assert "shows nothing of the layer 'town'" in present(dock._state.notice).sentence
    assert client.waiting(rpc.PLAN) == []


def test_selected_polygons_as_area_need_a_selection(found: Desk, dock: SearchDock, client: Client) -> None:
    layer = QgsVectorLayer("Polygon?crs=EPSG:4326", "fields", "memory")
    QgsProject.instance().addMapLayer(layer)
    part(dock, QComboBox, "msaArea").setCurrentIndex(2)
    type_and_enter(dock, "blue roofs")
    assert "No polygon is selected" in dock.findChild(object, "msaNotice").text()
    add_square(layer)
    layer.selectAll()
    type_and_enter(dock, "blue roofs")
    aoi = client.answer(rpc.PLAN, plan(missing=0)).params.aoi
    assert aoi.crs == "EPSG:4326"


def test_the_describe_tool_asks_about_the_click_and_gives_the_old_tool_back(
    found: Desk, dock: SearchDock, client: Client
) -> None:
    button = part(dock, QAbstractButton, "msaDescribe")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    click_map(found, 1200, 1850)
    phrases = (Phrase("a street", 0.1, 0.3, match="strong"), Phrase("a roof", 0.05, 0.2, match="likely"))
    answer = DescribeReply(phrases, (1180.0, 1830.0, 1220.0, 1870.0), "EPSG:3857", 40.0, 1.0)
    asked = client.answer(rpc.DESCRIBE, answer).params
    assert asked.crs == "EPSG:3857"
    assert asked.point == pytest.approx((1200, 1850), abs=1.0)
    assert asked.scale_m == pytest.approx(38.4)
    listed = part(dock, QListView, "msaPhrases").model()
    assert [listed.index(n, 0).data() for n in range(listed.rowCount())] == ["a street", "a roof"]
    assert row(dock) == 0
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert found.canvas.mapTool() is found.pan


def test_another_scale_describes_the_same_place_again(found: Desk, dock: SearchDock, client: Client) -> None:
    QTest.mouseClick(part(dock, QAbstractButton, "msaDescribe"), Qt.MouseButton.LeftButton)
    click_map(found, 1200, 1850)
    part(dock, QComboBox, "msaDescribeScale").setCurrentIndex(1)
    first, second = (asked.params for asked in client.waiting(rpc.DESCRIBE))
    assert second.point == first.point
    assert second.scale_m == pytest.approx(76.8)


def test_another_map_tool_releases_the_describe_button(found: Desk, dock: SearchDock) -> None:
    button = part(dock, QAbstractButton, "msaDescribe")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    found.canvas.setMapTool(found.pan)
    assert not button.isChecked()


def add_square(layer: QgsVectorLayer) -> None:
    from qgis.core import QgsFeature, QgsGeometry

    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromWkt("POLYGON((0 0, 1 0, 1 1, 0 1, 0 0))"))
    layer.dataProvider().addFeatures([feature])
