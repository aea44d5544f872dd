"""What the analyst has said of places on the ground, and which hits of an answer lie there."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Optional

from qgis.core import QgsCsException
from qgis.PyQt.QtCore import QDateTime, Qt

from msa_model.protocol.changing import ChangeHit
from msa_model.protocol.codec import OpenRecord, for_storage, to_wire
from msa_model.protocol.hit_table import HitTable, RankedIndex
from msa_model.protocol.messages import Ring, TileRef
from qgis_msa_plugin.gis.geometry import crs_of, polygon_of, to_crs
from qgis_msa_plugin.search.question import Judgement, Question, Results

SHARED = 0.5 + 1e-6  # of the smaller of tile and place; neighbours at half overlap share just less

Box = tuple[float, float, float, float]  # x0, y0, x1, y1 in pixels of an index's raster


@dataclass(frozen=True)
class ChangeFields(OpenRecord):
    """What a hit of two dates tells besides (`ChangeHit`)."""

    date_before: str
    date_after: str
    score_before: Optional[float]
    score_after: Optional[float]
    change: float
    phrase_before: str
    phrase_after: str
    source_after: str

    @classmethod
    def of(cls, hit: ChangeHit) -> ChangeFields:
        """Those of a hit."""
        return cls(**{field.name: getattr(hit, field.name) for field in dataclasses.fields(cls)})


@dataclass(frozen=True)
class JudgedPlace(OpenRecord):
    """A place on the ground, `ring` in `crs`, with what was said of it, when (UTC), and as a hit of what.

    `key` tells questions apart (`question_key`), `query` is what was sought in words; `tile` was judged.
    `changed` is told of a hit of two dates.
    """

    said: Judgement
    source: str
    crs: str
    ring: Ring
    query: str
    key: str
    date: str
    score: float
    match_score: Optional[float]
    scale_m: float
    tile: TileRef
    changed: Optional[ChangeFields] = None

    @cached_property
    def text(self) -> str:
        """As JSON, for the project (`saved.read_judged` reads it)."""
        values = {**dataclasses.asdict(self), "said": self.said.value, "tile": dataclasses.astuple(self.tile)}
        if self.changed is None:
            del values["changed"]  # as earlier versions write it, and read it
        return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


Judged = tuple[JudgedPlace, ...]  # the newest last


def question_key(question: Question) -> str:
    """Tells questions apart by words and examples, whatever rasters they are asked of."""
    examples = [to_wire(for_storage(example)) for example in question.examples]
    return hashlib.sha256(json.dumps([question.text, examples]).encode()).hexdigest()[:16]


def place_of(results: Results, row: int, said: Judgement, date: Optional[str] = None) -> JudgedPlace:
    """The place of a hit, judged now if no `date` is given."""
    table, question = results.table, results.question
    index, changed = table.index(row), results.changed(row)
    return JudgedPlace(
        said=said,
        source=index.source,
        crs=index.crs,
        ring=table.ring(row),
        query=question.sought,
        key=question_key(question),
        date=QDateTime.currentDateTimeUtc().toString(Qt.DateFormat.ISODate) if date is None else date,
        score=float(table.scores[row]),
        match_score=table.match_score(row),
        scale_m=table.scale_m(row),
        tile=table.tile(row),
        changed=ChangeFields.of(changed) if changed is not None else None,
    )


class JudgedMatches:
    """Finds the judged places at the hits of a table; what it knows of a table is kept."""

    def __init__(self) -> None:
        self._table: Optional[HitTable] = None
        self._rows: dict[tuple[int, int, int, int], int] = {}
        self._factors: dict[int, set[int]] = {}

    def matches(self, table: HitTable, places: Sequence[JudgedPlace]) -> dict[int, list[JudgedPlace]]:
        """By row of the table, the places that its tile shares more than half with; the likest comes first.

        Places of other rasters are none of its own. Of places that fit alike, the newest comes first.
        """
        self._learn(table)
        found: dict[int, list[tuple[float, int]]] = {}
        for position, place in enumerate(places):
            for row, likeness in self._rows_at(table, place):
                found.setdefault(row, []).append((likeness, position))
        return {row: [places[at] for _, at in sorted(fits, reverse=True)] for row, fits in found.items()}

    def _learn(self, table: HitTable) -> None:
        if self._table is table:
            return
        self._table, self._factors = table, {}
        keys = list(zip(table.indexes, table.factors, table.rows, table.cols))
        self._rows = {key: row for row, key in enumerate(keys)}
        for position, factor in {key[:2] for key in keys}:
            self._factors.setdefault(position, set()).add(factor)

    def _rows_at(self, table: HitTable, place: JudgedPlace) -> Iterator[tuple[int, float]]:
        for position, index in enumerate(table.reply.indexes):
            box = pixel_box(place, index) if index.source == place.source else None
            if box is not None:
                for factor in self._factors.get(position, ()):
                    yield from self._rows_of_factor(index, (position, factor), box)

    def _rows_of_factor(
        self, index: RankedIndex, owner: tuple[int, int], box: Box
    ) -> Iterator[tuple[int, float]]:
        unit, side = index.lattice * owner[1], index.tile * owner[1]
        for key in self._keys_within(owner, box, unit, side):
            row = self._rows.get(key)
            if row is not None:
                x, y = key[3] * unit, key[2] * unit
                share, likeness = overlap((x, y, x + side, y + side), box)
                if share > SHARED:
                    yield row, likeness

    def _keys_within(
        self, owner: tuple[int, int], box: Box, unit: int, side: int
    ) -> Iterator[tuple[int, int, int, int]]:
        """Keys of tiles that may meet the box; of a box with more of them than there are hits, all hits'."""
        cols, rows = (_lattice(box[at], box[at + 2], unit, side) for at in (0, 1))
        if len(cols) * len(rows) > len(self._rows):
            yield from (key for key in self._rows if key[:2] == owner)
            return
        yield from ((*owner, row, col) for row in rows for col in cols)


