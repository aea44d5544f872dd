from __future__ import annotations

from xml.etree import ElementTree

from qgis.core import (
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsFeature,
    QgsGraduatedSymbolRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QObject

from qgis_msa_plugin.places import resource
from qgis_msa_plugin.widgets.score_bar import COOLEST, HEAT, rank_colour


def styled_layer() -> QgsVectorLayer:
    fields = "field=rank:integer&field=place:integer"
    layer = QgsVectorLayer(f"Polygon?crs=EPSG:3857&{fields}", "x", "memory")
    _, loaded = layer.loadNamedStyle(str(resource("styles/results.qml")))
    assert loaded
    return layer


def test_the_style_is_graduated_by_rank_and_labels_it(qgis_app: QObject) -> None:
    layer = styled_layer()
    renderer = layer.renderer()
    assert isinstance(renderer, QgsGraduatedSymbolRenderer)
    assert layer.labelsEnabled()
    assert layer.labeling().settings().fieldName == renderer.classAttribute()
    assert number_of(layer, rank=4, place=2) == 4


def test_where_hits_are_merged_the_style_numbers_places(qgis_app: QObject) -> None:
    layer = styled_layer()
    QgsExpressionContextUtils.setLayerVariable(layer, "msa_places", True)
    assert number_of(layer, rank=4, place=2) == 2
    QgsExpressionContextUtils.setLayerVariable(layer, "msa_places", False)
    assert number_of(layer, rank=4, place=2) == 4


def test_a_layer_without_places_is_numbered_by_rank(qgis_app: QObject) -> None:
    layer = QgsVectorLayer("Polygon?crs=EPSG:3857&field=rank:integer", "x", "memory")
    layer.loadNamedStyle(str(resource("styles/results.qml")))
    assert number_of(layer, rank=4) == 4


def number_of(layer: QgsVectorLayer, **attributes: int) -> int:
    """What the style labels a tile with, and classes it by."""
    feature = QgsFeature(layer.fields())
    for name, value in attributes.items():
        feature[name] = value
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    context.setFeature(feature)
    expression = QgsExpression(layer.renderer().classAttribute())
    assert expression.prepare(context), expression.parserErrorString()
    return int(expression.evaluate(context))


def test_every_rank_has_the_same_colour_in_map_and_list(qgis_app: QObject) -> None:
    layer = styled_layer()
    renderer = layer.renderer()
    for rank in (1, 2, 3, 4, 10, 11, 20, 21, 5000):
        (drawn,) = (r for r in renderer.ranges() if r.lowerValue() < rank <= r.upperValue())
        outline = drawn.symbol().symbolLayer(drawn.symbol().symbolLayerCount() - 1)
        assert outline.color().name() == rank_colour(rank).name(), rank


def test_the_labels_wear_the_colours_of_the_ranks(qgis_app: QObject) -> None:
    text = resource("styles/results.qml").read_text(encoding="utf-8")
    for _, colour in HEAT:
        assert f"THEN '{colour}'" in text
    assert f"ELSE '{COOLEST}'" in text


def test_tiles_are_outlined_not_covered(qgis_app: QObject) -> None:
    """A filled tile would turn opaque yellow when selected, and hide what was found."""
    root = ElementTree.parse(resource("styles/results.qml")).getroot()  # noqa: S314  (our own file)
    symbols = root.find("renderer-v2/symbols")
    assert {layer.get("class") for layer in symbols.iter("layer")} == {"SimpleLine"}


def test_the_style_names_no_path_of_a_machine() -> None:
    text = resource("styles/results.qml").read_text(encoding="utf-8")
    assert "/home" not in text
    assert ".svg" not in text
