"""Between the search state and the map: result layers, heat maps, outlines, clicks, the map tools."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsCsException, QgsMapLayer, QgsPointXY, QgsProject, QgsRectangle
from qgis.gui import QgisInterface, QgsMapTool
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QColor

from msa_model.protocol.errors import ProtocolError
from msa_model.protocol.messages import Hit
from qgis_msa_plugin.describe.describer import Describer, Description
from qgis_msa_plugin.gis.geometry import WGS84, crs_text, ring_of, square_around
from qgis_msa_plugin.gis.map_tools import MapToolUse
from qgis_msa_plugin.map.date_views import DateFlicker, DateSwipe
from qgis_msa_plugin.map.heat_layer import HeatLayers
from qgis_msa_plugin.map.layer_fill import rows_at
from qgis_msa_plugin.map.map_clicks import DescribeTool, ExampleTool, TileClicks
from qgis_msa_plugin.map.result_layer import ResultLayers, is_result_layer, refill
from qgis_msa_plugin.map.tile_highlight import TileHighlight
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.examples import ExampleGeometry
from qgis_msa_plugin.search.question import Question, Results
from qgis_msa_plugin.search.state import Heatmap
from qgis_msa_plugin.search.stored import StoredAnswer
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets.observed import NoticeLevel

REDRAW_MS = 80  # a slider moves more often than a map is worth drawing

_HIT_COLOUR = QColor("#00e5ff")  # cyan: neither a rank's heat nor QGIS's yellow selection
_ASKED_COLOUR = QColor("#ffffff")


class MapLink(QObject):
    """Draws what the state holds, and turns clicks on the map into verbs of the controllers."""

    describe_tool_active = pyqtSignal(bool)
    example_tool_active = pyqtSignal(bool)

    def __init__(
        self,
        controller: SearchController,
        describer: Describer,
        iface: QgisInterface,
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self._controller, self._describer = controller, describer
        self._state, self._iface = controller.state, iface
        self._canvas = iface.mapCanvas()
        self._project = QgsProject.instance()
        self._layers = ResultLayers(self._project, self)
        self._heat = HeatLayers(self._project)
        self.dates = DateFlicker(self._project, self)
        self.swipe = DateSwipe(self._canvas, self._project, self.dates, self)
        self._hit = TileHighlight(self._canvas, _HIT_COLOUR)
        self._described = TileHighlight(self._canvas, _ASKED_COLOUR)
        self._aim = TileHighlight(self._canvas, _ASKED_COLOUR, dashed=True)
        self._asked = TileHighlight(self._canvas, _ASKED_COLOUR, dashed=True)  # a drawn box, until its answer
        self._clicks = TileClicks(self._canvas, self)
        self._describe = DescribeTool(self._canvas)
        self._example = ExampleTool(self._canvas)
        self._weight = 1.0
        self._sought = ""  # by the answer that is on the map
        self._fitted: Optional[tuple[Question, QgsRectangle]] = None  # the map showed all hits of it there
        self._turns = MapToolUse(self._canvas, self._describe, self._example)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(REDRAW_MS)
        self._connect()
        self._read_project()

    def use_describe_tool(self, wanted: bool) -> None:
        """Take up the describe tool, or give back the tool that was in use before."""
        self._turns.use(self._describe, wanted)

    def use_example_tool(self, weight: Optional[float]) -> None:
        """Point at what to find (1.0) or to avoid (-1.0); nothing gives back the tool of before."""
        self._weight = self._weight if weight is None else weight
        self._turns.use(self._example, weight is not None)

    def bring_back(self, layer_id: str) -> None:
        """Show an answer of before again: its list, filters and judgements; not while a scan brings hits."""
        layer = self._layers.layer
        listed = layer is not None and layer.id() == layer_id and self._state.results is not None
        if listed or self._state.phase.running:
            return
        answer = self._layers.bring_back(layer_id)
        if answer is not None:
            self._controller.restore(answer)

    def release(self) -> None:
        """Take everything off the map; the result layers stay, they are the user's."""
        self._soon.stop()
        self.use_describe_tool(False)
        self.use_example_tool(None)
        self._project.readProject.disconnect(self._read_project)
        self._iface.currentLayerChanged.disconnect(self._on_layer)
        self._canvas.mapToolSet.disconnect(self._on_tool)
        self._canvas.destinationCrsChanged.disconnect(self._redraw)
        for part in (
            self._clicks,
            self.swipe,
            self.dates,
            self._layers,
            self._hit,
            self._described,
            self._aim,
            self._asked,
            self._describe,
            self._example,
        ):
            part.release()
        self._describe.deleteLater()
        self._example.deleteLater()

    def _connect(self) -> None:
        state = self._state
        state.results_changed.connect(self._on_results)
        state.shown_changed.connect(lambda _: self._show_soon())
        state.judgements_changed.connect(lambda _: self._show_soon())
        state.selected_rank_changed.connect(lambda _: self._mark())
        state.zoom_wanted.connect(self._zoom)
        state.searching_changed.connect(self._on_searching)
        state.all_wanted.connect(self._zoom_to_all)
        state.heatmap_changed.connect(self._on_heatmap)
        self._describer.description_changed.connect(self._on_description)
        self._soon.timeout.connect(self._show)
        self._layers.rank_picked.connect(self._pick)
        self._layers.removed.connect(self._controller.forget_results)
        self._clicks.clicked.connect(self._on_click)
        self._describe.placed.connect(self._on_described_point)
        self._describe.drawn.connect(self._on_described_box)
        self._describe.hovered.connect(self._on_hover)
        self._example.placed.connect(self._on_example)
        self._example.drawn.connect(self._on_box)
        self._example.hovered.connect(self._on_hover)
        self._canvas.mapToolSet.connect(self._on_tool)
        self._canvas.destinationCrsChanged.connect(self._redraw)
        self._project.readProject.connect(self._read_project)
        self._iface.currentLayerChanged.connect(self._on_layer)

    def _read_project(self, *_: object) -> None:
        """A project that is opened brings its answers along; the topmost one is shown in the list."""
        refill(self._project, self._tell_unreadable)
        answer = self._layers.adopt() if self._state.results is None else None
        if answer is not None:
            self._controller.restore(answer)

    def _tell_unreadable(self, error: ProtocolError) -> None:
        """Of any number of such layers, once."""
        text = tr("{sentence} Its layer stays empty; search again to fill one.")
        sentence = text.format(sentence=error.sentence)
        if self._state.notice is None or self._state.notice.sentence != sentence:
            self._state.say(NoticeLevel.INFO, sentence)

    def _show_soon(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _on_results(self, results: Optional[Results]) -> None:
        sought = results.question.sought if results is not None else self._sought
        if sought != self._sought:
            self._heat.hide_others(sought)
        self._sought = sought
        compared = results.compared() if results is not None else ()
        if compared != self.dates.layers:
            self.swipe.use(False)
        self.dates.between(compared)
        self._show()
        if results is not None and self._fitted == (results.question, self._canvas.extent()):
            self._zoom_to_all()  # what a scan finds later, unless the analyst has moved the map

    def _show(self) -> None:
        state = self._state
        if state.results is not None:
            self._layers.show(StoredAnswer(state.results, state.filters, state.judgements), state.shown)
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
        if not self.swipe.running:
            self.dates.start()

    def _zoom_to_all(self, asked: bool = False) -> None:
        results = self._state.results
        if results is not None:
            self._hit.zoom_to_rows(results.table, self._state.shown.rows, asked)
            self._fitted = (results.question, self._canvas.extent())

    def _on_heatmap(self, heatmap: Optional[Heatmap]) -> None:
        if heatmap is not None:
            self._heat.show(heatmap)

    def _on_description(self, description: Optional[Description]) -> None:
        if description is None:
            self._described.hide()
        else:
            self._described.show(ring_of(description.reply.bounds), description.reply.crs)

    def _redraw(self) -> None:
        self._mark()
        self._on_description(self._describer.description)

    def _on_layer(self, layer: Optional[QgsMapLayer]) -> None:
        """A click on the layer of an older answer brings that back."""
        if layer is not None and is_result_layer(layer):
            self.bring_back(layer.id())

    def _pick(self, rank: int) -> None:
        self._controller.select_hit(rank, zoom=False)

    def _on_click(self, point: QgsPointXY) -> None:
        """Select the best tile there; where tiles overlap, clicking again goes on to the next."""
        results = self._state.results
        if results is None or self._layers.layer is None:
            return
        crs = self._canvas.mapSettings().destinationCrs()
        ranks = [row + 1 for row in rows_at(results.table, self._state.shown.rows, point, crs)]
        if ranks:
            selected = self._state.selected_rank
            position = ranks.index(selected) + 1 if selected in ranks else 0
            self._pick(ranks[position % len(ranks)])

    def _on_described_point(self, point: QgsPointXY) -> None:
        self._describer.describe_at(point, self._canvas.mapSettings().destinationCrs())

    def _on_described_box(self, box: QgsRectangle) -> None:
        self._aim.hide()
        self._describer.describe_box(box, self._canvas.mapSettings().destinationCrs())

    def _on_example(self, point: QgsPointXY, more: bool) -> None:
        spot = ExampleGeometry.at(point, self._canvas.mapSettings().destinationCrs(), self._describer.scale_m)
        self._controller.search_at(spot, self._weight, more)

    def _on_box(self, box: QgsRectangle, more: bool) -> None:
        crs = self._canvas.mapSettings().destinationCrs()
        corners = (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum())
        self._controller.search_at(ExampleGeometry(box, crs, is_point=False), self._weight, more)
        if self._state.searching:
            self._asked.show(ring_of(corners), crs_text(crs))

    def _on_searching(self, searching: bool) -> None:
        if not searching:
            self._asked.hide()

    def _on_hover(self, point: QgsPointXY) -> None:
        """Outline what a click would be about."""
        scale_m = self._describer.scale_m
        try:
            ring = square_around(point, self._canvas.mapSettings().destinationCrs(), scale_m or 0)
        except QgsCsException:
            ring = ()
        if ring and scale_m:
            self._aim.show(ring, WGS84)
        else:
            self._aim.hide()

    def _on_tool(self, tool: Optional[QgsMapTool], _: object = None) -> None:
        if tool not in (self._describe, self._example):
            self._aim.hide()
        self.describe_tool_active.emit(tool is self._describe)
        self.example_tool_active.emit(tool is self._example)
