"""Judged places and hits for good, as layers that are the user's: to keep, to append to, to hand over."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsCsException,
    QgsFeature,
    QgsFillSymbol,
    QgsGeometry,
    QgsMarkerSymbol,
    QgsRendererCategory,
    QgsSingleSymbolRenderer,
    QgsSymbol,
    QgsVectorDataProvider,
    QgsVectorLayer,
    QgsVectorLayerUtils,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QDateTime, Qt

from msa_model.protocol.errors import BadArgument, TooEarly
from msa_model.protocol.hit_filter import CHANGE_FIELDS, DECIMALS, memory_fields, rounded
from qgis_msa_plugin.gis.geometry import crs_of, polygon_of, to_crs
from qgis_msa_plugin.gis.marks import is_made
from qgis_msa_plugin.gis.vector_file import NewLayer, fields_of
from qgis_msa_plugin.search.judged import ChangeFields, Judged, JudgedPlace
from qgis_msa_plugin.search.question import Judgement
from qgis_msa_plugin.translate import tr

FIELDS = (
    "date:datetime",
    "question:string(0)",
    "score:double",
    "match_score:double",
    "scale_m:double",
    "source:string(0)",
    "review:string(0)",
    "reviewer:string(0)",
)
_DATES = tuple(field.name for field in dataclasses.fields(ChangeFields))
DATES_FIELDS = tuple(pair for pair in memory_fields(CHANGE_FIELDS) if pair.partition(":")[0] in _DATES)
_BOX_FIELDS = (*FIELDS, "label:integer", "xmin:double", "ymin:double", "xmax:double", "ymax:double")
_KEY = ("date", "question", "source")
_YES, _NO = "#43a047", "#e53935"


def accepted(places: Judged) -> Judged:
    """Those that were accepted."""
    return tuple(place for place in places if place.said is Judgement.ACCEPTED)


def save_places(path: Path, places: Judged) -> QgsVectorLayer:
    """Write the places as a new layer, in the CRS of the first; with `DATES_FIELDS` where one has changed.

    Raises:
        BadArgument: there are none, or the file cannot take them.
    """
    _check_some(places)
    crs = crs_of(places[0].crs)
    dated = any(place.changed is not None for place in places)
    fields = fields_of((*FIELDS, *DATES_FIELDS) if dated else FIELDS)
    rows = ((_polygon(place, crs), [*_values(place), *(_dates(place) if dated else ())]) for place in places)
    layer = NewLayer(path, tr("accepted"), fields).write(QgsWkbTypes.Type.Polygon, crs, rows)
    layer.setRenderer(QgsSingleSymbolRenderer(_symbol(layer, _YES)))
    return layer


def append_places(layer: QgsVectorLayer, places: Judged) -> int:
    """Add those of the places that the layer has not yet, and tell how many; nothing else of it changes.

    A layer that is being edited gets them as edits, which its user saves or drops.

    Raises:
        BadArgument: there are none, or the layer does not fit or cannot take them.
    """
    _check_some(places)
    check_fits(layer)
    known = {_key_of(layer, feature) for feature in layer.getFeatures()}
    features = [_feature(layer, place) for place in places]
    new = [feature for feature in features if _key_of(layer, feature) not in known]
    if new and not (_add_edits(layer, new) if layer.isEditable() else _add_for_good(layer, new)):
        text = tr("The layer '{name}' does not take the places: {why}")
        why = "; ".join(layer.commitErrors()) or tr("it refuses them")
        raise BadArgument(text.format(name=layer.name(), why=why))
    return len(new)


def check_fits(layer: QgsVectorLayer) -> None:
    """See that a layer can take places.

    Raises:
        BadArgument: the sentence says what it lacks.
    """
    name = layer.name()
    if layer.geometryType() != QgsWkbTypes.GeometryType.PolygonGeometry:
        raise BadArgument(tr("The layer '{name}' holds no polygons.").format(name=name))
    if is_made(layer):
        raise BadArgument(
            tr("The layer '{name}' is an answer; save places as a layer first.").format(name=name)
        )
    adds = layer.dataProvider().capabilities() & QgsVectorDataProvider.Capability.AddFeatures
    if not adds or layer.readOnly():
        raise BadArgument(tr("The layer '{name}' cannot be added to.").format(name=name))
    wanted = {field.name(): field for field in fields_of(FIELDS)}
    there = {field.name(): field.type() for field in layer.fields()}
    lacking = [field for field in wanted if field not in there]
    others = [field for field in wanted if field in there and there[field] != wanted[field].type()]
    if lacking or others:
        text = tr(
            "The layer '{name}' does not fit: it lacks the fields {lacking}, or has them of another type."
        )
        raise BadArgument(text.format(name=name, lacking=", ".join((*lacking, *others))))
    if not layer.crs().isValid():
        raise BadArgument(tr("The layer '{name}' has no CRS.").format(name=name))


def save_prompts(path: Path, places: Judged) -> list[QgsVectorLayer]:
    """Write the middles of the places and their boxes, as segmenting plugins take them for prompts.

    For each raster a layer of points and one of boxes, in the raster's CRS. `label` is 1 for what to outline
    and 0 for what was rejected.

    Raises:
        BadArgument: there are none, or the file cannot take them.
    """
    _check_some(places)
    layers: list[QgsVectorLayer] = []
    by_raster = sorted(places, key=lambda place: place.source)
    for _, group in groupby(by_raster, key=lambda place: place.source):
        layers += _prompts(path, tuple(group))
    return layers


def _prompts(path: Path, places: Judged) -> Iterator[QgsVectorLayer]:
    crs, fields = crs_of(places[0].crs), fields_of(_BOX_FIELDS)
    stem = Path(places[0].source).stem
    for name, kind in ((tr("points"), QgsWkbTypes.Type.Point), (tr("boxes"), QgsWkbTypes.Type.Polygon)):
        shaped = [(place, _polygon(place, crs)) for place in places]
        boxes = [(place, QgsGeometry.fromRect(shape.boundingBox())) for place, shape in shaped]
        is_point = kind == QgsWkbTypes.Type.Point
        rows = [(box.centroid() if is_point else box, _prompt_values(place, box)) for place, box in boxes]
        layer = NewLayer(path, f"{name} {stem}", fields).write(kind, crs, rows)
        layer.setRenderer(_by_label(layer))
        yield layer


def _by_label(layer: QgsVectorLayer) -> QgsCategorizedSymbolRenderer:
    kinds = ((1, _YES, tr("outline this")), (0, _NO, tr("rejected")))
    categories = [QgsRendererCategory(label, _symbol(layer, colour), text) for label, colour, text in kinds]
    return QgsCategorizedSymbolRenderer("label", categories)


def _symbol(layer: QgsVectorLayer, colour: str) -> QgsSymbol:
    """Outlines and small dots: what lies below is looked at."""
    if layer.geometryType() == QgsWkbTypes.GeometryType.PointGeometry:
        return QgsMarkerSymbol.createSimple({"color": colour, "outline_color": "#ffffff", "size": "2.4"})
    return QgsFillSymbol.createSimple({"style": "no", "outline_color": colour, "outline_width": "0.6"})


def _prompt_values(place: JudgedPlace, box: QgsGeometry) -> list[object]:
    label = 0 if place.said is Judgement.REJECTED else 1
    corners = box.boundingBox()
    bounds = (corners.xMinimum(), corners.yMinimum(), corners.xMaximum(), corners.yMaximum())
    return [*_values(place), label, *bounds]


def _check_some(places: Sequence[JudgedPlace]) -> None:
    if not places:
        raise TooEarly(tr("There are no such places yet: accept some hits first."))


def _values(place: JudgedPlace) -> list[object]:
    date = QDateTime.fromString(place.date, Qt.DateFormat.ISODate)
    match_score = None if place.match_score is None else round(place.match_score, DECIMALS["match_score"])
    numbers = (round(place.score, DECIMALS["score"]), match_score, rounded(place.scale_m))
    said = (place.source, place.said.value, "" if place.said is Judgement.NONE else reviewer())
    return [date if date.isValid() else None, place.query, *numbers, *said]


def _dates(place: JudgedPlace) -> list[object]:
    """The values of `DATES_FIELDS`; none of a place of one date."""
    told = {} if place.changed is None else vars(place.changed)
    return [_short(told.get(name)) for name in _DATES]


def _short(value: object) -> object:
    return round(value, DECIMALS["match_score"]) if isinstance(value, float) else value


def reviewer() -> str:
    """Who judges: as the system knows the user."""
    return str(QgsApplication.userFullName() or QgsApplication.userLoginName())


def _polygon(place: JudgedPlace, crs: QgsCoordinateReferenceSystem) -> QgsGeometry:
    try:
        return to_crs(polygon_of(place.ring), crs_of(place.crs), crs)
    except QgsCsException as error:
        text = tr("A place of {source} has no coordinates in the CRS of the layer.")
        raise BadArgument(text.format(source=place.source)) from error


def _feature(layer: QgsVectorLayer, place: JudgedPlace) -> QgsFeature:
    names = [field.name() for field in fields_of((*FIELDS, *DATES_FIELDS))]
    values = zip(names, (*_values(place), *_dates(place)))
    there = _there(layer)
    attributes = {layer.fields().indexFromName(name): value for name, value in values if name in there}
    polygon = QgsVectorLayerUtils.makeFeatureCompatible(_bare(_polygon(place, layer.crs())), layer)
    return QgsVectorLayerUtils.createFeature(layer, polygon[0].geometry(), attributes)


def _there(layer: QgsVectorLayer) -> set[str]:
    """Fields of ours that the layer has, of our types."""
    types = {field.name(): field.type() for field in layer.fields()}
    ours = fields_of((*FIELDS, *DATES_FIELDS))
    return {field.name() for field in ours if types.get(field.name()) == field.type()}


def _bare(geometry: QgsGeometry) -> QgsFeature:
    feature = QgsFeature()
    feature.setGeometry(geometry)
    return feature


def _key_of(layer: QgsVectorLayer, feature: QgsFeature) -> tuple[object, ...]:
    """What tells a judged place from others: when, what and where."""
    box = feature.geometry().boundingBox()
    digits = 7 if layer.crs().isGeographic() else 2
    date, *others = (feature[name] for name in _KEY)
    seconds = date.toUTC().toString(Qt.DateFormat.ISODate) if isinstance(date, QDateTime) else ""
    return (seconds, *map(str, others), round(box.center().x(), digits), round(box.center().y(), digits))


def _add_edits(layer: QgsVectorLayer, features: Iterable[QgsFeature]) -> bool:
    layer.beginEditCommand(tr("Append accepted places"))
    added = bool(layer.addFeatures(list(features)))
    (layer.endEditCommand if added else layer.destroyEditCommand)()
    return added


def _add_for_good(layer: QgsVectorLayer, features: Iterable[QgsFeature]) -> bool:
    if not layer.startEditing():
        return False
    if layer.addFeatures(list(features)) and layer.commitChanges():
        return True
    layer.rollBack()
    return False
