"""How layers of hits speak in attribute tables and forms.

Dates as layers keep them for QGIS's temporal controller.
"""

from __future__ import annotations

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsEditorWidgetSetup,
    QgsRasterLayer,
    QgsVectorLayer,
    QgsVectorLayerTemporalProperties,
)
from qgis.PyQt.QtCore import QDate, Qt

from msa_model.protocol.changing import SeriesPoint
from msa_model.protocol.hit_filter import SERIES_FIELDS, hit_values
from msa_model.protocol.match import LIKELY_FROM, STRONG_FROM, WEAK_FROM
from qgis_msa_plugin.translate import tr

_OF_THE_TILE = ("index", "index_after", "factor", "row", "col", "overall_rank")
_WHOLE_DAY = "to_interval('1 day') - to_interval('1 second')"
_TITLE = "coalesce(\"rank\", '') || ' · ' || coalesce(\"query\", '')"


def set_up_hit_form(layer: QgsVectorLayer) -> None:
    """Give the fields names for people, hide the tile's address, and offer judgements to pick."""
    fields, names = layer.fields(), _names()
    for position, field in enumerate(fields):
        if field.name() in names:
            layer.setFieldAlias(position, names[field.name()])
        if field.name() in _OF_THE_TILE:
            layer.setEditorWidgetSetup(position, QgsEditorWidgetSetup("Hidden", {}))
    review = fields.indexFromName("review")
    if review >= 0:
        choices = {"map": [{tr("accepted"): "accepted"}, {tr("rejected"): "rejected"}, {"": ""}]}
        layer.setEditorWidgetSetup(review, QgsEditorWidgetSetup("ValueMap", choices))
    if fields.indexFromName("rank") >= 0:
        layer.setDisplayExpression(_TITLE)


def _names() -> dict[str, str]:
    return {
        "rank": tr("Number"),
        "score": tr("Likeness"),
        "match_score": tr("Match score"),
        "match": tr("Match"),
        "phrase": tr("Looks like"),
        "category": tr("Kind"),
        "scale_m": tr("Side (m)"),
        "valid": tr("Share with data"),
        "place": tr("Place"),
        "query": tr("Sought"),
        "name": tr("Name of the query"),
        "source": tr("Raster"),
        "review": tr("Review"),
        "asked": tr("Asked (UTC)"),
        "date_before": tr("Date before"),
        "date_after": tr("Date after"),
        "score_before": tr("Match score before"),
        "score_after": tr("Match score after"),
        "change": tr("Change"),
        "phrase_before": tr("Looked like before"),
        "phrase_after": tr("Looks like after"),
        "source_after": tr("Raster after"),
        "date": tr("Date"),
        "date_score": tr("Match score at the date"),
        "first": tr("First date above"),
        "last": tr("Last date above"),
        "dates_above": tr("Dates above"),
        "trend": tr("Trend in ten years"),
        "correlation": tr("Correlation"),
    }


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


def point_values(point: SeriesPoint, query: str) -> dict[str, object]:
    """The fields of a tile at a date, which is told as a day."""
    day = QDate.fromString(point.date, Qt.DateFormat.ISODate)
    return {**hit_values(point, query, SERIES_FIELDS), "date": day}


def follow_dates(layer: QgsVectorLayer, field: str) -> None:
    """Have the temporal controller show each feature on the day in that field, drawn by its match then.

    QGIS compares a field of dates with times as texts, so that a day is not found within itself.
    """
    properties = layer.temporalProperties()
    properties.setMode(QgsVectorLayerTemporalProperties.ModeFeatureDateTimeStartAndEndFromExpressions)
    properties.setStartExpression(f'to_datetime("{field}")')
    properties.setEndExpression(f'to_datetime("{field}") + {_WHOLE_DAY}')
    properties.setIsActive(True)
    renderer = layer.renderer()
    if isinstance(renderer, QgsCategorizedSymbolRenderer):
        renderer.setClassAttribute(_MATCH_THEN)
