"""Two dates in the dock with the real worker: asked, listed with both pictures, shown by turns on the map."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from osgeo import gdal
from pytestqt.qtbot import QtBot
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtGui import QColor, QImage
from qgis.PyQt.QtTest import QTest

from msa_model.protocol.hit_filter import CHANGE_FIELDS
from msa_model.protocol.match import match_of
from qgis_msa_plugin.dock.results_model import AFTER_ROLE
from qgis_msa_plugin.dock.search_dock import SearchDock
from qgis_msa_plugin.gis.marks import is_heat_layer, set_visible
from qgis_msa_plugin.search.question import Judgement
from qgis_msa_plugin.search.state import ScanPhase
from qgis_msa_plugin.search.stored import StoredAnswer, answer_text, read_answer
from qgis_msa_plugin.session import Session
from qgis_msa_plugin.worker.client import WorkerClient
from tests.present import present
from tests.qgis.conftest import REAL_WORKER
from tests.qgis.dock.conftest import write_raster
from tests.qgis.dock.dates import BUILT, LONG_MS, SETTINGS, ask, result_layer, ten_years_later
from tests.qgis.dock.desk import Desk
from tests.qgis.dock.test_result_layer_of_users import digest, make_permanent

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not REAL_WORKER.exists(), reason="the worker's environment is not set up"),
]


@pytest.fixture(scope="module")
def rasters(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Of one grid; their indexes stay for all tests."""
    folder = tmp_path_factory.mktemp("dates")
    before = write_raster(folder / "town_20100629.tif", 768)
    return before, ten_years_later(before, folder / "town_20200831.tif")


@pytest.fixture
def layers(rasters: tuple[Path, Path], qgis_new_project: None) -> list[QgsRasterLayer]:
    layers = [QgsRasterLayer(str(path), name) for path, name in zip(rasters, ("old", "new"), strict=True)]
    QgsProject.instance().addMapLayers(layers)
    return layers


@pytest.fixture
def session(real_client: WorkerClient, layers: list[QgsRasterLayer]) -> Iterator[Session]:
    session = Session(real_client, lambda: SETTINGS)
    yield session
    session.release()


@pytest.fixture
def dock(session: Session, layers: list[QgsRasterLayer], desk: Desk) -> Iterator[SearchDock]:
    dock = SearchDock(session, desk)
    desk.add(dock)
    dock.search.tools.compare.click()
    dock.search.compare.choose(layers)
    yield dock
    dock.release()


def answered(dock: SearchDock, qtbot: QtBot, text: str) -> None:
    """Ask, and wait for the answer; a long scan is agreed to."""
    state = dock.search._state
    ask(dock, text)

    def settled() -> bool:
        dock.search._controller.consent()
        there = state.results is not None and state.results.query == text
        return state.phase is ScanPhase.IDLE and not state.searching and there

    qtbot.waitUntil(settled, timeout=LONG_MS)


def test_what_appeared_is_listed_and_put_on_the_map_with_both_dates(
    dock: SearchDock, session: Session, layers: list[QgsRasterLayer], qtbot: QtBot
) -> None:
    fields = dock.search.compare.two.dates_of
    qtbot.waitUntil(lambda: [field.text() for field in fields] == ["2010-06-29", "2020-08-31"])
    answered(dock, qtbot, "appeared: a lake")
    session.search.show_doubtful(True)
    state, layer = session.state, result_layer()
    qtbot.waitUntil(lambda: 0 < layer.featureCount() == len(state.shown.rows))
    best = next(layer.getFeatures())
    assert set(CHANGE_FIELDS) <= {field.name() for field in layer.fields()}
    assert (best["date_before"], best["date_after"]) == ("2010-06-29", "2020-08-31")
    assert best["score_after"] > best["score_before"]
    assert best["match"] == match_of(best["change"])
    at, side = BUILT
    middle = best.geometry().centroid().asPoint()
    assert abs(1000 + (at + side / 2) / 2 - middle.x()) < side / 2
    assert abs(2000 - (at + side / 2) / 2 - middle.y()) < side / 2
    row = dock.search.results.model().index(0, 0)
    pictures = (int(Qt.ItemDataRole.DecorationRole), AFTER_ROLE)
    qtbot.waitUntil(lambda: all(isinstance(row.data(role), QImage) for role in pictures), timeout=LONG_MS)
    assert row.data(pictures[0]) != row.data(pictures[1])
    assert dock.search.verdict.label.text()


def test_a_saved_answer_keeps_its_file_byte_for_byte(dock: SearchDock, qtbot: QtBot, tmp_path: Path) -> None:
    answered(dock, qtbot, "appeared: a lake")
    dock.search._controller.show_doubtful(True)
    path = tmp_path / "mine.gpkg"
    qtbot.waitUntil(lambda: result_layer().featureCount() > 0)
    make_permanent(result_layer(), path)
    before = digest(path)
    dock.search._controller.judge(1, Judgement.ACCEPTED)
    answered(dock, qtbot, "vanished: a meadow")
    assert digest(path) == before


