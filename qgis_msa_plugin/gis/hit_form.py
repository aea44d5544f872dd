"""How layers of hits speak in attribute tables and forms."""

from __future__ import annotations

from qgis.core import QgsEditorWidgetSetup, QgsVectorLayer

from qgis_msa_plugin.translate import tr

_OF_THE_TILE = ("index", "index_after", "factor", "row", "col", "standing")
_TITLE = "coalesce(\"rank\", '') || ' · ' || coalesce(\"query\", '')"


def dress_hits(layer: QgsVectorLayer) -> None:
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
        "score": tr("Likeness (cosine)"),
        "honest": tr("Match score"),
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
