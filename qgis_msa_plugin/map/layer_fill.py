"""The features of one result layer: made as they are first shown, a slice at a time, and hidden by a filter.

A threshold that moves changes the layer's subset string, never its features. The string picks ranks from a
line of ones and zeros: QGIS evaluates that for ten thousand features in a few milliseconds.

The box around hits, without a geometry for each.
Which hits of a table lie at a point, without a geometry for each.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCsException,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDateTime, QObject, Qt, QTimer, pyqtSignal

from msa_model.protocol.changing import SeriesHit, points_of
from msa_model.protocol.hit_filter import CHANGE_FIELDS, HIT_FIELDS, SERIES_FIELDS, hit_values, memory_fields
from msa_model.protocol.hit_table import HitTable, RankedIndex
from qgis_msa_plugin.gis.geometry import crs_of, point_to_crs, polygon_of, to_crs
from qgis_msa_plugin.gis.hit_form import follow_dates, point_values, set_up_hit_form
from qgis_msa_plugin.gis.marks import feature_of, is_ours, note_fields
from qgis_msa_plugin.gis.vector_file import fields_of
from qgis_msa_plugin.logs import log_warning
from qgis_msa_plugin.search.question import Judgement, Results
from qgis_msa_plugin.search.stored import StoredAnswer

# `rank` is the number on screen; `overall_rank` the rank among all tiles, by which the filter picks.
_OWN_FIELDS = ("review:string(0)", "asked:datetime", "overall_rank:integer")
FIELDS = "&".join(f"field={field}" for field in (*memory_fields(), *_OWN_FIELDS))
_SLICE_S = 0.012  # of the GUI thread at a time
_BATCH = 50  # features
_NAME = "msaLayerFill"


class LayerFill(QObject):
    """Belongs to its layer, and goes with it; writes only as long as the layer is the plugin's own."""

    filled = pyqtSignal()

    def __init__(self, layer: QgsVectorLayer) -> None:
        super().__init__(layer)
        self.setObjectName(_NAME)
        self._layer = layer
        self.answer: Optional[StoredAnswer] = None
        self._rows: Sequence[int] = ()
        self._wanted: list[int] = []  # rows that are shown and have no feature yet, the best last
        self._stale: list[int] = []  # rows whose feature lacks what the verdict or the analyst says
        self._ids: dict[int, list[int]] = {}  # feature ids by row: of a series, one for each date
        self._row_of: dict[int, int] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._work)

    def show(self, answer: StoredAnswer, rows: Sequence[int]) -> None:
        """Show these rows of the answer; the best of them are there when this returns."""
        if not is_ours(self._layer):
            return
        before, self.answer = self.answer, answer
        if before is None or before.results.table.reply is not answer.results.table.reply:
            self._empty(answer)
        elif before.results.table is not answer.results.table:
            self._stale = list(self._ids)
        elif before.filters.merge is not answer.filters.merge:
            self._stale = list(self._ids)  # numbered by place, or each by itself
        else:
            self._note_judgements(before, answer)
        if rows != self._rows or not self._ids:
            self._rows = rows
            self._wanted = [row for row in reversed(rows) if row not in self._ids]
            self._hide_others(answer)
        self._work()

    def row(self, feature_id: int) -> Optional[int]:
        """The row that a feature shows."""
        return self._row_of.get(feature_id)

    def feature_ids(self, row: int) -> Sequence[int]:
        """The features that show a row; none where it has none yet."""
        return self._ids.get(row, ())

    @property
    def complete(self) -> bool:
        """Whether every row that is shown has its feature."""
        return not self._wanted and not self._stale

    def _empty(self, answer: StoredAnswer) -> None:
        provider, there = self._layer.dataProvider(), self._layer.fields()
        provider.truncate()
        wanted = fields_of((*memory_fields(hit_fields(answer.results)), *_OWN_FIELDS))
        lacking = [field for field in wanted if there.indexFromName(field.name()) < 0]
        if lacking:  # a layer of an earlier version, or of two dates
            provider.addAttributes(lacking)
            self._layer.updateFields()
            note_fields(self._layer)
            set_up_hit_form(self._layer)
        if answer.results.series is not None:
            follow_dates(self._layer, "date")
        self._ids, self._row_of, self._stale = {}, {}, []

    def _note_judgements(self, before: StoredAnswer, answer: StoredAnswer) -> None:
        old, new = before.judgements, answer.judgements
        changed = {tile for tile in {*old, *new} if old.get(tile) is not new.get(tile)}
        if changed:
            table = answer.results.table
            self._stale += [row for row in self._ids if table.tile(row) in changed]

    def _hide_others(self, answer: StoredAnswer) -> None:
        count = len(answer.results.table)
        text = subset_of(self._rows, count)
        if self._layer.subsetString() != text and not self._layer.setSubsetString(text):
            log_warning(f"{self._layer.name()}: the filter is not set, as the layer is being edited.")

    def _work(self) -> None:
        """One slice of what is to do; nothing is, once the user has taken the layer over."""
        answer = self.answer
        if answer is None or not is_ours(self._layer):
            self._wanted, self._stale = [], []
            self._timer.stop()
            return
        until, rows = time.perf_counter() + _SLICE_S, rows_at_once(answer.results)
        changed = False
        while (self._wanted or self._stale) and (not changed or time.perf_counter() < until):
            changed = True
            if self._wanted:
                batch, self._wanted = self._wanted[-rows:], self._wanted[:-rows]
                self._add(answer, batch[::-1])
            else:
                batch, self._stale = self._stale[-rows:], self._stale[:-rows]
                self._mend(answer, batch)
        if changed:
            self._layer.updateExtents()
        self._layer.triggerRepaint()
        if self.complete:
            self._timer.stop()
            self.filled.emit()
        elif not self._timer.isActive():
            self._timer.start()

    def _add(self, answer: StoredAnswer, rows: Sequence[int]) -> None:
        made = [(row, feature) for row in rows for feature in self._features(answer, row)]
        added, features = self._layer.dataProvider().addFeatures([feature for _, feature in made])
        if added:
            for (row, _), feature in zip(made, features):
                self._ids.setdefault(row, []).append(feature.id())
                self._row_of[feature.id()] = row

    def _mend(self, answer: StoredAnswer, rows: Sequence[int]) -> None:
        fields = self._layer.fields()
        changes = {
            feature_id: {fields.indexFromName(name): said for name, said in opinions.items()}
            for row, opinions in ((row, _opinions(answer, row)) for row in rows if row in self._ids)
            for feature_id in self._ids[row]
        }
        if not self._layer.dataProvider().changeAttributeValues(changes):
            log_warning(f"{self._layer.name()}: some attributes could not be written.")

    def _features(self, answer: StoredAnswer, row: int) -> Iterator[QgsFeature]:
        results = answer.results
        asked = QDateTime.fromString(results.asked, Qt.DateFormat.ISODate)
        own = {"overall_rank": row + 1, "asked": asked, **_number_and_review(answer, row)}
        geometry = self._geometry(results.table, row)
        for told in values_of(results, row):
            feature = feature_of(self._layer, {**told, **own})
            if geometry is not None:
                feature.setGeometry(geometry)
            yield feature

    def _geometry(self, table: HitTable, row: int) -> Optional[QgsGeometry]:
        """The tile in the layer's CRS; nothing where that has no coordinates for it."""
        geometry, crs = polygon_of(table.ring(row)), table.index(row).crs
        if crs == table.reply.indexes[0].crs:
            return geometry
        try:
            return to_crs(geometry, crs_of(crs), self._layer.crs())
        except QgsCsException:
            return None


