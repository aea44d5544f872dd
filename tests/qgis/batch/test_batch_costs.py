"""What a batch scan costs, told before it starts, and which tiles its area takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsProject, QgsRasterLayer, QgsRectangle
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QApplication

from msa_model.protocol.batch import BatchCost, BatchPlan, BatchRequest
from msa_model.protocol.errors import RasterMissing
from msa_model.protocol.rpc import BATCH, BATCH_PLAN
from msa_model.protocol.warning_table import EngineWarning
from qgis_msa_plugin.batch.panel import BatchPanel
from qgis_msa_plugin.batch.queue import BatchQueue
from qgis_msa_plugin.widgets.wording import disk
from tests.qgis.batch.batch_requests import summary
from tests.qgis.dock.desk import Client, Desk
from tests.qgis.scene import write_scene

SETTLED_MS = 500
_LOW_PX = 690  # what the tab has on a screen of 1400 x 900


@pytest.fixture
def panel(queue: BatchQueue, desk: Desk, scene: QgsRasterLayer) -> Iterator[BatchPanel]:
    panel = BatchPanel(queue, desk)
    panel.resize(320, 700)
    panel.show()
    yield panel
    panel.release()
    panel.deleteLater()


def plan_of(*costs: BatchCost) -> BatchPlan:
    totals = (sum(getattr(cost, name) for cost in costs) for name in ("tiles", "missing", "seconds", "bytes"))
    return BatchPlan(costs, 0, *totals)


def tick(panel: BatchPanel, row: int = 0) -> None:
    panel.form.rasters.list.item(row).setCheckState(Qt.CheckState.Checked)


def asked(client: Client, qtbot: QtBot) -> BatchRequest:
    qtbot.waitUntil(lambda: bool(client.waiting(BATCH_PLAN)))
    found = client.waiting(BATCH_PLAN)[-1].params
    assert isinstance(found, BatchRequest)
    return found


def test_a_ticked_raster_is_planned_without_a_query_and_its_cost_told(
    panel: BatchPanel, client: Client, scene: QgsRasterLayer
) -> None:
    tick(panel)
    cost = BatchCost(scene.source(), 1200, 900, 65.0, 1_500_000, (EngineWarning("one_band"),))
    client.answer(BATCH_PLAN, plan_of(cost))
    label = panel.form.cost
    assert label.isVisible()
    assert label.text() == (
        f"1,200 tiles · 300 indexed · 900 to scan · about 1 min · {disk(1_500_000)} on disk"
    )
    assert "Only one band is shown" in label.toolTip()
    assert scene.source() in label.toolTip()
    assert client.waiting(BATCH) == []


def test_with_the_costs_of_two_rasters_every_button_is_in_sight_on_a_low_screen(
    panel: BatchPanel, client: Client
) -> None:
    panel.resize(320, _LOW_PX)
    tick(panel)
    costs = [BatchCost(f"/data/{name}.tif", 200, 200, 5.0, 50_000) for name in ("town", "airfield")]
    client.answer(BATCH_PLAN, plan_of(*costs))
    QApplication.processEvents()
    for button in (panel.form.start, panel.jobs.resume, panel.jobs.report):
        assert panel.rect().contains(button.mapTo(panel, button.rect().bottomRight())), button.objectName()


def test_several_rasters_are_told_together_and_one_by_one(panel: BatchPanel, client: Client) -> None:
    tick(panel)
    costs = (
        BatchCost("/data/town.tif", 100, 0, 0.0, 0),
        BatchCost("/data/wood.tif", 50, 50, 5.0, 50_000),
        BatchCost("/data/gone.tif", 0, 0, 0.0, 0, (), "raster_missing", "/data/gone.tif does not exist."),
    )
    client.answer(BATCH_PLAN, plan_of(*costs))
    assert panel.form.cost.text().splitlines() == [
        f"3 rasters, 150 tiles · 100 indexed · 50 to scan · a few seconds · {disk(50_000)} on disk",
        "town.tif: 100 tiles · all indexed",
        "wood.tif: 50 tiles to scan · a few seconds",
        "gone.tif: /data/gone.tif does not exist.",
    ]


def test_another_area_has_another_cost(
    panel: BatchPanel, client: Client, desk: Desk, scene: QgsRasterLayer, qtbot: QtBot
) -> None:
    tick(panel)
    assert asked(client, qtbot).aoi is None
    client.answer(BATCH_PLAN, plan_of(BatchCost(scene.source(), 10, 10, 1.0, 1000)))
    desk.canvas.setDestinationCrs(scene.crs())
    box = scene.extent()
    desk.canvas.setExtent(QgsRectangle(box.xMinimum(), box.yMinimum(), box.center().x(), box.center().y()))
    assert not panel.form.area.centres.isVisible()
    panel.form.area.choice.setCurrentIndex(1)
    area = asked(client, qtbot).aoi
    assert area is not None
    assert not area.centres
    panel.form.area.centres.click()
    qtbot.waitUntil(lambda: len(client.waiting(BATCH_PLAN)) > 1)
    area = asked(client, qtbot).aoi
    assert area is not None
    assert area.centres


def test_why_a_scan_cannot_be_planned_is_said_where_its_cost_would_stand(
    panel: BatchPanel, client: Client
) -> None:
    tick(panel)
    client.refuse(BATCH_PLAN, RasterMissing("/data/town.tif does not exist."))
    assert "does not exist" in panel.form.cost.text()


def test_nothing_is_asked_while_nothing_is_ticked_or_nobody_looks(
    panel: BatchPanel, client: Client, qtbot: QtBot
) -> None:
    qtbot.wait(SETTLED_MS)
    panel.hide()
    tick(panel)
    qtbot.wait(SETTLED_MS)
    assert client.waiting(BATCH_PLAN) == []
    panel.show()
    assert len(asked(client, qtbot).rasters) == 1


def test_costs_are_asked_for_again_when_a_scan_has_ended(
    panel: BatchPanel, client: Client, tmp_path: Path, qtbot: QtBot
) -> None:
    other = QgsRasterLayer(str(write_scene(tmp_path / "other.tif", side=64)), "other")
    QgsProject.instance().addMapLayer(other)
    tick(panel)
    client.answer(BATCH_PLAN, plan_of(BatchCost("/data/town.tif", 10, 10, 1.0, 1000)))
    panel.form.queries.text.setPlainText("a pond")
    panel.form.out.setFilePath(str(tmp_path / "hits.gpkg"))
    panel.form.start.click()
    client.answer(BATCH, summary())
    assert asked(client, qtbot).rasters
