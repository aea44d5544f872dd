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

from qgis_msa_plugin.gis.hit_form import dress_hits, follow_dates
from qgis_msa_plugin.gis.marks import load_style


class StyleOnLoading(QgsProcessingLayerPostProcessorInterface):
    """Dresses one layer once QGIS has loaded it: one for each run.

    QGIS's context owns and destroys it, but keeps no reference to its Python part, without which a call
    does nothing: that is held here until the call, or until the provider goes.
    """

    held: ClassVar[set[StyleOnLoading]] = set()

    def __init__(self, dress: Callable[[QgsMapLayer], None]) -> None:
        super().__init__()
        self._dress = dress
        self.held.difference_update([style for style in self.held if sip.isdeleted(style)])  # never called
        self.held.add(self)

    def postProcessLayer(
        self, layer: QgsMapLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Dress the layer."""
        self.held.discard(self)
        self._dress(layer)


def dress_on_loading(
    context: QgsProcessingContext, destination: str, dress: Callable[[QgsMapLayer], None], name: str = ""
) -> None:
    """Where QGIS loads that result at the end, have it dressed, and called `name` if one is given."""
    if not context.willLoadLayerOnCompletion(destination):
        return
    details = context.layerToLoadOnCompletionDetails(destination)
    details.name = name or details.name
    details.setPostProcessor(StyleOnLoading(dress))


def dress_as_hits(layer: QgsVectorLayer, style: str, dates: str = "") -> None:
    """Draw hits in one of the plugin's styles, with names of their fields for people.

    `dates`: a field; QGIS's temporal controller then shows those of its dates.
    """
    load_style(layer, style)
    dress_hits(layer)
    if dates:
        follow_dates(layer, dates)
