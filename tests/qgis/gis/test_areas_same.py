"""Polygons as users have them are the same area to dock, batch, toolbox and command line."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProject,
    QgsVectorFileWriter,
    QgsVectorLayer,
)

from msa_model.protocol.messages import Aoi
from qgis_msa_plugin.describe.describer import selected_polygon
from qgis_msa_plugin.gis.areas import drawn_area, layer_area
from qgis_msa_plugin.processing.index_raster import IndexRaster
from qgis_msa_plugin.search.area import selected_area
from tests.present import present
from tests.qgis.conftest import REAL_WORKER

CRS = "EPSG:32645"
SQUARE = "Polygon((0 0,10 0,10 10,0 10,0 0))"
BOW_TIE = "Polygon((20 0,30 10,30 0,20 10,20 0))"
CASES = {
    "a bow-tie beside a good one": ((BOW_TIE, SQUARE), 150),
    "a bow-tie over a good one": (("Polygon((0 0,10 10,10 0,0 10,0 0))", SQUARE), 100),
    "a bow-tie alone": ((BOW_TIE,), 50),
    "overlapping polygons": ((SQUARE, "Polygon((5 0,15 0,15 10,5 10,5 0))"), 150),
    "overlapping parts": (
        ("MultiPolygon(((0 0,10 0,10 10,0 10,0 0)),((5 0,15 0,15 10,5 10,5 0)))",),
        150,
    ),
    "a part that crosses itself": (
        ("MultiPolygon(((0 0,10 0,10 10,0 10,0 0)),((20 0,30 10,30 0,20 10,20 0)))",),
        150,
    ),
    "a hole that reaches outside": (
        ("Polygon((0 0,10 0,10 10,0 10,0 0),(5 2,15 2,15 8,5 8,5 2))",),
        100,
    ),
    "heights": (("PolygonZ((0 0 1,10 0 2,10 10 3,0 10 4,0 0 1))",), 100),
    "a spike": (("Polygon((0 0,10 0,10 10,10 99,10 10,0 10,0 0))",), 100),
    "a line's width beside a good one": (("Polygon((50 0,51 1,52 2,50 0))", SQUARE), 100),
}
cases = pytest.mark.parametrize(("shapes", "size"), CASES.values(), ids=CASES)
PARSE = """
import json, sys
from msa_model.raster.aoi import parse_aoi
areas = [parse_aoi(text, "EPSG:32645") for text in sys.argv[1:]]
print(json.dumps([[area.wkt, area.crs] for area in areas]))
"""


@pytest.fixture(autouse=True)
def project(qgis_new_project: None) -> None:
    """Every test has its own."""


def layer_of(*shapes: str) -> QgsVectorLayer:
    layer = QgsVectorLayer(f"MultiPolygonZ?crs={CRS}", "parcels", "memory")
    for shape in shapes:
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry.fromWkt(shape))
        layer.dataProvider().addFeature(feature)
    QgsProject.instance().addMapLayer(layer)
    layer.selectAll()
    return layer


def of_the_toolbox(layer: QgsVectorLayer) -> Aoi:
    algorithm, context = IndexRaster(), QgsProcessingContext()
    algorithm.initAlgorithm({})
    context.setProject(QgsProject.instance())
    found = algorithm.area({"AOI": layer.id()}, context)
    assert found is not None
    return found


def of_the_command_line(layer: QgsVectorLayer, folder: Path) -> list[Aoi]:
    """The area as a file and as WKT."""
    if not REAL_WORKER.is_file():
        pytest.skip("the worker's environment is not set up (make setup)")
    file = folder / "parcels.gpkg"
    options = QgsVectorFileWriter.SaveVectorOptions()
    QgsVectorFileWriter.writeAsVectorFormatV3(
        layer, str(file), QgsProject.instance().transformContext(), options
    )
    wkt = f"GEOMETRYCOLLECTION({','.join(feature.geometry().asWkt() for feature in layer.getFeatures())})"
    command = [str(REAL_WORKER.with_name("python")), "-c", PARSE, str(file), wkt]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [Aoi(*pair) for pair in json.loads(done.stdout)]


@cases
def test_polygons_are_the_same_area_to_everyone(shapes: tuple[str, ...], size: float, tmp_path: Path) -> None:
    layer = layer_of(*shapes)
    file, wkt = of_the_command_line(layer, tmp_path)
    areas = {
        "dock, selection": selected_area(QgsProject.instance(), layer),
        "batch, layer": layer_area(layer),
        "batch, selection": layer_area(layer, selected_only=True),
        "toolbox": of_the_toolbox(layer),
        "command line, file": file,
        "command line, WKT": wkt,
    }
    expected = QgsGeometry.fromWkt(areas["dock, selection"].wkt)
    assert expected.isGeosValid()
    assert expected.area() == pytest.approx(size)
    for name, area in areas.items():
        found = QgsGeometry.fromWkt(area.wkt)
        assert area.crs == CRS, name
        assert found.isGeosValid(), name
        assert found.area() == pytest.approx(size), name
        assert found.symDifference(expected).area() == pytest.approx(0, abs=1e-9), name


@cases
def test_polygons_are_the_same_to_who_describes_them_and_who_draws_them(
    shapes: tuple[str, ...], size: float
) -> None:
    shape = shapes[-1]
    layer = layer_of(shape)
    expected = QgsGeometry.fromWkt(layer_area(layer).wkt)
    described = selected_polygon(layer).polygon
    assert present(described).symDifference(expected).area() == pytest.approx(0, abs=1e-9)
    polygon = QgsGeometry.fromWkt(shape)
    if not polygon.isMultipart() and len(polygon.asPolygon()) == 1:
        drawn = QgsGeometry.fromWkt(drawn_area(polygon.asPolygon()[0], layer.crs()).wkt)
        assert drawn.symDifference(expected).area() == pytest.approx(0, abs=1e-9)
