"""How layers of this plugin are told from others: custom properties, which a project keeps."""

from __future__ import annotations

from qgis.core import QgsMapLayer, QgsVectorLayer

GROUP = "MSA Search"
QUERY_PROPERTY = "msa_search/query"
SOURCE_PROPERTY = "msa_search/source"
ANSWER_PROPERTY = "msa_search/answer"
HEAT_PROPERTY = "msa_search/heat"


def is_result_layer(layer: object) -> bool:
    """Whether the layer holds tiles that a search found."""
    return isinstance(layer, QgsVectorLayer) and layer.customProperty(QUERY_PROPERTY) is not None


def is_heat_layer(layer: object) -> bool:
    """Whether the layer is the localisation map of a query."""
    return isinstance(layer, QgsMapLayer) and layer.customProperty(HEAT_PROPERTY) is not None
