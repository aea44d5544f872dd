"""Searching by text and by example in the toolbox, with the real worker: filters, verdict, models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal
from qgis.core import (
    QgsGeometry,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProcessingModelParameter,
    QgsProcessingParameterRasterLayer,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)

from msa_model.protocol.match import match_of
from qgis_msa_plugin.widgets.match_words import verdict_sentence
from tests.qgis.scene import CRS, LEFT, PIXEL, TOP
from tests.qgis.toolbox import polygon_layer, run

MIDDLE = (LEFT + 512 * PIXEL, TOP - 512 * PIXEL)
LANDMARK_PX = 256
POINT = f"{MIDDLE[0]},{MIDDLE[1]} [EPSG:{CRS}]"


@pytest.fixture
def scene(scene: QgsRasterLayer) -> QgsRasterLayer:
    """The scene with a chequered square in its middle: the pattern around it comes back elsewhere."""
    file = gdal.Open(scene.source(), gdal.GA_Update)
    at, side = 512 - LANDMARK_PX // 2, LANDMARK_PX
    squares = b"".join(bytes(255 * ((x // 32 + y // 32) % 2) for x in range(side)) for y in range(side))
    for band in (1, 2, 3):
        file.GetRasterBand(band).WriteRaster(at, at, side, side, squares)
    file.FlushCache()
    return scene


def rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    layer = found["OUTPUT"]
    assert isinstance(layer, QgsVectorLayer)
    return [row.attributeMap() | {"geometry": row.geometry()} for row in layer.getFeatures()]


def search(**parameters: object) -> dict[str, Any]:
    return run("searchtext", **{"OUTPUT": "memory:", "QUERY": "water", "K": 50} | parameters)


def test_hits_of_one_place_count_once_unless_all_are_wanted(real: None, scene: QgsRasterLayer) -> None:
    merged, every = (rows(search(RASTER=scene, MERGE=merge)) for merge in (True, False))
    assert 0 < len(merged) < len(every)
    assert merged[0]["score"] == max(row["score"] for row in every)
    assert {row["score"] for row in merged} <= {row["score"] for row in every}


def test_each_hit_has_a_match_score_by_which_it_can_be_left_out(real: None, scene: QgsRasterLayer) -> None:
    found = search(RASTER=scene)
    for row in rows(found):
        assert isinstance(row["match_score"], float)
        assert row["match"] == match_of(row["match_score"])
        assert 0 < row["valid"] <= 1
    assert found["VERDICT"] in ("good", "doubtful", "nothing")
    assert found["MATCH"] == match_of(found["BEST_SCORE"])
    assert isinstance(found["BEST_SCORE"], float)
    least = rows(found)[2]["match_score"]
    assert len(rows(search(RASTER=scene, MIN_SCORE=least))) == 3


def test_the_area_of_a_run_is_not_replaced_by_its_hits(
    real: None, scene: QgsRasterLayer, tmp_path: Path
) -> None:
    path = str(tmp_path / "hits.gpkg")
    search(RASTER=scene, OUTPUT=path)
    before = Path(path).read_bytes()
    with pytest.raises(QgsProcessingException, match="this very run"):
        search(RASTER=scene, AOI=path, OUTPUT=path)
    assert Path(path).read_bytes() == before


def test_tile_sides_and_valid_pixels_limit_the_result(real: None, scene: QgsRasterLayer) -> None:
    found = rows(search(RASTER=scene, MERGE=False, SCALES="128", MIN_VALID=1.0))
    assert {round(row["scale_m"]) for row in found} == {128}
    assert all(row["valid"] >= 1 for row in found)
    with pytest.raises(QgsProcessingException, match="no tiles of these sides"):
        search(RASTER=scene, SCALES="7")


@pytest.mark.parametrize("query", ["trees +", '"car park', "2: + water"])
def test_a_query_that_breaks_the_grammar_is_shown_its_place(
    real: None, scene: QgsRasterLayer, tmp_path: Path, query: str
) -> None:
    with pytest.raises(QgsProcessingException, match="»"):
        search(RASTER=scene, QUERY=query)
    assert list(tmp_path.glob("*.gpkg")) == []


@pytest.mark.parametrize("name", ["found.gpkg", "found.geojson"])
def test_the_result_is_saved_as_its_extension_says(
    real: None, scene: QgsRasterLayer, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "results"
    folder.mkdir()
    out = folder / name
    count = run("searchtext", RASTER=scene, QUERY="water", K=3, OUTPUT=str(out))["COUNT"]
    assert QgsVectorLayer(str(out), "found").featureCount() == count == 3


def test_the_tile_at_the_example_is_the_best_one(real: None, scene: QgsRasterLayer) -> None:
    middle = QgsGeometry.fromWkt(f"POINT({MIDDLE[0]} {MIDDLE[1]})")
    by_raster = run("similartiles", RASTER=scene, POINT=POINT, K=5, MERGE=False, OUTPUT="memory:")
    index = run("indexraster", RASTER=scene)["INDEX"]
    by_index = run("similartiles", INDEX=index, POINT=POINT, K=5, MERGE=False, OUTPUT="memory:")
    for found in (by_raster, by_index):
        best = rows(found)[0]
        assert best["geometry"].contains(middle)
        assert best["query"] == "Find similar tiles"


def test_the_verdict_on_examples_is_about_what_lies_beside_them(real: None, scene: QgsRasterLayer) -> None:
    feedback = QgsProcessingFeedback()
    found = run("similartiles", feedback, RASTER=scene, POINT=POINT, OUTPUT="memory:")
    assert verdict_sentence(found["MATCH"], by_example=True) in feedback.textLog()
    assert verdict_sentence(found["MATCH"], by_example=False) not in feedback.textLog()


def test_examples_come_from_layers_and_can_be_avoided(real: None, scene: QgsRasterLayer) -> None:
    side = 64 * PIXEL
    box = QgsRectangle(MIDDLE[0] - side, MIDDLE[1] - side, MIDDLE[0] + side, MIDDLE[1] + side)
    area, corner = polygon_layer(box), f"{LEFT + 20},{TOP - 20} [EPSG:{CRS}]"

    def scores(**examples: object) -> dict[str, float]:
        found = run("similartiles", RASTER=scene, K=1000, MERGE=False, OUTPUT="memory:", **examples)
        return {row["geometry"].asWkt(0): row["score"] for row in rows(found)}

    sought, plain, avoided = scores(EXAMPLES=area), scores(POINT=corner), scores(POINT=corner, AVOID=area)
    assert set(sought) == set(plain) == set(avoided)
    best = max(sought, key=lambda tile: sought[tile])
    assert QgsGeometry.fromWkt(best).intersects(QgsGeometry.fromRect(box))
    assert avoided[best] < plain[best]
    with pytest.raises(QgsProcessingException, match="Give an example"):
        scores(AVOID=area)


def test_a_model_searches_and_hands_its_verdict_on(real: None, scene: QgsRasterLayer) -> None:
    import processing

    model = QgsProcessingModelAlgorithm("find water", "find water")
    raster = QgsProcessingParameterRasterLayer("raster", "raster")
    model.addModelParameter(raster, QgsProcessingModelParameter("raster"))
    child = QgsProcessingModelChildAlgorithm("msa_search:searchtext")
    child.setChildId("search")
    source = QgsProcessingModelChildParameterSource
    child.addParameterSources("RASTER", [source.fromModelParameter("raster")])
    child.addParameterSources("QUERY", [source.fromStaticValue("water")])
    child.addParameterSources("K", [source.fromStaticValue(2)])
    output = QgsProcessingModelOutput("found")
    output.setChildId("search")
    output.setChildOutputName("OUTPUT")
    child.setModelOutputs({"found": output})
    model.addChildAlgorithm(child)
    found = processing.run(model, {"raster": scene, "search:found": "memory:"})
    layer = found.get("search:found") or found.get("found")
    layer = layer if isinstance(layer, QgsVectorLayer) else QgsProject.instance().mapLayer(str(layer))
    assert layer.featureCount() == 2