def _opinions(answer: StoredAnswer, row: int) -> dict[str, object]:
    """What verdict, filters and analyst say of a row, which changes while its feature is there."""
    told = hit_values(answer.results.row(row), "")
    judged = {name: told[name] for name in ("match_score", "match", "phrase", "category")}
    return {**judged, **_number_and_review(answer, row)}


def _number_and_review(answer: StoredAnswer, row: int) -> dict[str, object]:
    table, judgements = answer.results.table, answer.judgements
    said = judgements.get(table.tile(row), Judgement.NONE) if judgements else Judgement.NONE
    return {"rank": table.places[row] + 1 if answer.filters.merge else row + 1, "review": said.value}


def hit_fields(results: Results) -> Mapping[str, str]:
    """What the hits of an answer tell of themselves."""
    if results.series is not None:
        return SERIES_FIELDS
    return HIT_FIELDS if results.change is None else CHANGE_FIELDS


def values_of(results: Results, row: int) -> Iterator[dict[str, object]]:
    """The fields of a hit, once; of a series once for each date that shows it."""
    hit = results.row(row)
    if results.series is None or not isinstance(hit, SeriesHit):
        yield hit_values(hit, results.query, hit_fields(results))
        return
    for point in points_of(dataclasses.replace(results.series, results=(hit,))):
        yield point_values(point, results.query)