def test_an_answer_about_two_dates_comes_back_with_its_project(
    dock: SearchDock, session: Session, qtbot: QtBot
) -> None:
    answered(dock, qtbot, "vanished: a meadow")
    state = session.state
    answer = StoredAnswer(present(state.results), state.filters, state.judgements)
    again = read_answer(answer_text(answer), QgsProject.instance()).results
    assert again.change == present(state.results).change
    assert [again.row(row) for row in range(len(again.table))] == [
        present(state.results).row(row) for row in range(len(again.table))
    ]


def test_a_click_shows_the_dates_by_turns_and_a_key_the_other_one(
    dock: SearchDock, session: Session, layers: list[QgsRasterLayer], qtbot: QtBot
) -> None:
    answered(dock, qtbot, "changed")
    session.search.show_doubtful(True)
    root, results = QgsProject.instance().layerTreeRoot(), dock.search.results
    nodes = [root.findLayer(layer.id()) for layer in layers]

    def shown() -> list[bool]:
        return [node.itemVisibilityChecked() for node in nodes]

    QTest.mouseClick(
        results.viewport(),
        Qt.MouseButton.LeftButton,
        pos=results.visualRect(results.model().index(0, 0)).center(),
    )
    assert shown() == [True, False]
    qtbot.waitUntil(lambda: shown() == [False, True])
    qtbot.waitUntil(lambda: not dock._map.dates.running)
    assert shown() == [False, True]
    QTest.keyClick(results, Qt.Key.Key_T)
    assert shown() == [True, False]
    set_visible(QgsProject.instance(), layers[1], True)  # by hand, in the layer tree
    dock._map.dates.release()
    assert shown() == [True, True]


def test_review_keys_and_the_gallery_serve_two_dates(
    dock: SearchDock, session: Session, qtbot: QtBot
) -> None:
    answered(dock, qtbot, "changed")
    session.search.show_doubtful(True)
    results = dock.search.results
    session.search.select_hit(1, zoom=False)
    QTest.keyClick(results, Qt.Key.Key_A)
    assert session.state.judgement(1) is Judgement.ACCEPTED
    assert not dock.search.review.refine.isEnabled()
    QTest.keyClick(results, Qt.Key.Key_G)
    cell = results.gridSize()
    assert cell.width() > 1.5 * cell.height()
    QTest.keyClick(results, Qt.Key.Key_G)


def test_places_that_went_as_a_hit_did_are_found(dock: SearchDock, session: Session, qtbot: QtBot) -> None:
    answered(dock, qtbot, "changed")
    first = present(session.state.results).table.tile(0)
    session.search.compare_like(1)
    qtbot.waitUntil(lambda: present(session.state.results).query == "like this change", timeout=LONG_MS)
    assert present(session.state.results).table.tile(0) == first


