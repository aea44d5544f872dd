"""Whose turn it is on the map, and what is taken off it."""

from __future__ import annotations

from typing import Optional

from qgis.gui import QgsMapCanvas, QgsMapCanvasItem, QgsMapTool
from qgis.PyQt import sip


class MapToolUse:
    """Takes up the map tools of one owner, and gives back the tool that was in use before them."""

    def __init__(self, canvas: QgsMapCanvas, *own: QgsMapTool) -> None:
        self._canvas, self._own = canvas, own
        self._before: Optional[QgsMapTool] = None

    def use(self, tool: QgsMapTool, wanted: bool) -> None:
        """Take up one of the owner's tools, or give the map back where that tool is in use."""
        current = self._canvas.mapTool()
        if wanted and current is not tool:
            if current not in self._own:
                self._before = current
            self._canvas.setMapTool(tool)
        elif not wanted and current is tool:
            self._canvas.unsetMapTool(tool)
            if self._before is not None:
                self._canvas.setMapTool(self._before)


def take_off(canvas: QgsMapCanvas, item: QgsMapCanvasItem) -> None:
    """Take an item off the canvas, now: one that outlived its canvas would bring QGIS down."""
    canvas.scene().removeItem(item)
    sip.delete(item)
