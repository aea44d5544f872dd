"""Batch scans in the toolbox, with the real worker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from qgis.core import (
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)

from tests.qgis.scene import write_scene
from tests.qgis.toolbox import Feedback, QgisProcess, corner, polygon_layer, run


@pytest.fixture
def scenes(scene: QgsRasterLayer, tmp_path: Path) -> list[QgsRasterLayer]:
    """Two raster layers of the project."""
    other = QgsRasterLayer(str(write_scene(tmp_path / "other.tif")), "other")
    QgsProject.instance().addMapLayer(other)
    return [scene, other]


def table(out: Path, name: str) -> list[dict[str, Any]]:
    layer = QgsVectorLayer(f"{out}|layername={name}", name, "ogr")
    assert layer.isValid()
    return [row.attributeMap() for row in layer.getFeatures()]


def test_many_queries_are_answered_on_many_rasters(
    real: None, scenes: list[QgsRasterLayer], tmp_path: Path
) -> None:
    out, report = tmp_path / "batch.gpkg", tmp_path / "batch.html"
    found = run(
        "batchscan",
        RASTERS=scenes,
        QUERIES="water\nblue roofs\n\n",
        K=3,
        OUTPUT=str(out),
        REPORT=str(report),
    )
    assert (found["FAILED"], found["REPORT"]) == (0, str(report))
    summary = table(out, "summary")
    assert {(row["query"], row["source"]) for row in summary} == {
        (query, scene.source()) for query in ("water", "blue roofs") for scene in scenes
    }
    assert found["HITS"] == len(table(out, "hits")) == sum(row["hits"] for row in summary)
    assert report.read_text(encoding="utf-8").count("<section") == 4


def test_files_are_named_from_the_folder_that_qgis_runs_in(
    real: None, scenes: list[QgsRasterLayer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.txt").write_text("water\n", encoding="utf-8")
    files = {"WATCH_LIST": "list.txt", "OUTPUT": "found.gpkg", "REPORT": "found.html"}
    assert run("batchscan", RASTERS=scenes[:1], K=3, **files)["HITS"] == 3
    assert len(table(tmp_path / "found.gpkg", "hits")) == 3
    assert (tmp_path / "found.html").is_file()


def test_a_batch_again_encodes_nothing(real: None, scenes: list[QgsRasterLayer], tmp_path: Path) -> None:
    out = str(tmp_path / "batch.gpkg")
    first = run("batchscan", RASTERS=scenes, QUERIES="water", K=3, OUTPUT=out)
    again = run("batchscan", RASTERS=scenes, QUERIES="water", K=3, OUTPUT=out)
    assert first["ENCODED"] > 0
    assert (again["ENCODED"], again["HITS"]) == (0, first["HITS"])


def test_a_watch_list_and_an_area_limit_a_batch(
    real: None, scenes: list[QgsRasterLayer], tmp_path: Path
) -> None:
    watch_list = tmp_path / "list.csv"
    watch_list.write_text("query,name,min_score\nwater,ponds,\nroofs,houses,1000\n", encoding="utf-8")
    out = tmp_path / "batch.gpkg"
    run(
        "batchscan",
        RASTERS=scenes,
        WATCH_LIST=str(watch_list),
        AOI=polygon_layer(corner(100)),
        K=3,
        OUTPUT=str(out),
    )
    assert {row["name"]: row["hits"] > 0 for row in table(out, "summary")} == {"ponds": True, "houses": False}


def test_one_broken_raster_is_told_and_stops_no_other(
    real: None, scenes: list[QgsRasterLayer], tmp_path: Path
) -> None:
    Path(scenes[0].source()).write_bytes(Path(scenes[0].source()).read_bytes()[:2000])
    out = tmp_path / "batch.gpkg"
    found = run("batchscan", RASTERS=scenes, QUERIES="water", K=3, OUTPUT=str(out))
    assert found["FAILED"] == 1
    assert found["HITS"] > 0
    assert [row["error"] for row in table(out, "rasters") if row["error"]] == ["raster_unreadable"]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"QUERIES": "trees +"}, "»"),
        ({"QUERIES": " \n"}, "no query"),
        ({"QUERIES": "water", "OUTPUT": "results.shp"}, "GeoPackage"),
        ({"WATCH_LIST": "/nowhere.csv"}, "cannot be read"),
    ],
)
def test_bad_input_costs_no_scan(
    real: None, scenes: list[QgsRasterLayer], tmp_path: Path, parameters: dict[str, Any], words: str
) -> None:
    out = str(tmp_path / "batch.gpkg")
    with pytest.raises(QgsProcessingException, match=words):
        run("batchscan", **{"RASTERS": scenes, "OUTPUT": out} | parameters)
    assert list(tmp_path.glob("*.msa-*")) == []


def test_a_cancelled_batch_goes_on_with_the_same_file(
    real: None, scenes: list[QgsRasterLayer], tmp_path: Path
) -> None:
    out = str(tmp_path / "batch.gpkg")
    parameters = {"RASTERS": scenes, "QUERIES": "water", "OUTPUT": out, "OVERLAP": 0.75}
    feedback, context = Feedback(), QgsProcessingContext()
    feedback.progressChanged.connect(lambda share: feedback.cancel() if share > 20 else None)
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("msa_search:batchscan")
    results, ok = algorithm.run(parameters, context, feedback)
    assert ok
    assert results == {}
    rest = run("batchscan", **parameters)
    assert rest["FAILED"] == 0
    assert rest["ENCODED"] > 0


@pytest.mark.slow
def test_qgis_process_lists_explains_and_runs_every_algorithm(
    real_worker: str, scenes: list[QgsRasterLayer], tmp_path: Path
) -> None:
    qgis_process = QgisProcess(tmp_path, real_worker)
    words = qgis_process("list").split()
    names = [word for word in words if word.startswith("msa_search:")]
    assert {"msa_search:batchscan", "msa_search:coverage", "msa_search:similartiles"} <= set(names)
    for name in names:
        said = qgis_process("help", name)
        assert "Description" in said
        assert len(said) > 400
    out = tmp_path / "batch.gpkg"
    said = qgis_process(
        "run",
        "msa_search:batchscan",
        "--",
        *(f"RASTERS={scene.source()}" for scene in scenes),
        "QUERIES=water\\nblue roofs",
        "K=2",
        f"OUTPUT={out}",
    )
    assert "FAILED:\t0" in said
    assert len(table(out, "summary")) == 4
    parquet = tmp_path / "tiles.parquet"
    said = qgis_process(
        "run", "msa_search:exportindex", "--", f"RASTER={scenes[0].source()}", f"OUTPUT={parquet}"
    )
    assert parquet.read_bytes()[:4] == b"PAR1"
