"""How layers of this plugin are told from others, by custom properties that a project keeps, and drawn."""

from __future__ import annotations

from qgis.core import QgsMapLayer, QgsVectorLayer

from qgis_msa_plugin.logs import log_warning
from qgis_msa_plugin.places import resource

GROUP = "MSA Search"
QUERY_PROPERTY = "msa_search/query"
SOURCE_PROPERTY = "msa_search/source"
KEY_PROPERTY = "msa_search/key"  # tells questions apart, words and examples
ANSWER_PROPERTY = "msa_search/answer"  # what fills the layer again when the project is opened
MADE_PROPERTY = "msa_search/made"  # the id of the layer that the plugin made (see `ours`)
EDITED_PROPERTY = "msa_search/edited"  # the user has taken it over: it is theirs, and filled no more
HEAT_PROPERTY = "msa_search/heat"
UNSAVED_PROPERTY = "skipMemoryLayersCheck"  # QGIS's own: do not warn that the layer is lost, it is not


def is_result_layer(layer: object) -> bool:
    """Whether the layer holds tiles that a search found."""
    return isinstance(layer, QgsVectorLayer) and layer.customProperty(QUERY_PROPERTY) is not None


def is_heat_layer(layer: object) -> bool:
    """Whether the layer is the localisation map of a query."""
    return isinstance(layer, QgsMapLayer) and layer.customProperty(HEAT_PROPERTY) is not None


def load_style(layer: QgsMapLayer, name: str) -> None:
    """Draw the layer in the plugin's style of that name; where QGIS cannot read it, the log says why."""
    why, loaded = layer.loadNamedStyle(str(resource(f"styles/{name}.qml")))
    if not loaded:
        log_warning(f"{name}.qml: {why}")