def with_groups(
    table: HitTable, matches: dict[int, list[JudgedPlace]], *, merge: bool
) -> dict[int, JudgedPlace]:
    """What counts of each row; where hits of one place are merged, each stands for all of its place."""
    own = {row: places[0] for row, places in matches.items()}
    if not merge:
        return own
    best: dict[int, JudgedPlace] = {}
    for row in sorted(own):
        best.setdefault(table.places[row], own[row])
    rows = enumerate(table.places)
    return {row: own.get(row, best[place]) for row, place in rows if place in best} if best else {}


def pixel_box(place: JudgedPlace, index: RankedIndex) -> Optional[Box]:
    """Where a place lies on the grid of an index; nothing where that cannot be told."""
    ring = place.ring
    if place.crs != index.crs:
        try:
            moved = to_crs(polygon_of(ring), crs_of(place.crs), crs_of(index.crs))
        except QgsCsException:
            return None
        ring = tuple((vertex.x(), vertex.y()) for vertex in moved.vertices())
    a, b, c, d, e, f = index.transform
    scale = a * e - b * d
    if not scale:
        return None
    xs = [(e * (x - c) - b * (y - f)) / scale for x, y in ring]
    ys = [(a * (y - f) - d * (x - c)) / scale for x, y in ring]
    box = (min(xs), min(ys), max(xs), max(ys))
    return box if all(map(math.isfinite, box)) else None


def overlap(one: Box, other: Box) -> tuple[float, float]:
    """What two boxes share: of the smaller one, and of both together."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    if across <= 0 or down <= 0 or min(areas) <= 0:
        return 0.0, 0.0
    shared = across * down
    return shared / min(areas), shared / (sum(areas) - shared)


def _lattice(low: float, high: float, unit: int, side: int) -> range:
    return range(math.floor((low - side) / unit), math.ceil(high / unit) + 1)