@pytest.mark.parametrize(
    ("text", "chosen", "says"),
    [
        ("a lake -> a wood -> a town", (0, 1), "two dates reads"),
        ("", (0, 1), "no words"),
        ("changed", (0, 0), "two layers of one place"),
        ("changed", (0, 2), "same raster"),
        ("changed", (0, 3), "do not overlap"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_a_sentence(  # noqa: PLR0917
    text: str,
    chosen: tuple[int, int],
    says: str,
    dock: SearchDock,
    session: Session,
    rasters: tuple[Path, Path],
    layers: list[QgsRasterLayer],
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    far = write_raster(tmp_path / "far_2015.tif", 512, crs=32633)
    others = [QgsRasterLayer(str(path), path.stem) for path in (rasters[0], far)]
    QgsProject.instance().addMapLayers(others)
    offered = [*layers, *others]
    dock.search.compare.choose([offered[at] for at in chosen])
    ask(dock, text)
    qtbot.waitUntil(lambda: session.state.notice is not None)
    assert says in present(session.state.notice).sentence
    assert not session.state.searching


def test_dates_that_cannot_be_read_are_named(dock: SearchDock, session: Session, qtbot: QtBot) -> None:
    dock.search.compare.two.dates_of[1].setText("soon")
    ask(dock, "changed")
    qtbot.waitUntil(lambda: session.state.notice is not None, timeout=LONG_MS)
    assert "2020-08-31" in present(session.state.notice).sentence
    dock.search.compare.two.dates_of[1].setText("2010-06-29")
    answered(dock, qtbot, "changed")
    assert "Both dates read 2010-06-29" in dock.search.verdict.label.text()


def test_another_grid_is_read_on_the_first_ones_pixels(
    dock: SearchDock, session: Session, layers: list[QgsRasterLayer], qtbot: QtBot, tmp_path: Path
) -> None:
    coarse = tmp_path / "coarse_2021.tif"
    gdal.Translate(str(coarse), layers[1].source(), width=512, height=512)
    layer = QgsRasterLayer(str(coarse), "coarse")
    QgsProject.instance().addMapLayer(layer)
    dock.search.compare.choose([layers[0], layer])
    answered(dock, qtbot, "appeared: a lake")
    change = present(present(session.state.results).change)
    assert change.date_after == "2021"
    assert change.tiles > 0
    assert len({(hit.row, hit.col) for hit in change.results}) == len(change.results)


def test_a_click_on_the_map_tells_what_changed_there(
    dock: SearchDock, session: Session, desk: Desk, qtbot: QtBot
) -> None:
    strip, tool = dock.search.compare, dock._here.tool
    assert not strip.here.isEnabled()
    answered(dock, qtbot, "changed")
    desk.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    strip.here.click()
    assert desk.canvas.mapTool() is tool
    at, side = BUILT
    tool.placed.emit(QgsPointXY(1000 + (at + side / 2) / 2, 2000 - (at + side / 2) / 2), False)
    qtbot.waitUntil(lambda: strip.told.text() != "", timeout=LONG_MS)
    told = session.state.changed_here
    assert (present(told).date_before, present(told).date_after) == ("2010-06-29", "2020-08-31")
    assert present(told).now in strip.told.text()
    assert present(told).gained[0].phrase in strip.told.toolTip()
    strip.here.click()
    assert desk.canvas.mapTool() is desk.pan
    session.search.forget_results()
    assert not strip.told.text()
    assert not strip.here.isEnabled()


def test_the_map_of_changes_is_red_where_it_went_that_way_and_clear_elsewhere(
    dock: SearchDock, session: Session, qtbot: QtBot
) -> None:
    answered(dock, qtbot, "appeared: a lake")
    session.search.show_heatmap()
    qtbot.waitUntil(lambda: session.state.heatmap is not None, timeout=LONG_MS)
    heatmap = session.state.heatmap
    assert present(heatmap).diverging
    assert present(heatmap).low == -present(heatmap).high
    (layer,) = filter(is_heat_layer, QgsProject.instance().mapLayers().values())
    at, side = BUILT
    middle = QgsPointXY(1000 + (at + side / 2) / 2, 2000 - (at + side / 2) / 2)
    values = [layer.dataProvider().sample(point, 1)[0] for point in (middle, QgsPointXY(1040, 1960))]
    assert values[0] > values[1]
    items = layer.renderer().shader().rasterShaderFunction().colorRampItemList()
    assert items[0].color.blue() > items[0].color.red()
    assert items[-1].color.red() > items[-1].color.blue()
    assert min(item.color.alpha() for item in items) == 0


def test_both_dates_are_seen_beside_a_line_that_keys_and_mouse_move(
    dock: SearchDock, session: Session, layers: list[QgsRasterLayer], desk: Desk, qtbot: QtBot
) -> None:
    answered(dock, qtbot, "changed")
    session.search.show_doubtful(True)
    canvas, swipe = desk.canvas, dock._map.swipe
    canvas.setDestinationCrs(layers[0].crs())
    canvas.setLayers([layers[1]])
    at, side = BUILT
    centre = QgsPointXY(1000 + (at + side / 2) / 2, 2000 - (at + side / 2) / 2)
    canvas.setExtent(QgsRectangle.fromCenterAndSize(centre, side / 4, side / 4))
    canvas.waitWhileRendering()
    dock.search.compare.swipe.click()
    assert canvas.mapTool() is swipe.tool
    qtbot.waitUntil(lambda: not present(swipe._half)._image.isNull(), timeout=LONG_MS)
    qtbot.waitUntil(lambda: not canvas.isDrawing())

    def colours() -> tuple[QColor, QColor]:
        """Left and right of the line, of what the map's viewport shows."""
        image, middle = canvas.viewport().grab().toImage(), canvas.height() // 2
        line = round(canvas.width() * swipe.share)
        return image.pixelColor(line - 12, middle), image.pixelColor(line + 12, middle)

    left, right = colours()
    assert right.blue() > 120 > right.red()  # the lake of the later date
    assert left != right
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert swipe.share == pytest.approx(0.52)
    QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(canvas.width() // 4, 40))
    assert swipe.share == pytest.approx(0.25, abs=0.01)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert not swipe.running
    assert not dock.search.compare.swipe.isChecked()
    assert canvas.mapTool() is desk.pan
    QTest.keyClick(dock.search.results, Qt.Key.Key_X)
    assert swipe.running
    canvas.setMapTool(desk.pan)
    assert not swipe.running
