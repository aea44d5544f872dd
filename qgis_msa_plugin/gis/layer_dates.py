"""Dates as layers keep them for QGIS's temporal controller."""

from __future__ import annotations

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsRasterLayer,
    QgsVectorLayer,
    QgsVectorLayerTemporalProperties,
)
from qgis.PyQt.QtCore import Qt

from msa_model.protocol.match import LIKELY_FROM, STRONG_FROM, WEAK_FROM

_MATCH_THEN = (
    f'CASE WHEN "date_score" >= {STRONG_FROM} THEN \'strong\' WHEN "date_score" >= {LIKELY_FROM} '
    f"THEN 'likely' WHEN \"date_score\" >= {WEAK_FROM} THEN 'weak' ELSE 'none' END"
)


def date_of_layer(layer: QgsRasterLayer) -> str:
    """The day on which the layer's fixed time begins, as '2010-06-29'; empty where it has none."""
    properties = layer.temporalProperties()
    if properties is None or not properties.isActive():
        return ""
    begin = properties.fixedTemporalRange().begin()
    return str(begin.date().toString(Qt.DateFormat.ISODate)) if begin.isValid() else ""


def follow_dates(layer: QgsVectorLayer, field: str) -> None:
    """Have the temporal controller show each feature at the date in that field, drawn by its match then."""
    properties = layer.temporalProperties()
    properties.setMode(QgsVectorLayerTemporalProperties.ModeFeatureDateTimeInstantFromField)
    properties.setStartField(field)
    properties.setIsActive(True)
    renderer = layer.renderer()
    if isinstance(renderer, QgsCategorizedSymbolRenderer):
        renderer.setClassAttribute(_MATCH_THEN)
