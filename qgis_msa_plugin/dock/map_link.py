"""Between the search state and the map: result layers, outlines, clicks, the describe tool."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsCsException, QgsPointXY, QgsProject
from qgis.gui import QgisInterface, QgsMapTool
from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtGui import QColor

from msa_model.protocol.messages import Hit
from qgis_msa_plugin.describe.map_tool import DescribeTool
from qgis_msa_plugin.layers.geometry import WGS84, hits_at, ring_of, square_around
from qgis_msa_plugin.layers.result_layer import ResultLayers
from qgis_msa_plugin.layers.tile_click import TileClicks
from qgis_msa_plugin.layers.tile_highlight import TileHighlight
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.state import Description, Results

_HIT_COLOUR = QColor("#00e5ff")  # cyan: neither a rank's heat nor QGIS's yellow selection
_PLACE_COLOUR = QColor("#ffffff")


class MapLink(QObject):
    """Draws what the state holds, and turns clicks on the map into verbs of the controller."""

    describe_tool_active = pyqtSignal(bool)

    def __init__(
        self, controller: SearchController, iface: QgisInterface, parent: Optional[QObject] = None
    ) -> None:
        super().__init__(parent)
        self._controller = controller
        self._state = controller.state
        self._canvas = iface.mapCanvas()
        self._layers = ResultLayers(QgsProject.instance(), self)
        self._hit = TileHighlight(self._canvas, _HIT_COLOUR)
        self._place = TileHighlight(self._canvas, _PLACE_COLOUR)
        self._aim = TileHighlight(self._canvas, _PLACE_COLOUR, dashed=True)
        self._clicks = TileClicks(self._canvas, self)
        self._tool = DescribeTool(self._canvas)
        self._tool_before: Optional[QgsMapTool] = None
        self._connect()

    def use_describe_tool(self, wanted: bool) -> None:
        """Take up the describe tool, or give back the tool that was in use before."""
        active = self._canvas.mapTool() is self._tool
        if wanted and not active:
            self._tool_before = self._canvas.mapTool()
            self._canvas.setMapTool(self._tool)
        elif not wanted and active:
            self._canvas.unsetMapTool(self._tool)
            if self._tool_before is not None:
                self._canvas.setMapTool(self._tool_before)

    def release(self) -> None:
        """Take everything off the map; the result layers stay, they are the user's."""
        self.use_describe_tool(False)
        self._canvas.mapToolSet.disconnect(self._on_tool)
        self._canvas.destinationCrsChanged.disconnect(self._redraw)
        self._clicks.release()
        self._layers.release()
        self._hit.release()
        self._place.release()
        self._aim.release()
        self._tool.deleteLater()

    def _connect(self) -> None:
        self._state.results_changed.connect(self._on_results)
        self._state.selected_rank_changed.connect(lambda _: self._mark())
        self._state.zoom_wanted.connect(self._zoom)
        self._state.description_changed.connect(self._on_description)
        self._layers.rank_picked.connect(self._pick)
        self._layers.removed.connect(self._controller.forget_results)
        self._clicks.clicked.connect(self._on_click)
        self._tool.placed.connect(self._on_place)
        self._tool.hovered.connect(self._on_hover)
        self._canvas.mapToolSet.connect(self._on_tool)
        self._canvas.destinationCrsChanged.connect(self._redraw)

    def _on_results(self, results: Optional[Results]) -> None:
        if results is not None:
            self._layers.show(results)
        self._mark()

    def _mark(self) -> None:
        rank = self._state.selected_rank
        hit = self._state.results.hit(rank) if self._state.results else None
        self._layers.select(rank)
        if hit is None:
            self._hit.hide()
        else:
            self._hit.show(hit.ring, hit.crs)

    def _zoom(self, hit: Hit) -> None:
        self._hit.zoom(hit.ring, hit.crs)

    def _on_description(self, description: Optional[Description]) -> None:
        if description is None:
            self._place.hide()
        else:
            self._place.show(ring_of(description.reply.bounds), description.reply.crs)

    def _redraw(self) -> None:
        self._mark()
        self._on_description(self._state.description)

    def _pick(self, rank: int) -> None:
        self._controller.select_hit(rank, zoom=False)

    def _on_click(self, point: QgsPointXY) -> None:
        """Select the best tile there; where tiles overlap, clicking again goes on to the next."""
        results = self._state.results
        if results is None or self._layers.layer is None:
            return
        crs = self._canvas.mapSettings().destinationCrs()
        ranks = [hit.rank for hit in hits_at(results.hits, point, crs)]
        if ranks:
            selected = self._state.selected_rank
            position = ranks.index(selected) + 1 if selected in ranks else 0
            self._pick(ranks[position % len(ranks)])

    def _on_place(self, point: QgsPointXY) -> None:
        self._controller.describe_at(point, self._canvas.mapSettings().destinationCrs())

    def _on_hover(self, point: QgsPointXY) -> None:
        """Outline what a click would describe."""
        scale_m = self._controller.describe_scale_m
        try:
            ring = square_around(point, self._canvas.mapSettings().destinationCrs(), scale_m or 0)
        except QgsCsException:
            ring = ()
        if ring and scale_m:
            self._aim.show(ring, WGS84)
        else:
            self._aim.hide()

    def _on_tool(self, tool: Optional[QgsMapTool], _: object = None) -> None:
        if tool is not self._tool:
            self._aim.hide()
        self.describe_tool_active.emit(tool is self._tool)
