"""The look of what an algorithm loads into the project."""

from __future__ import annotations

from typing import Callable, ClassVar

from qgis.core import (
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsVectorLayer,
)
from qgis.PyQt import sip

from qgis_msa_plugin.gis.hit_form import follow_dates, set_up_hit_form
from qgis_msa_plugin.gis.marks import load_style


class StyleOnLoading(QgsProcessingLayerPostProcessorInterface):
    """Styles one layer once QGIS has loaded it: one for each run.

    QGIS's context owns and destroys it, but keeps no reference to its Python part, without which a call
    does nothing: that is held here until the call, or until the provider goes.
    """

    held: ClassVar[set[StyleOnLoading]] = set()

    def __init__(self, style: Callable[[QgsMapLayer], None]) -> None:
        super().__init__()
        self._style = style
        self.held.difference_update([style for style in self.held if sip.isdeleted(style)])  # never called
        self.held.add(self)

    def postProcessLayer(
        self, layer: QgsMapLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Style the layer."""
        self.held.discard(self)
        self._style(layer)


def style_on_loading(
    context: QgsProcessingContext, destination: str, style: Callable[[QgsMapLayer], None], name: str = ""
) -> None:
    """Where QGIS loads that result at the end, have it styled, and called `name` if one is given."""
    if not context.willLoadLayerOnCompletion(destination):
        return
    details = context.layerToLoadOnCompletionDetails(destination)
    details.name = name or details.name
    details.setPostProcessor(StyleOnLoading(style))


def style_hits(layer: QgsVectorLayer, style: str, dates: str = "") -> None:
    """Draw hits in one of the plugin's styles, with names of their fields for people.

    `dates`: a field; QGIS's temporal controller then shows those of its dates.
    """
    load_style(layer, style)
    set_up_hit_form(layer)
    if dates:
        follow_dates(layer, dates)
