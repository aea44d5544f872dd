"""Selected polygons as the area of a search, as they come."""

from __future__ import annotations

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsFeature, QgsGeometry, QgsProject, QgsVectorLayer

from msa_model.protocol.errors import AoiInvalid
from qgis_msa_plugin.search.area import selected_area

SQUARE = "POLYGON((0 0, 4 0, 4 4, 0 4, 0 0))"


@pytest.fixture(autouse=True)
def project(qgis_new_project: None) -> None:
    """Every test has its own."""


def selected(*shapes: str, crs: str = "EPSG:4326", kind: str = "MultiPolygon") -> QgsVectorLayer:
    layer = QgsVectorLayer(f"{kind}?crs={crs}", "fields", "memory")
    features = []
    for shape in shapes:
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry.fromWkt(shape))
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    QgsProject.instance().addMapLayer(layer)
    layer.selectAll()
    return layer


def area_of(*shapes: str, **options: str) -> QgsGeometry:
    layer = selected(*shapes, **options)
    return QgsGeometry.fromWkt(selected_area(QgsProject.instance(), layer).wkt)


def test_polygons_that_overlap_become_one() -> None:
    assert area_of(SQUARE, "POLYGON((2 0, 6 0, 6 4, 2 4, 2 0))").area() == pytest.approx(24)


def test_a_hole_stays_a_hole() -> None:
    assert area_of("POLYGON((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 3 1, 3 3, 1 3, 1 1))").area() == pytest.approx(
        12
    )


def test_a_polygon_that_crosses_itself_encloses_what_it_goes_around() -> None:
    area = area_of("POLYGON((0 0, 4 4, 4 0, 0 4, 0 0))")
    assert area.isGeosValid()
    assert area.area() == pytest.approx(8)


def test_parts_of_a_multipolygon_all_count() -> None:
    area = area_of("MULTIPOLYGON(((0 0, 1 0, 1 1, 0 1, 0 0)), ((5 5, 6 5, 6 6, 5 6, 5 5)))")
    assert area.area() == pytest.approx(2)


def test_what_is_drawn_beyond_the_antimeridian_stays_in_one_piece_as_it_was_drawn() -> None:
    area = area_of("POLYGON((170 0, 190 0, 190 10, 170 10, 170 0))")
    box = area.boundingBox()
    assert (box.xMinimum(), box.xMaximum()) == (170, 190)
    assert area.area() == pytest.approx(200)


def test_polygons_without_an_area_are_refused_in_words() -> None:
    layer = selected("POLYGON((0 0, 4 4, 0 0, 0 0))")
    with pytest.raises(AoiInvalid, match="no area"):
        selected_area(QgsProject.instance(), layer)


def test_a_layer_without_crs_is_named() -> None:
    layer = selected(SQUARE)
    layer.setCrs(QgsCoordinateReferenceSystem())
    with pytest.raises(AoiInvalid, match="'fields' has no CRS"):
        selected_area(QgsProject.instance(), layer)
