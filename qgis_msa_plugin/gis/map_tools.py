"""Whose turn it is on the map."""

from __future__ import annotations

from typing import Optional

from qgis.gui import QgsMapCanvas, QgsMapTool


class ToolTurns:
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
