from __future__ import annotations

from xml.etree import ElementTree

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsFeature,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QObject

from qgis_msa_plugin.plugin_files import resource
from qgis_msa_plugin.widgets.match_words import COLOURS, match_colour
from tests.matches import MATCHES
from tests.present import present


def styled_layer() -> QgsVectorLayer:
    fields = "field=rank:integer&field=place:integer&field=match:string"
    layer = QgsVectorLayer(f"Polygon?crs=EPSG:3857&{fields}", "x", "memory")
    _, loaded = layer.loadNamedStyle(str(resource("styles/results.qml")))
    assert loaded
    return layer


def test_the_style_tells_matches_apart_and_labels_places(qgis_app: QObject) -> None:
    layer = styled_layer()
    assert isinstance(layer.renderer(), QgsCategorizedSymbolRenderer)
    assert layer.labelsEnabled()
    assert number_of(layer, rank=4, place=2) == 4


def test_a_layer_without_places_is_numbered_by_rank(qgis_app: QObject) -> None:
    layer = QgsVectorLayer("Polygon?crs=EPSG:3857&field=rank:integer", "x", "memory")
    layer.loadNamedStyle(str(resource("styles/results.qml")))
    assert number_of(layer, rank=4) == 4


def number_of(layer: QgsVectorLayer, **attributes: int) -> int:
    """What the style labels a tile with."""
    feature = QgsFeature(layer.fields())
    for name, value in attributes.items():
        feature[name] = value
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    context.setFeature(feature)
    expression = QgsExpression(layer.labeling().settings().fieldName)
    assert expression.prepare(context), expression.parserErrorString()
    return int(expression.evaluate(context))


def test_a_match_has_the_same_colour_in_map_and_list(qgis_app: QObject) -> None:
    layer = styled_layer()
    categories = layer.renderer().categories()
    drawn = {category.value(): category.symbol() for category in categories}
    assert set(drawn) == {*MATCHES, ""}
    for match, symbol in drawn.items():
        outline = symbol.symbolLayer(symbol.symbolLayerCount() - 1)
        assert outline.color().name() == match_colour(match or None).name(), match


def test_doubtful_places_are_drawn_thinner_the_less_they_match(qgis_app: QObject) -> None:
    layer = styled_layer()
    categories = layer.renderer().categories()
    drawn = {category.value(): category.symbol() for category in categories}
    widths = [drawn[match].symbolLayer(drawn[match].symbolLayerCount() - 1).width() for match in MATCHES]
    assert widths == sorted(widths, reverse=True)
    assert len(set(widths)) == len(MATCHES)


def test_the_labels_wear_the_colours_of_the_matches(qgis_app: QObject) -> None:
    text = resource("styles/results.qml").read_text(encoding="utf-8")
    for match in MATCHES:
        assert f"'{match}' THEN '{COLOURS[match]}'" in text
    assert f"ELSE '{COLOURS[None]}'" in text


def test_tiles_are_outlined_not_covered(qgis_app: QObject) -> None:
    """A filled tile would turn opaque yellow when selected, and hide what was found."""
    root = ElementTree.parse(resource("styles/results.qml")).getroot()  # noqa: S314  (our own file)
    symbols = root.find("renderer-v2/symbols")
    assert {layer.get("class") for layer in present(symbols).iter("layer")} == {"SimpleLine"}


def test_the_style_names_no_path_of_a_machine() -> None:
    text = resource("styles/results.qml").read_text(encoding="utf-8")
    assert "/home" not in text
    assert ".svg" not in text
