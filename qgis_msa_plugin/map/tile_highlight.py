"""The outline of one tile above the map, and the way there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from qgis.core import QgsCsException, QgsGeometry, QgsRectangle, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsRubberBand
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor

from msa_model.protocol.hit_table import HitTable
from msa_model.protocol.messages import Ring
from qgis_msa_plugin.gis.geometry import crs_of, polygon_of, to_crs
from qgis_msa_plugin.gis.map_tools import take_off
from qgis_msa_plugin.map.layer_fill import extent_of

_ALL_MARGIN = 1.1
_SPECK = 1 / 40  # of the map's width or height: some twenty pixels
_MARGIN = 2.2  # the tile fills less than half of the view: what lies around tells where it is


class TileHighlight:
    """At most one outlined tile on a canvas, legible over dark and bright imagery alike."""

    def __init__(self, canvas: QgsMapCanvas, colour: QColor, dashed: bool = False) -> None:
        self._canvas = canvas
        self._band = QgsRubberBand(canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
        self._band.setFillColor(QColor(0, 0, 0, 0))
        self._band.setStrokeColor(colour)
        self._band.setSecondaryStrokeColor(QColor(0, 0, 0, 200))
        self._band.setWidth(3)
        if dashed:
            self._band.setLineStyle(Qt.PenStyle.DashLine)

    def show(self, ring: Ring, crs: str) -> None:
        """Outline the ring; a place that the map's CRS does not reach is left out."""
        geometry = self._on_canvas(ring, crs)
        if geometry is None:
            self.hide()
        else:
            self._band.setToGeometry(geometry)
            self._band.show()

    def hide(self) -> None:
        """Take the outline away."""
        self._band.reset(QgsWkbTypes.GeometryType.PolygonGeometry)

    def zoom(self, ring: Ring, crs: str) -> None:
        """Show the ring in the middle of the map, with its surroundings."""
        geometry = self._on_canvas(ring, crs)
        if geometry is None:
            return
        extent = geometry.boundingBox()
        extent.scale(_MARGIN)
        self._canvas.setExtent(extent)
        self._canvas.refresh()

    def zoom_to_rows(self, table: HitTable, rows: Sequence[int], asked: bool) -> None:
        """Show the tiles of all these rows; unasked, the map stays as it is where they are seen already."""
        box = extent_of(table, rows, self._canvas.mapSettings().destinationCrs())
        if box is not None and (asked or not self._is_seen(box)):
            box.scale(_MARGIN if len(rows) == 1 else _ALL_MARGIN)
            self._canvas.setExtent(box)
            self._canvas.refresh()

    def release(self) -> None:
        """Take the item off the canvas."""
        take_off(self._canvas, self._band)

    def _is_seen(self, box: QgsRectangle) -> bool:
        """Whether the map shows all of it, and not as a speck: of rasters far apart it shows the world."""
        whole = self._canvas.extent()
        if whole.isEmpty() or not whole.contains(box):
            return False
        return max(box.width() / whole.width(), box.height() / whole.height()) >= _SPECK

    def _on_canvas(self, ring: Ring, crs: str) -> Optional[QgsGeometry]:
        try:
            return to_crs(polygon_of(ring), crs_of(crs), self._canvas.mapSettings().destinationCrs())
        except QgsCsException:
            return None
