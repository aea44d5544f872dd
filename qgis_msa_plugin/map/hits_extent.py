"""The box around hits, without a geometry for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsCsException, QgsRectangle

from msa_model.protocol.hit_table import HitTable
from qgis_msa_plugin.gis.geometry import crs_of, polygon_of, to_crs


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


def _pixel_boxes(table: HitTable, rows: Sequence[int]) -> dict[int, tuple[int, int, int, int]]:
    """Around the tiles on the grid of each index: left, top, right and bottom in pixels."""
    boxes: dict[int, tuple[int, int, int, int]] = {}
    for row in rows:
        position, factor = table.indexes[row], table.factors[row]
        index = table.reply.indexes[position]
        x, y = table.cols[row] * index.lattice * factor, table.rows[row] * index.lattice * factor
        side = index.tile * factor
        left, top, right, bottom = boxes.get(position, (x, y, x, y))
        boxes[position] = (min(left, x), min(top, y), max(right, x + side), max(bottom, y + side))
    return boxes
