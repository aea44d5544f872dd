"""Heat maps and descriptions of features in the toolbox, with the real worker."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal
from qgis.core import (
    NULL,
    QgsFeature,
    QgsGeometry,
    QgsProcessingException,
    QgsRasterLayer,
    QgsVectorLayer,
)

from msa_model.protocol.describing import AreaDescription, Keyword, Phrase
from msa_model.protocol.match import SHOWN
from qgis_msa_plugin.gis.geometry import area_text
from qgis_msa_plugin.processing.describe import attributes_of
from tests.matches import MATCHES
from tests.odd_crs import ROTATED
from tests.qgis.scene import CRS, LEFT, TOP, write_scene
from tests.qgis.toolbox import QgisProcess, corner, polygon_layer, run

FAR = "Polygon((0 0, 0 100, 100 100, 0 0))"


def layer_of(kind: str, *wkts: str, field: str = "name:string(0)") -> QgsVectorLayer:
    layer = QgsVectorLayer(f"{kind}?crs=EPSG:{CRS}&field={field}", "places", "memory")
    features = []
    for number, wkt in enumerate(wkts):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromWkt(wkt))
        feature.setAttributes([f"place {number}"])
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    return layer


def rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    layer = found["OUTPUT"]
    assert isinstance(layer, QgsVectorLayer)
    return [row.attributeMap() for row in layer.getFeatures()]


def square(metres: float, at: float = 0.0) -> str:
    x, y = LEFT + at, TOP - at
    return f"Polygon(({x} {y}, {x + metres} {y}, {x + metres} {y - metres}, {x} {y - metres}, {x} {y}))"


def test_a_heat_map_covers_the_raster_in_its_crs(real: None, scene: QgsRasterLayer, tmp_path: Path) -> None:
    out = tmp_path / "heat.tif"
    found = run("heatmap", RASTER=scene, QUERY="water", OUTPUT=str(out))
    layer = QgsRasterLayer(str(out), "heat")
    assert layer.isValid()
    assert layer.crs().authid() == f"EPSG:{CRS}"
    assert layer.extent().contains(scene.extent())
    assert -1 <= found["LOW"] < found["HIGH"] <= 1


def test_a_heat_map_replaces_its_earlier_self_and_nothing_else(
    real: None, scene: QgsRasterLayer, tmp_path: Path
) -> None:
    raster = write_scene(tmp_path / "mine.tif", 512)
    before, out = raster.read_bytes(), tmp_path / "heat.tif"
    with pytest.raises(QgsProcessingException, match="not made by MSA Search"):
        run("heatmap", RASTER=str(raster), QUERY="water", OUTPUT=str(raster))
    assert raster.read_bytes() == before
    for _ in range(2):
        run("heatmap", RASTER=scene, QUERY="water", OUTPUT=str(out))
    data = gdal.Open(str(out), gdal.GA_Update)
    data.GetRasterBand(1).Fill(0.5)
    del data
    edited = out.read_bytes()
    with pytest.raises(QgsProcessingException, match="was changed since"):
        run("heatmap", RASTER=scene, QUERY="water", OUTPUT=str(out))
    assert out.read_bytes() == edited


WORLD = ((-179, -80), (179, -80), (179, 80), (-179, 80), (-179, -80))


def test_rows_replace_no_layer_of_the_users(real: None, scene: QgsRasterLayer, tmp_path: Path) -> None:
    mine, out = tmp_path / "mine.geojson", tmp_path / "found.gpkg"
    mine.write_text('{"type": "FeatureCollection", "features": []}')
    before = mine.read_bytes()
    with pytest.raises(QgsProcessingException, match="not made by MSA Search"):
        run("searchtext", RASTER=scene, QUERY="water", OUTPUT=str(mine))
    assert mine.read_bytes() == before
    corners = ", ".join(f"[{x}, {y}]" for x, y in WORLD)
    everywhere = f'{{"type": "Polygon", "coordinates": [[{corners}]], "note": "{"n" * 300}"}}'
    for area in (None, QgsVectorLayer(everywhere, "typed", "ogr")):  # a source that is no path
        run("searchtext", RASTER=scene, QUERY="water", AOI=area, OUTPUT=str(out))
    assert QgsVectorLayer(str(out), "found", "ogr").isValid()


def test_a_heat_map_keeps_a_crs_that_geotiff_cannot_express(real: None, tmp_path: Path) -> None:
    scene = write_scene(tmp_path / "rotated.tif", 512)
    Path(f"{scene}.aux.xml").write_text(
        f'<PAMDataset><SRS dataAxisToSRSAxisMapping="1,2">{ROTATED}</SRS>'
        "<GeoTransform>10,5e-6,0,5,0,-5e-6</GeoTransform></PAMDataset>"
    )
    out = tmp_path / "heat.tif"
    for _ in range(2):  # the second takes the first one's place
        run("heatmap", RASTER=str(scene), QUERY="water", OUTPUT=str(out))
        assert "ob_tran" in gdal.Open(str(out)).GetProjection()
    out.unlink()
    with pytest.raises(QgsProcessingException, match="earlier file"):
        run("heatmap", RASTER=str(scene), QUERY="water", OUTPUT=str(out))
    assert not out.exists()


def test_a_heat_map_of_an_area_is_empty_elsewhere(real: None, scene: QgsRasterLayer, tmp_path: Path) -> None:
    run("heatmap", RASTER=scene, QUERY="water", OUTPUT=str(tmp_path / "whole.tif"))
    out = tmp_path / "part.tif"
    run("heatmap", RASTER=scene, QUERY="water", AOI=polygon_layer(corner(20)), OUTPUT=str(out))
    layer = QgsRasterLayer(str(out), "heat")
    provider = layer.dataProvider()
    extent = provider.extent()
    block = provider.block(1, extent, provider.xSize(), provider.ySize())
    assert not block.isNoData(0, 0)
    assert block.isNoData(provider.ySize() - 1, provider.xSize() - 1)


def test_a_heat_map_needs_a_query_a_raster_and_a_tif(
    real: None, scene: QgsRasterLayer, tmp_path: Path
) -> None:
    out = str(tmp_path / "heat.tif")
    with pytest.raises(QgsProcessingException, match="»"):
        run("heatmap", RASTER=scene, QUERY="trees +", OUTPUT=out)
    with pytest.raises(QgsProcessingException, match="raster or an index"):
        run("heatmap", QUERY="water", OUTPUT=out)
    with pytest.raises(QgsProcessingException, match="no index yet"):
        run("heatmap", RASTER=scene, QUERY="water", SCAN=False, OUTPUT=out)
    assert not Path(out).exists()


def test_features_keep_their_fields_and_get_words(real: None, scene: QgsRasterLayer) -> None:
    layer = layer_of("Polygon", square(100), square(400))
    found = run("describefeatures", RASTER=scene, FEATURES=layer, K=2, OUTPUT="memory:")
    small, large = rows(found)
    assert found["COUNT"] == 2
    assert [small["name"], large["name"]] == ["place 0", "place 1"]
    for row in (small, large):
        assert row["match"] in MATCHES
        told = [] if row["phrases"] in (None, NULL) else row["phrases"].split("; ")
        assert told[:1] == ([row["phrase"]] if row["match"] in SHOWN else [])
        assert len(told) <= 2
    assert small["windows"] == 1
    assert large["windows"] > 1


def test_a_feature_beside_the_raster_stops_no_other(real: None, scene: QgsRasterLayer) -> None:
    layer = layer_of("Polygon", FAR, square(100))
    beside, on = rows(run("describefeatures", RASTER=scene, FEATURES=layer, OUTPUT="memory:"))
    assert beside["match"] in (None, NULL)  # QVariant before QGIS 4
    assert on["match"] in MATCHES


def test_points_are_described_and_a_field_of_the_same_name_is_kept(real: None, scene: QgsRasterLayer) -> None:
    points = layer_of("Point", f"Point({LEFT + 100} {TOP - 100})", field="phrase:string(0)")
    (row,) = rows(run("describefeatures", RASTER=scene, FEATURES=points, OUTPUT="memory:"))
    assert row["phrase"] == "place 0"
    assert row["match"] in MATCHES
    assert "phrase_2" in row


def test_only_phrases_that_match_go_into_the_fields() -> None:
    phrases = (Phrase("a pond", 0.3, 0.4, 2.1, "strong"), Phrase("a mill", 0.1, 0.2, 0.4, "weak"))
    told = AreaDescription(phrases, (Keyword("pond", 0.5),), 50.0, 4)
    assert attributes_of(told) == ["a pond", 0.3, "strong", "a pond", "pond", 4]
    assert attributes_of(replace(told, phrases=phrases[1:], keywords=())) == [
        None,
        None,
        "weak",
        None,
        None,
        4,
    ]
    assert attributes_of(replace(told, phrases=phrases[1:]), False)[3] == "a mill"
    assert attributes_of(AreaDescription(problem="There are no pixels.")) == [None] * 6


def test_odd_geometries_become_flat_and_straight() -> None:
    curve = QgsGeometry.fromWkt("CurvePolygon(CircularString(0 0, 1 1, 2 0, 1 -1, 0 0))")
    assert area_text(curve).startswith("Polygon")
    assert "Z" not in area_text(QgsGeometry.fromWkt("PolygonZ((0 0 1, 0 1 1, 1 1 1, 0 0 1))"))
    assert area_text(QgsGeometry.fromWkt("MultiPoint((0 0), (2 2))")) == "Point (1 1)"
    assert area_text(QgsGeometry()) == ""


@pytest.mark.slow
def test_qgis_process_runs_both(real_worker: str, scene: QgsRasterLayer, tmp_path: Path) -> None:
    qgis_process = QgisProcess(tmp_path, real_worker)
    heat = tmp_path / "heat.tif"
    raster = f"RASTER={scene.source()}"
    assert "HIGH" in qgis_process("run", "msa_search:heatmap", "--", raster, "QUERY=water", f"OUTPUT={heat}")
    assert QgsRasterLayer(str(heat), "heat").isValid()
    areas, out = tmp_path / "areas.geojson", tmp_path / "described.gpkg"
    ring = [[LEFT, TOP], [LEFT + 200, TOP], [LEFT + 200, TOP - 200], [LEFT, TOP]]
    crs = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{CRS}"}}
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    areas.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature]}))
    said = qgis_process(
        "run", "msa_search:describefeatures", "--", raster, f"FEATURES={areas}", f"OUTPUT={out}"
    )
    assert "COUNT:\t1" in said
    (row,) = QgsVectorLayer(str(out), "described").getFeatures()
    assert row["match"] in MATCHES
