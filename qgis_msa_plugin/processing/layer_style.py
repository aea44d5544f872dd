"""The look of what an algorithm loads into the project."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsVectorLayer,
)

from qgis_msa_plugin.gis.marks import load_style


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
