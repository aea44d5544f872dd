"""Many dates in the dock with the real worker: asked, drawn over time, kept, refused where they cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from osgeo import gdal
from pytestqt.qtbot import QtBot
from qgis.core import (
    QgsDateTimeRange,
    QgsFeatureRequest,
    QgsLayerTreeGroup,
    QgsProject,
    QgsRasterLayer,
    QgsTemporalUtils,
    QgsVectorLayer,
    QgsVectorLayerTemporalContext,
)
from qgis.PyQt.QtCore import QDateTime, Qt
from qgis.PyQt.QtTest import QTest

from msa_model.protocol.changing import SeriesHit
from msa_model.protocol.hit_filter import SERIES_FIELDS
from qgis_msa_plugin.dock.change_words import OVER_TIME
from qgis_msa_plugin.dock.search_dock import SearchDock
from qgis_msa_plugin.search.state import ScanPhase
from qgis_msa_plugin.search.stored import StoredAnswer, answer_text, read_answer
from qgis_msa_plugin.session import Session
from qgis_msa_plugin.worker.client import WorkerClient
from tests.present import as_a, present
from tests.qgis.conftest import REAL_WORKER
from tests.qgis.dock.conftest import write_raster
from tests.qgis.dock.dates import LONG_MS, SETTINGS, ask, result_layer, ten_years_later
from tests.qgis.dock.desk import Desk

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not REAL_WORKER.exists(), reason="the worker's environment is not set up"),
]
SHORT, QUERY = 512, "water"  # the side that the second date shows (px)


@pytest.fixture(scope="module")
def rasters(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three dates of one place: the second shows a part only, the third has a lake."""
    folder = tmp_path_factory.mktemp("series")
    first = write_raster(folder / "town_20000629.tif", 768)
    part = folder / "town_2010-06.tif"
    gdal.Translate(str(part), str(first), srcWin=[0, 0, SHORT, SHORT])
    return [first, part, ten_years_later(first, folder / "town_20200831.tif")]


@pytest.fixture
def group(rasters: list[Path], qgis_new_project: None) -> QgsLayerTreeGroup:
    """The latest on top, as people lay dates."""
    project = QgsProject.instance()
    group = project.layerTreeRoot().addGroup("Town")
    for path in rasters:
        layer = QgsRasterLayer(str(path), path.stem)
        project.addMapLayer(layer, False)
        group.insertLayer(0, layer)
    return group


@pytest.fixture
def session(real_client: WorkerClient, group: QgsLayerTreeGroup) -> Iterator[Session]:
    session = Session(real_client, lambda: SETTINGS)
    yield session
    session.release()


@pytest.fixture
def dock(session: Session, desk: Desk, qtbot: QtBot) -> Iterator[SearchDock]:
    """The strip with the form of many dates."""
    dock = SearchDock(session, desk)
    desk.add(dock)
    dock.search.tools.compare.click()
    form = dock.search.compare.form
    form.setCurrentIndex(form.findData(OVER_TIME))
    yield dock
    dock.release()


def answered(dock: SearchDock, session: Session, qtbot: QtBot, text: str = QUERY) -> None:
    state = session.state
    ask(dock, text)

    def settled() -> bool:
        session.search.consent()
        idle = state.phase is ScanPhase.IDLE and not state.searching
        return idle and state.results is not None and state.results.series is not None

    qtbot.waitUntil(settled, timeout=LONG_MS)
    session.search.show_doubtful(True)


def days_in(layer: QgsVectorLayer, *ends: str) -> set[str]:
    """The dates of the features that QGIS draws while its temporal controller stands between these days."""
    begin, end = (QDateTime.fromString(day, Qt.DateFormat.ISODate) for day in ends)
    context = QgsVectorLayerTemporalContext()
    context.setLayer(layer)
    text = layer.temporalProperties().createFilterString(context, QgsDateTimeRange(begin, end, True, False))
    features = layer.getFeatures(QgsFeatureRequest().setFilterExpression(text))
    return {feature["date"].toString("yyyy-MM-dd") for feature in features}


def rank_with_gap(session: Session) -> int:
    hits = present(present(session.state.results).series).results
    return next(hit.rank for hit in hits if None in hit.scores)


def test_a_group_is_followed_over_its_dates_and_its_layer_by_the_temporal_controller(
    dock: SearchDock, session: Session, group: QgsLayerTreeGroup, qtbot: QtBot
) -> None:
    stack = dock.search.compare.stack
    assert [layer.name() for layer in stack.layers()] == ["town_20200831", "town_2010-06", "town_20000629"]
    qtbot.waitUntil(lambda: stack.dates() == ("2020-08-31", "2010-06", "2000-06-29"), timeout=LONG_MS)
    answered(dock, session, qtbot)
    state, layer = session.state, result_layer()
    assert present(present(state.results).series).dates == ("2000-06-29", "2010-06", "2020-08-31")
    best = as_a(SeriesHit, present(state.results).row(0))
    assert best.last == "2020-08-31"
    assert best.trend > 0
    assert best.category
    assert "2020-08-31" in dock.search.results.model().index(0, 0).data()
    points = sum(
        score is not None for hit in present(present(state.results).series).results for score in hit.scores
    )
    qtbot.waitUntil(lambda: layer.featureCount() == points, timeout=LONG_MS)
    assert set(SERIES_FIELDS) <= {field.name() for field in layer.fields()}
    days = {feature["date"].toString("yyyy-MM-dd") for feature in layer.getFeatures()}
    assert days == {"2000-06-29", "2010-06-01", "2020-08-31"}
    assert layer.temporalProperties().isActive()
    assert days_in(layer, "2020-08-01", "2020-09-01") == {"2020-08-31"}
    for day, following in (("2000-06-29", "2000-06-30"), ("2020-08-31", "2020-09-01")):
        assert days_in(layer, day, following) == {day}
    assert not days_in(layer, "2020-08-29", "2020-08-31")
    whole = QgsTemporalUtils.calculateTemporalRangeForProject(QgsProject.instance())
    assert whole.begin().date().toString("yyyy-MM-dd") == "2000-06-29"
    assert whole.end().date().toString("yyyy-MM-dd") == "2020-08-31"
    assert days_in(layer, "2000-01-01", "2011-01-01") == {"2000-06-29", "2010-06-01"}
    session.search.select_hit(1, zoom=False)
    assert len(layer.selectedFeatureIds()) == sum(score is not None for score in best.scores)


