from __future__ import annotations

from xml.etree import ElementTree

from qgis.core import QgsGraduatedSymbolRenderer, QgsVectorLayer
from qgis.PyQt.QtCore import QObject

from qgis_msa_plugin.layers.heat import COOLEST, HEAT, rank_colour
from qgis_msa_plugin.places import resource


def styled_layer() -> QgsVectorLayer:
    layer = QgsVectorLayer("Polygon?crs=EPSG:3857&field=rank:integer", "x", "memory")
    _, loaded = layer.loadNamedStyle(str(resource("styles/results.qml")))
    assert loaded
    return layer


def test_the_style_is_graduated_by_rank_and_labels_it(qgis_app: QObject) -> None:
    layer = styled_layer()
    renderer = layer.renderer()
    assert isinstance(renderer, QgsGraduatedSymbolRenderer)
    assert renderer.classAttribute() == "rank"
    assert layer.labelsEnabled()
    assert layer.labeling().settings().fieldName == "rank"


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
