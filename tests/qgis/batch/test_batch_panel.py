"""The Batch section: what its form asks for, and how jobs are shown and steered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsHillshadeRenderer, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QListWidget, QScrollArea, QToolButton, QWidget

from msa_model.protocol.batch import BatchRequest, DatedPair, WatchedQuery
from msa_model.protocol.errors import Cancelled, DiskFull
from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.messages import RasterRef
from msa_model.protocol.pixels import DrawRequest, Picture, PixelBlock
from msa_model.protocol.rpc import BATCH
from qgis_msa_plugin.batch.job import JobState
from qgis_msa_plugin.batch.panel import BatchPanel
from qgis_msa_plugin.batch.queue import BatchQueue
from qgis_msa_plugin.settings import Settings
from tests.present import as_a
from tests.qgis.batch.batch_requests import progress, request, summary
from tests.qgis.dock.desk import Client, Desk
from tests.qgis.scene import write_scene


@pytest.fixture
def panel(queue: BatchQueue, desk: Desk, scene: QgsRasterLayer) -> Iterator[BatchPanel]:
    panel = BatchPanel(queue, desk, settings=lambda: Settings(overlap=0.25))
    panel.resize(320, 700)
    panel.show()
    yield panel
    panel.release()
    panel.deleteLater()


def press(panel: BatchPanel, name: str) -> None:
    button = panel.findChild(QWidget, name)
    assert button is not None
    assert button.isVisible()
    assert button.isEnabled()
    button.click()


def tick(panel: BatchPanel, row: int = 0) -> None:
    panel.form.rasters.list.item(row).setCheckState(Qt.CheckState.Checked)


def rows(panel: BatchPanel) -> list[str]:
    return [panel.jobs.list.item(row).text() for row in range(panel.jobs.list.count())]


def asked(client: Client) -> BatchRequest:
    found = client.waiting(BATCH)[0].params
    assert isinstance(found, BatchRequest)
    return found


def test_ticked_layers_and_typed_lines_become_a_request(
    panel: BatchPanel, client: Client, tmp_path: Path, scene: QgsRasterLayer
) -> None:
    tick(panel)
    panel.form.queries.text.setPlainText("a pond\n\n  two   pools \na pond\n")
    panel.form.out.setFilePath(str(tmp_path / "hits"))
    press(panel, "msaBatchStart")
    found = asked(client)
    assert [as_a(RasterRef, reference).path for reference in found.rasters] == [scene.source()]
    assert found.queries == (WatchedQuery("a pond"), WatchedQuery("two pools"))
    assert found.out == str(tmp_path / "hits.gpkg")
    assert found.report == str(tmp_path / "hits.html")
    assert found.settings.overlap == 0.25
    assert (found.aoi, found.watch_list, found.k, found.merge) == (None, None, 20, True)
    assert rows(panel)[0].startswith("hits · running")


def test_a_layer_that_qgis_draws_is_ticked_like_a_file(
    panel: BatchPanel, client: Client, tmp_path: Path, scene: QgsRasterLayer, qtbot: QtBot
) -> None:
    scene.setRenderer(QgsHillshadeRenderer(scene.dataProvider(), 1, 315, 45))
    tick(panel)
    panel.form.queries.text.setPlainText("a pond")
    panel.form.out.setFilePath(str(tmp_path / "hits"))
    press(panel, "msaBatchStart")
    (layer,) = asked(client).rasters
    assert isinstance(layer, DrawnLayer)
    assert (layer.title, layer.width) == (scene.name(), scene.width())
    pictures: list[Picture] = []
    box = scene.extent()
    block = PixelBlock(64, 64, (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()))
    call = client.waiting(BATCH)[0]
    call.draw(DrawRequest(call.id, layer, block), pictures.append)
    qtbot.waitUntil(lambda: bool(pictures), timeout=10_000)
    assert len(pictures[0].rgba) == 64 * 64 * 4


def test_a_layer_without_end_needs_an_area(panel: BatchPanel, client: Client, tmp_path: Path) -> None:
    layer = QgsRasterLayer("type=xyz&url=https://maps.example/%7Bz%7D/%7Bx%7D/%7By%7D.png", "tiles", "wms")
    QgsProject.instance().addMapLayer(layer)
    press(panel, "msaBatchAll")
    panel.form.queries.text.setPlainText("a pond")
    panel.form.out.setFilePath(str(tmp_path / "hits"))
    press(panel, "msaBatchStart")
    assert "too large to be searched as a whole" in panel.form.problem.text()
    assert client.waiting(BATCH) == []


def test_files_that_are_no_layers_go_along(panel: BatchPanel, tmp_path: Path) -> None:
    panel.form.rasters.add_files([str(write_scene(tmp_path / "other.tif", side=64))])
    assert panel.form.rasters.sources(None, None, True) == (RasterRef(str(tmp_path / "other.tif")),)


def test_two_layers_are_picked_for_questions_about_two_dates(
    panel: BatchPanel, client: Client, tmp_path: Path, scene: QgsRasterLayer
) -> None:
    later = QgsRasterLayer(str(write_scene(tmp_path / "zz_later.tif", side=64)), "zz later")
    QgsProject.instance().addMapLayer(later)
    pair = panel.form.pair
    assert not pair.two.swap.isVisible()
    press(panel, "msaBatchPair")
    pair.two.choose([scene, scene])
    panel.form.queries.text.setPlainText("appeared: houses")
    panel.form.out.setFilePath(str(tmp_path / "hits"))
    press(panel, "msaBatchStart")
    assert "two layers of one place" in panel.form.problem.text()
    pair.two.choose([scene, later])
    pair.two.dates_of[0].setText("2010")
    press(panel, "msaBatchStart")
    found = asked(client)
    before, after = (RasterRef(layer.source(), (1, 2, 3)) for layer in (scene, later))
    assert found.pairs == (DatedPair(before, after, "2010", ""),)
    assert found.rasters == ()
    assert found.queries == (WatchedQuery("appeared: houses"),)


def test_a_watch_list_may_stand_alone(panel: BatchPanel, client: Client, tmp_path: Path) -> None:
    watched = tmp_path / "watched.csv"
    watched.write_text("query\na pond\n")
    tick(panel)
    panel.form.queries.file.setFilePath(str(watched))
    panel.form.out.setFilePath(str(tmp_path / "hits.gpkg"))
    press(panel, "msaBatchStart")
    assert (asked(client).queries, asked(client).watch_list) == ((), str(watched))
    assert asked(client).min_score is None


def test_the_least_match_holds_for_every_query(panel: BatchPanel, client: Client, tmp_path: Path) -> None:
    tick(panel)
    panel.form.queries.text.setPlainText("a pond")
    panel.form.out.setFilePath(str(tmp_path / "hits.gpkg"))
    panel.form.match.setCurrentText("likely and better")
    press(panel, "msaBatchStart")
    assert asked(client).min_score == 1.0


@pytest.mark.parametrize(
    ("text", "file", "out", "ticked", "problem"),
    [
        ("a pond", "", "hits.gpkg", False, "No raster"),
        ("", "", "hits.gpkg", True, "no query"),
        ('a pond\n"open', "", "hits.gpkg", True, "Line 2"),
        ("a pond", "/no/such/list.csv", "hits.gpkg", True, "/no/such/list.csv"),
        ("a pond", "", "", True, "No file"),
        ("a pond", "", "no/such/folder/hits.gpkg", True, "no folder"),
    ],
)
def test_what_is_wrong_is_said_in_the_form_and_starts_nothing(  # noqa: PLR0917  (a row of the table)
    panel: BatchPanel,
    client: Client,
    tmp_path: Path,
    text: str,
    file: str,
    out: str,
    ticked: bool,
    problem: str,
) -> None:
    if ticked:
        tick(panel)
    panel.form.queries.text.setPlainText(text)
    panel.form.queries.file.setFilePath(file)
    panel.form.out.setFilePath(str(tmp_path / out) if out else "")
    press(panel, "msaBatchStart")
    assert problem in panel.form.problem.text()
    assert panel.form.problem.isVisible()
    assert client.waiting(BATCH) == []
    assert rows(panel) == []


def test_a_second_start_into_the_same_file_is_refused_while_the_first_runs(
    panel: BatchPanel, tmp_path: Path
) -> None:
    tick(panel)
    panel.form.queries.text.setPlainText("a pond")
    for _ in range(2):
        panel.form.out.setFilePath(str(tmp_path / "hits.gpkg"))
        press(panel, "msaBatchStart")
    assert "hits" in panel.form.problem.text()
    assert len(rows(panel)) == 1


def test_a_removed_layer_leaves_the_list_but_not_the_running_job(
    panel: BatchPanel, queue: BatchQueue, client: Client, tmp_path: Path, scene: QgsRasterLayer
) -> None:
    tick(panel)
    panel.form.queries.text.setPlainText("a pond")
    panel.form.out.setFilePath(str(tmp_path / "hits.gpkg"))
    press(panel, "msaBatchStart")
    path = scene.source()
    QgsProject.instance().removeMapLayer(scene.id())
    assert panel.form.rasters.list.count() == 0
    assert [as_a(RasterRef, reference).path for reference in asked(client).rasters] == [path]
    assert [job.state for job in queue.jobs] == [JobState.RUNNING]
    assert client.cancelled == []


def test_a_renamed_layer_is_listed_by_its_new_name(panel: BatchPanel, scene: QgsRasterLayer) -> None:
    scene.setName("harbour")
    assert panel.form.rasters.list.item(0).text() == "harbour"


def test_a_job_is_paused_resumed_and_removed_by_its_buttons(
    panel: BatchPanel, queue: BatchQueue, client: Client
) -> None:
    queue.add("first", request())
    progress_of = client.waiting(BATCH)[0].progress
    assert progress_of is not None
    progress_of(progress(30))
    assert "30 of 90 · 30 tiles/s · a few seconds left · town.tif" in rows(panel)[0]
    press(panel, "msaBatchPause")
    client.refuse(BATCH, Cancelled("Cancelled."))
    assert "paused · stopped at 30 of 90" in rows(panel)[0]
    press(panel, "msaBatchResume")
    assert "running" in rows(panel)[0]
    press(panel, "msaBatchRemove")
    client.refuse(BATCH, Cancelled("Cancelled."))
    assert rows(panel) == []


def test_a_failed_raster_and_a_failed_job_are_told(
    panel: BatchPanel, queue: BatchQueue, client: Client, desk: Desk
) -> None:
    queue.add("first", request("a"))
    client.answer(BATCH, summary("raster_missing", "/data/town.tif does not exist."))
    assert "failed rasters: 1" in rows(panel)[0]
    assert "/data/town.tif does not exist." in panel.jobs.list.item(0).toolTip()
    queue.add("second", request("b"))
    client.refuse(BATCH, DiskFull("No room in /out."))
    assert "failed · No room in /out." in rows(panel)[0]
    assert any("No room" in item.text() for item in desk.bar.items())


def test_an_empty_list_of_jobs_says_what_will_be_there(panel: BatchPanel) -> None:
    jobs = panel.findChild(QListWidget, "msaBatchJobs")
    assert jobs.count() == 0
    jobs.resize(260, 120)
    picture = jobs.viewport().grab().toImage()
    shades = {picture.pixel(x, y) for x in range(picture.width()) for y in range(picture.height())}
    assert len(shades) > 5  # letters, not an empty field


def test_an_interrupted_job_says_so_and_waits_for_the_button(
    panel: BatchPanel, queue: BatchQueue, client: Client
) -> None:
    queue.add("first", request())
    queue.release()
    client.open.clear()
    queue.look()
    assert "first · interrupted" in rows(panel)[0]
    press(panel, "msaBatchResume")
    assert len(client.waiting(BATCH)) == 1


def test_every_button_has_a_tooltip(panel: BatchPanel) -> None:
    buttons = [button for button in panel.findChildren(QToolButton) if button.objectName().startswith("msa")]
    assert len(buttons) > 6
    assert [button.objectName() for button in buttons if not button.toolTip()] == []


def test_in_the_narrowest_panel_nothing_is_cut_off_at_the_side(panel: BatchPanel) -> None:
    panel.form.start.setText("x" * 60)  # as long words of another language
    panel.show()
    for _ in range(2):  # words change the width, the width the lines
        QTest.qWait(0)
        panel.resize(panel.minimumSizeHint().width(), 200)
    area = panel.findChild(QScrollArea)
    assert area.verticalScrollBar().isVisible()
    assert area.widget().width() <= area.viewport().width()


def test_the_panel_fits_a_narrow_dock(panel: BatchPanel) -> None:
    assert panel.minimumSizeHint().width() <= 320
    assert panel.form.minimumSizeHint().width() <= 320
    assert panel.jobs.minimumSizeHint().width() <= 260  # the scroll bar beside it counted
