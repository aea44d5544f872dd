"""Which hits of a table lie at a point, without a geometry for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsCsException, QgsPointXY

from msa_model.protocol.hit_table import HitTable
from msa_model.protocol.ranking import RankedIndex
from qgis_msa_plugin.gis.geometry import crs_of, point_to_crs

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
    index, factor = table.index(row), table.factors[row]
    unit, side = index.lattice * factor, index.tile * factor
    left, top = table.cols[row] * unit, table.rows[row] * unit
    return left <= pixel[0] < left + side and top <= pixel[1] < top + side
