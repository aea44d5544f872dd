"""Layers that QGIS draws in the toolbox: in the main thread, in a task, against a server that fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import (
    QgsApplication,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
)

from qgis_msa_plugin.render.drawer import DrawingLimits
from qgis_msa_plugin.render.feeder import Feeder, layers_of_project
from tests.map_server import MapServer
from tests.qgis.scene import LEFT, TOP
from tests.qgis.toolbox import polygon_layer, run

pytestmark = pytest.mark.slow

LONG_MS = 120_000


def parameters(layer: QgsRasterLayer, index: Path) -> dict[str, Any]:
    area = polygon_layer(QgsRectangle(LEFT, TOP - 400, LEFT + 400, TOP))
    return {"RASTER": layer, "AOI": area, "SCALES": "128", "GSD": 0.5, "INDEX": str(index)}


def test_a_wms_is_scanned_and_searched(real: None, wms: QgsRasterLayer, tmp_path: Path) -> None:
    area = polygon_layer(QgsRectangle(LEFT, TOP - 300, LEFT + 300, TOP))
    index = str(tmp_path / "i.gpkg")
    found = run("searchtext", RASTER=wms, INDEX=index, QUERY="a street", K=5, AOI=area, OUTPUT="memory:")
    assert 0 < found["COUNT"] <= 5
    assert found["OUTPUT"].crs().authid() == "EPSG:32645"
    assert Path(index).exists()


def test_a_run_in_the_background_draws_in_the_main_thread(
    real: None, tiles: QgsRasterLayer, tmp_path: Path, qtbot: QtBot
) -> None:
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
    context.setProject(QgsProject.instance())
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("msa_search:indexraster")
    wanted = parameters(tiles, tmp_path / "i.gpkg")  # the task keeps no reference to the layers
    task = QgsProcessingAlgRunnerTask(algorithm, wanted, context, feedback)
    ended: list[tuple[bool, dict[str, Any]]] = []
    task.executed.connect(lambda good, results: ended.append((good, results)))
    QgsApplication.taskManager().addTask(task)
    qtbot.waitUntil(lambda: bool(ended), timeout=LONG_MS)
    good, results = ended[0]
    assert good, feedback.textLog()
    assert results["ENCODED"] > 20


def test_a_failing_server_is_named(
    real: None, server: MapServer, tiles: QgsRasterLayer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.fault = lambda path: 403
    monkeypatch.setattr(
        Feeder.__init__, "__defaults__", (layers_of_project, None, DrawingLimits(10.0, 0, 0.01))
    )
    with pytest.raises(QgsProcessingException, match="HTTP 403"):
        run("indexraster", **parameters(tiles, tmp_path / "i.gpkg"))