def test_the_chart_goes_from_date_to_date_with_the_map(
    dock: SearchDock, session: Session, group: QgsLayerTreeGroup, qtbot: QtBot
) -> None:
    answered(dock, session, qtbot)
    panel, rank = dock.search.history, rank_with_gap(session)
    session.search.select_hit(rank, zoom=False)
    assert panel.isVisible()
    assert "2010-06: no data" in panel.chart.accessibleDescription()
    nodes = [group.findLayer(target.layer_id) for target in present(session.state.results).question.layers]

    def shown() -> list[bool]:
        return [node.itemVisibilityChecked() for node in nodes]

    QTest.keyClick(panel.chart, Qt.Key.Key_End)
    assert shown() == [False, False, True]
    QTest.keyClick(panel.chart, Qt.Key.Key_Left)
    assert shown() == [False, True, False]
    QTest.keyClick(dock.search.results, Qt.Key.Key_T)
    assert shown() == [False, False, True]
    assert panel.chart.current == 2
    wanted = panel._picture
    qtbot.waitUntil(lambda: wanted(0) is not None and wanted(2) is not None, timeout=LONG_MS)
    assert wanted(0) != wanted(2)


def test_places_that_went_like_one_are_found_by_a_button(
    dock: SearchDock, session: Session, qtbot: QtBot
) -> None:
    answered(dock, session, qtbot)
    hits = present(present(session.state.results).series).results
    rank = next(hit.rank for hit in hits if None not in hit.scores)
    session.search.select_hit(rank, zoom=False)
    first = present(session.state.results).table.tile(rank - 1)
    QTest.mouseClick(dock.search.history.alike, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: present(session.state.results).verdict is None, timeout=LONG_MS)
    results = session.state.results
    assert present(results).table.tile(0) == first
    assert as_a(SeriesHit, present(results).row(0)).correlation == pytest.approx(1, abs=1e-3)
    assert present(results).question.sought == f"{QUERY}, gone like one place"


def test_an_answer_about_many_dates_comes_back_with_its_project(
    dock: SearchDock, session: Session, qtbot: QtBot
) -> None:
    answered(dock, session, qtbot)
    state = session.state
    answer = StoredAnswer(present(state.results), state.filters, state.judgements)
    again = read_answer(answer_text(answer), QgsProject.instance()).results
    assert again.series == present(state.results).series
    rows = range(len(again.table))
    assert [again.row(row) for row in rows] == [present(state.results).row(row) for row in rows]


@pytest.mark.parametrize(
    ("date", "says"),
    [
        ("soon", "must read like 2020"),
        ("2020-08-31", "both have the date"),
        ("2020-13", "must read like 2020"),
    ],
)
def test_dates_that_make_no_series_are_named_before_anything_is_scanned(  # noqa: PLR0917
    date: str, says: str, dock: SearchDock, session: Session, group: QgsLayerTreeGroup, qtbot: QtBot
) -> None:
    stack = dock.search.compare.stack
    qtbot.waitUntil(lambda: "" not in stack.dates(), timeout=LONG_MS)
    stack.list.topLevelItem(1).setText(1, date)
    ask(dock, QUERY)
    qtbot.waitUntil(lambda: session.state.notice is not None, timeout=LONG_MS)
    assert says in present(session.state.notice).sentence
    assert session.state.phase is not ScanPhase.SCANNING
    assert not session.state.searching


def test_what_makes_no_series_is_refused_in_a_sentence(
    dock: SearchDock, session: Session, rasters: list[Path], qtbot: QtBot, tmp_path: Path
) -> None:
    far = write_raster(tmp_path / "far_2015.tif", 512, crs=32633)
    nameless = write_raster(tmp_path / "nameless.tif", 512)
    layers = [QgsRasterLayer(str(path), path.stem) for path in (rasters[0], far, nameless)]
    QgsProject.instance().addMapLayers(layers)
    for chosen, says in (
        (layers[:1], "at least two layers"),
        (layers[:2], "do not overlap"),
        ([layers[0], layers[2]], "Nothing tells the date of 'nameless'"),
    ):
        dock.search.compare.stack.choose(chosen)
        session.state.notice = None
        ask(dock, QUERY)
        qtbot.waitUntil(lambda: session.state.notice is not None, timeout=LONG_MS)
        assert says in present(session.state.notice).sentence


def test_a_series_that_is_asked_again_keeps_each_layers_date(
    dock: SearchDock, session: Session, qtbot: QtBot
) -> None:
    """The list has the latest layer on top; the question has the earliest first."""
    answered(dock, session, qtbot)
    first = session.state.results
    session.search.ask_again(present(first).question)
    qtbot.waitUntil(lambda: session.state.results is not first, timeout=LONG_MS)
    again = session.state.results
    assert present(again).question.dates == present(first).question.dates
    assert [target.layer_id for target in present(again).question.layers] == [
        target.layer_id for target in present(first).question.layers
    ]
