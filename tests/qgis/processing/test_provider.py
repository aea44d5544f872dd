"""The algorithms through the Processing registry, with the real worker."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsGeometry,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)

from msa_model.protocol.match import SHOWN
from qgis_msa_plugin.processing.provider import ALGORITHMS
from qgis_msa_plugin.settings import Settings, keep_settings
from tests.matches import MATCHES
from tests.qgis.conftest import odd_command
from tests.qgis.dock.desk import Desk
from tests.qgis.scene import CRS, LEFT, PIXEL, TOP
from tests.qgis.toolbox import Feedback, QgisProcess, corner, polygon_layer, run

MIDDLE = f"{LEFT + 512 * PIXEL},{TOP - 512 * PIXEL} [EPSG:{CRS}]"


def test_every_algorithm_is_described_in_the_toolbox(algorithms: None) -> None:
    provider = QgsApplication.processingRegistry().providerById("msa_search")
    for algorithm in provider.algorithms():
        assert len(algorithm.shortHelpString()) > 200
        assert algorithm.displayName()
        assert algorithm.group() == "Imagery search"
        assert not algorithm.icon().isNull()
        assert all(parameter.description() for parameter in algorithm.parameterDefinitions())
    assert len({algorithm.displayName() for algorithm in provider.algorithms()}) == len(ALGORITHMS)


def test_without_a_worker_the_toolbox_says_what_to_do(algorithms: None, scene: QgsRasterLayer) -> None:
    keep_settings(Settings(worker_command="/nowhere/msa"))
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("msa_search:indexraster")
    can, why = algorithm.canExecute()
    assert not can
    assert "/nowhere/msa" in why
    with pytest.raises(QgsProcessingException, match="/nowhere/msa"):
        run("indexraster", RASTER=scene)


def test_a_worker_that_dies_leaves_its_last_words_in_the_log(algorithms: None, scene: QgsRasterLayer) -> None:
    keep_settings(Settings(worker_command=odd_command("early exit")))
    with pytest.raises(QgsProcessingException, match="No module named 'torch'"):
        run("indexraster", RASTER=scene)


def test_a_raster_is_indexed_once(real: None, scene: QgsRasterLayer, tmp_path: Path) -> None:
    first = run("indexraster", RASTER=scene)
    assert first["TILES"] > 0
    assert first["ENCODED"] == first["TILES"] - first["SKIPPED"]
    assert Path(first["INDEX"]).parent == tmp_path
    again = run("indexraster", RASTER=scene)
    assert (again["INDEX"], again["ENCODED"]) == (first["INDEX"], 0)


def test_an_area_limits_the_scan_whatever_its_crs(real: None, scene: QgsRasterLayer, tmp_path: Path) -> None:
    def encoded(name: str, **area: object) -> int:
        found = run("indexraster", RASTER=scene, SCALES="128", INDEX=str(tmp_path / name), **area)
        return int(found["ENCODED"])

    whole = encoded("whole.gpkg")
    part = encoded("part.gpkg", AOI=polygon_layer(corner(60)))
    assert 0 < part < whole
    degrees = polygon_layer(corner(60))
    import processing

    reprojected = processing.run(
        "native:reprojectlayer",
        {"INPUT": degrees, "TARGET_CRS": QgsCoordinateReferenceSystem("EPSG:4326"), "OUTPUT": "memory:"},
    )["OUTPUT"]
    assert encoded("degrees.gpkg", AOI=reprojected) == part
    square = corner(60)
    extent = f"{square.xMinimum()},{square.xMaximum()},{square.yMinimum()},{square.yMaximum()} [EPSG:{CRS}]"
    assert encoded("extent.gpkg", EXTENT=extent) == part


def test_a_search_indexes_first_and_then_encodes_no_tile_again(
    real: None, scene: QgsRasterLayer, tmp_path: Path
) -> None:
    found = run("searchtext", RASTER=scene, QUERY="blue metal roofs", K=5, OUTPUT="memory:")
    layer = found["OUTPUT"]
    names = [field.name() for field in layer.fields()]
    assert names[:8] == ["rank", "score", "match_score", "match", "phrase", "category", "scale_m", "valid"]
    assert names[8:] == ["place", "query", "source", "index", "factor", "row", "col"]
    assert layer.crs().authid() == f"EPSG:{CRS}"
    rows = list(layer.getFeatures())
    assert [row["rank"] for row in rows] == [1, 2, 3, 4, 5]
    assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)
    assert {(row["query"], row["source"]) for row in rows} == {("blue metal roofs", scene.source())}
    for row in rows:
        assert scene.extent().buffered(300).contains(row.geometry().boundingBox())
        side = row.geometry().boundingBox().width()
        assert side == pytest.approx(row["scale_m"], rel=0.02)
    index = run("indexraster", RASTER=scene)
    assert index["ENCODED"] == 0
    alone = run("searchtext", INDEX=index["INDEX"], QUERY="blue metal roofs", K=5, OUTPUT="memory:")["OUTPUT"]
    assert [row["score"] for row in alone.getFeatures()] == [row["score"] for row in rows]


def test_a_search_keeps_to_its_area(real: None, scene: QgsRasterLayer) -> None:
    area = corner(100)
    found = run("searchtext", RASTER=scene, QUERY="water", K=50, AOI=polygon_layer(area), OUTPUT="memory:")
    rows = list(found["OUTPUT"].getFeatures())
    assert rows
    assert all(row.geometry().intersects(QgsGeometry.fromRect(area)) for row in rows)


def test_every_result_that_is_loaded_wears_the_docks_style(real: None, scene: QgsRasterLayer) -> None:
    for _ in range(2):  # a context that has gone takes what styled its layers along
        assert style_of_loaded_hits(scene) == "categorizedSymbol"


def style_of_loaded_hits(scene: QgsRasterLayer) -> str:
    context, feedback = QgsProcessingContext(), Feedback()
    context.setProject(QgsProject.instance())
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("msa_search:searchtext")
    parameters = {"RASTER": scene, "QUERY": "water", "K": 5}
    parameters["OUTPUT"] = QgsProcessingOutputLayerDefinition("TEMPORARY_OUTPUT", QgsProject.instance())
    results, ok = algorithm.run(parameters, context, feedback)
    assert ok, feedback.textLog()
    details = context.layerToLoadOnCompletionDetails(results["OUTPUT"])
    assert details.name == "water"
    layer = context.takeResultLayer(results["OUTPUT"])
    details.postProcessor().postProcessLayer(layer, context, feedback)
    return str(layer.renderer().type())


def test_a_place_is_described_by_the_phrases_of_a_file(
    real: None, scene: QgsRasterLayer, tmp_path: Path
) -> None:
    bank = tmp_path / "bank.csv"
    bank.write_text("phrase\na river\na coloured chequered pattern\na forest\n", encoding="utf-8")
    found = run("describetile", RASTER=scene, POINT=MIDDLE, PHRASES=str(bank), K=2, OUTPUT="memory:")
    rows = list(found["OUTPUT"].getFeatures())
    assert [field.name() for field in found["OUTPUT"].fields()] == ["phrase", "score", "match"]
    assert len(rows) == 2
    assert found["BEST"] == (rows[0]["phrase"] if rows[0]["match"] in SHOWN else "")
    assert rows[0]["score"] >= rows[1]["score"]
    assert {row["match"] for row in rows} <= set(MATCHES)


def test_a_point_in_another_crs_is_the_same_place(real: None, scene: QgsRasterLayer) -> None:
    def phrases(point: str) -> list[str]:
        table = run("describetile", RASTER=scene, POINT=point, SCALE=128, OUTPUT="memory:")["OUTPUT"]
        return [row["phrase"] for row in table.getFeatures()]

    here, degrees = (QgsCoordinateReferenceSystem(f"EPSG:{code}") for code in (CRS, 4326))
    transform = QgsCoordinateTransform(here, degrees, QgsProject.instance())
    there = transform.transform(LEFT + 512 * PIXEL, TOP - 512 * PIXEL)
    assert phrases(f"{there.x()},{there.y()} [EPSG:4326]") == phrases(MIDDLE)


@pytest.mark.parametrize(
    ("name", "parameters", "words"),
    [
        ("searchtext", {"QUERY": "नदी पर पुल"}, "English"),
        ("searchtext", {"QUERY": "water", "SCAN": False}, "has no index yet"),
        ("indexraster", {"SCALES": "wide"}, "no tile sides in metres: wide"),
        ("describetile", {"POINT": f"0,0 [EPSG:{CRS}]"}, "not on"),
    ],
)
def test_bad_input_is_a_sentence_with_a_remedy(
    real: None, scene: QgsRasterLayer, name: str, parameters: dict[str, Any], words: str
) -> None:
    output = {} if name == "indexraster" else {"OUTPUT": "memory:"}
    with pytest.raises(QgsProcessingException, match=words):
        run(name, RASTER=scene, **parameters, **output)


def test_a_query_that_the_model_refuses_costs_no_scan(
    real: None, scene: QgsRasterLayer, tmp_path: Path
) -> None:
    for query in (" ", "नदी पर पुल"):
        with pytest.raises(QgsProcessingException, match=r"no words|English"):
            run("searchtext", RASTER=scene, QUERY=query, OUTPUT="memory:")
        with pytest.raises(QgsProcessingException, match=r"no words|English"):
            run("heatmap", RASTER=scene, QUERY=query, OUTPUT=str(tmp_path / "heat.tif"))
    assert list(tmp_path.glob("*.gpkg")) == []


def test_an_area_elsewhere_is_refused(real: None, scene: QgsRasterLayer) -> None:
    elsewhere = polygon_layer(QgsRectangle(0, 0, 10, 10))
    with pytest.raises(QgsProcessingException, match="overlaps the raster"):
        run("indexraster", RASTER=scene, AOI=elsewhere)
    with pytest.raises(QgsProcessingException, match="not both"):
        run("indexraster", RASTER=scene, AOI=elsewhere, EXTENT=f"0,1,0,1 [EPSG:{CRS}]")


def test_a_search_needs_a_raster_or_an_index(real: None) -> None:
    with pytest.raises(QgsProcessingException, match="Choose a raster or an index file"):
        run("searchtext", QUERY="water", OUTPUT="memory:")


def test_an_online_layer_without_an_area_is_refused_with_a_way_out(
    real: None, qgis_new_project: None
) -> None:
    layer = QgsRasterLayer("type=xyz&url=https://tiles.invalid/{z}/{x}/{y}.png", "map", "wms")
    QgsProject.instance().addMapLayer(layer)
    with pytest.raises(QgsProcessingException, match="Zoom in and search what the map shows"):
        run("indexraster", RASTER=layer)


def test_a_cancelled_run_ends_soon_and_is_no_failure(algorithms: None, scene: QgsRasterLayer) -> None:
    keep_settings(Settings(worker_command=odd_command("never ready")))
    feedback, context = Feedback(), QgsProcessingContext()
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("msa_search:indexraster")
    threading.Timer(0.5, feedback.cancel).start()
    results, ok = algorithm.run({"RASTER": scene}, context, feedback)
    assert ok
    assert results == {}


def test_the_toolbox_can_run_it_in_a_thread(
    real: None, scene: QgsRasterLayer, qtbot: QtBot, tmp_path: Path
) -> None:
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("msa_search:indexraster")
    context, feedback = QgsProcessingContext(), Feedback()
    context.setProject(QgsProject.instance())
    outcome: list[tuple[bool, dict[str, Any]]] = []
    task = QgsProcessingAlgRunnerTask(algorithm, {"RASTER": scene}, context, feedback)
    task.executed.connect(lambda ok, results: outcome.append((ok, results)))
    QgsApplication.taskManager().addTask(task)
    qtbot.waitUntil(lambda: bool(outcome), timeout=60_000)
    ok, results = outcome[0]
    assert ok, feedback.textLog()
    assert results["ENCODED"] > 0


@pytest.mark.slow
def test_qgis_process_runs_the_staged_plugin(real_worker: str, scene: QgsRasterLayer, tmp_path: Path) -> None:
    qgis_process = QgisProcess(tmp_path, real_worker)
    output = tmp_path / "results.gpkg"
    said = qgis_process(
        "run",
        "msa_search:searchtext",
        "--",
        f"RASTER={scene.source()}",
        "QUERY=blue metal roofs",
        "K=3",
        f"OUTPUT={output}",
    )
    assert "COUNT:\t3" in said
    assert QgsVectorLayer(str(output), "results").featureCount() == 3


def test_in_a_window_a_raster_is_taken_from_the_active_layer(
    algorithms: None, desk: Desk, scene: QgsRasterLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qgis.utils.iface", desk)
    registry = QgsApplication.processingRegistry()

    def default(name: str) -> object:
        algorithm = registry.createAlgorithmById(f"msa_search:{name}")
        return algorithm.parameterDefinition("RASTER").defaultValue()

    assert default("searchtext") is None
    desk.active = scene
    names = ("searchtext", "similartiles", "heatmap", "indexraster", "describetile", "coverage")
    assert {default(name) for name in names} == {scene.id()}
    monkeypatch.setattr("qgis.utils.iface", None)
    assert default("searchtext") is None
