"""The look of what an algorithm loads into the project."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsVectorLayer,
)

from msa_model.protocol.exploring import Group
from qgis_msa_plugin.gis.hit_form import dress_hits
from qgis_msa_plugin.gis.layer_dates import follow_dates
from qgis_msa_plugin.gis.marks import load_style
from qgis_msa_plugin.map.group_layer import style_groups


class LayerStyle(QgsProcessingLayerPostProcessorInterface):
    """Gives a layer one of the plugin's styles. QGIS keeps no reference to it: its maker has to."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def postProcessLayer(
        self, layer: QgsVectorLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Load the style."""
        load_style(layer, self._name)
        dress_hits(layer)


class TemporalStyle(LayerStyle):
    """The same, and the layer follows QGIS's temporal controller by the date in `field`."""

    def __init__(self, name: str, field: str) -> None:
        super().__init__(name)
        self._field = field

    def postProcessLayer(
        self, layer: QgsVectorLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Load the style, then the temporal properties."""
        super().postProcessLayer(layer, context, feedback)
        follow_dates(layer, self._field)


class GroupStyle(QgsProcessingLayerPostProcessorInterface):
    """Draws groups of tiles, each in its colour."""

    def __init__(self, groups: Sequence[Group]) -> None:
        super().__init__()
        self._groups = groups

    def postProcessLayer(
        self, layer: QgsVectorLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Make the style and load it."""
        style_groups(layer, self._groups)