def rows_at_once(results: Results) -> int:
    """How many rows are written between two looks at the clock: a row of a series has many features."""
    return _BATCH if results.series is None else max(_BATCH // len(results.series.dates), 1)


def fill_of(layer: QgsVectorLayer) -> LayerFill:
    """The one that fills this layer."""
    fill = layer.findChild(LayerFill, _NAME)
    return fill if fill is not None else LayerFill(layer)


def subset_of(rows: Sequence[int], count: int) -> str:
    """The layer filter that lets these rows of `count` pass."""
    shown = bytearray(b"0" * count)
    for row in rows:
        shown[row] = 49  # "1"
    end = shown.rfind(b"1") + 1
    if end == len(rows):  # the first so many
        return "" if end == count else f'"overall_rank" <= {end}'
    return f"substr('{shown[:end].decode('ascii')}', \"overall_rank\", 1) = '1'"


Box = tuple[int, int, int, int]  # left, top, right and bottom in pixels of an index's raster


def extent_of(
    table: HitTable, rows: Sequence[int], crs: QgsCoordinateReferenceSystem
) -> Optional[QgsRectangle]:
    """The box around the tiles of these rows in `crs`; nothing where there are none that it reaches."""
    whole = QgsRectangle()
    whole.setMinimal()
    for position, box in _pixel_boxes(table, rows).items():
        index = table.reply.indexes[position]
        a, b, c, d, e, f = index.transform
        x0, y0, x1, y1 = box
        ring = tuple(
            (a * x + b * y + c, d * x + e * y + f) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
        )
        try:
            whole.combineExtentWith(to_crs(polygon_of(ring), crs_of(index.crs), crs).boundingBox())
        except QgsCsException:
            continue
    return None if whole.isNull() else whole


def _pixel_boxes(table: HitTable, rows: Sequence[int]) -> dict[int, Box]:
    """Around the tiles on the grid of each index."""
    boxes: dict[int, Box] = {}
    for row in rows:
        position, box = table.indexes[row], _pixel_box(table, row)
        left, top, right, bottom = boxes.get(position, box)
        boxes[position] = (min(left, box[0]), min(top, box[1]), max(right, box[2]), max(bottom, box[3]))
    return boxes


def _pixel_box(table: HitTable, row: int) -> Box:
    """A tile on the grid of its index."""
    index, factor = table.index(row), table.factors[row]
    unit, side = index.lattice * factor, index.tile * factor
    left, top = table.cols[row] * unit, table.rows[row] * unit
    return left, top, left + side, top + side


Pixel = tuple[float, float]  # column and row of a raster, in fractions


def rows_at(
    table: HitTable, rows: Sequence[int], point: QgsPointXY, crs: QgsCoordinateReferenceSystem
) -> list[int]:
    """Those of the rows whose tiles hold the point, in their order."""
    pixels = [pixel_at(index, point, crs) for index in table.reply.indexes]
    return [row for row in rows if _holds(table, row, pixels[table.indexes[row]])]


def pixel_at(index: RankedIndex, point: QgsPointXY, crs: QgsCoordinateReferenceSystem) -> Optional[Pixel]:
    """Where the point, given in `crs`, lies on the grid of an index; nothing where that cannot be told."""
    try:
        place = point_to_crs(point, crs, crs_of(index.crs))
    except QgsCsException:
        return None
    a, b, c, d, e, f = index.transform
    determinant = a * e - b * d
    if determinant == 0:
        return None
    x, y = place.x() - c, place.y() - f
    return (e * x - b * y) / determinant, (a * y - d * x) / determinant


def _holds(table: HitTable, row: int, pixel: Optional[Pixel]) -> bool:
    if pixel is None:
        return False
    left, top, right, bottom = _pixel_box(table, row)
    return left <= pixel[0] < right and top <= pixel[1] < bottom
