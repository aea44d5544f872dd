"""Clicks on the map that ask what changed there between two dates."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsPointXY
from qgis.gui import QgsMapCanvas, QgsMapTool
from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtGui import QColor

from msa_model.protocol.changing import ChangeHereReply
from msa_model.protocol.errors import MsaError
from qgis_msa_plugin.gis.geometry import ring_of
from qgis_msa_plugin.gis.map_tools import ToolTurns
from qgis_msa_plugin.map.example_tool import DescribeTool
from qgis_msa_plugin.map.tile_highlight import TileHighlight
from qgis_msa_plugin.search.controller import SearchController

_COLOUR = QColor("#ffffff")


class HereLink(QObject):
    """Owns the map tool, and the outline of the tile that the answer is about."""

    active = pyqtSignal(bool)

    def __init__(
        self, controller: SearchController, canvas: QgsMapCanvas, parent: Optional[QObject] = None
    ) -> None:
        super().__init__(parent)
        self._controller, self._canvas = controller, canvas
        self.tool = DescribeTool(canvas)
        self._outline = TileHighlight(canvas, _COLOUR)
        self._turns = ToolTurns(canvas, self.tool)
        self.tool.placed.connect(self._on_place)
        canvas.mapToolSet.connect(self._on_tool)
        controller.state.changed_here_changed.connect(self._on_told)

    def use(self, wanted: bool) -> None:
        """Take up the tool, or give back the one that was in use before."""
        self._turns.use(self.tool, wanted)

    def release(self) -> None:
        """Take everything off the map."""
        self.use(False)
        self._canvas.mapToolSet.disconnect(self._on_tool)
        self._outline.release()
        self.tool.release()
        self.tool.deleteLater()

    def _on_place(self, point: QgsPointXY) -> None:
        try:
            self._controller.comparing.tell_here(point, self._canvas.mapSettings().destinationCrs())
        except MsaError as error:
            self._controller.state.fail(error)

    def _on_tool(self, tool: Optional[QgsMapTool], _: object = None) -> None:
        self.active.emit(tool is self.tool)

    def _on_told(self, told: Optional[ChangeHereReply]) -> None:
        if told is None:
            self._outline.hide()
        else:
            self._outline.show(ring_of(told.bounds), told.crs)
