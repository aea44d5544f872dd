"""The map between two dates: one layer shown and the other hidden, by turns."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QObject, QTimer

from qgis_msa_plugin.gis.group import set_visible

BEAT_MS = 900  # long enough for the map to be drawn and looked at
_TURNS = 4


class DateFlicker(QObject):
    """Shows the two layers of a question by turns; `release` leaves them as they were."""

    def __init__(self, project: QgsProject, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._project = project
        self._layers: tuple[str, ...] = ()
        self._were: dict[str, bool] = {}
        self._left: dict[str, bool] = {}
        self._turns = 0
        self._beat = QTimer(self)
        self._beat.setInterval(BEAT_MS)
        self._beat.timeout.connect(self._turn)

    @property
    def running(self) -> bool:
        """Whether the map changes by itself."""
        return self._beat.isActive()

    def between(self, layers: tuple[str, ...]) -> None:
        """Change between these two from now on, before and after; none leaves the map as it was."""
        if layers == self._layers:
            return
        self.stop()
        for layer, left in self._left.items():
            if self._is_shown(layer) is left:  # else the user has said otherwise
                self._show(layer, self._were[layer])
        self._layers, self._left = layers, {}
        self._were = {layer: self._is_shown(layer) for layer in layers}

    def start(self) -> None:
        """Show before and after by turns, a few times, and rest at after."""
        if self._layers:
            self._turns = _TURNS
            self._show_first(True)
            self._beat.start()

    def toggle(self) -> None:
        """Show the other date, and stay there."""
        self.stop()
        self._swap()

    def stop(self) -> None:
        """Stay at the date that is shown."""
        self._beat.stop()

    def release(self) -> None:
        """Leave the layers as they were."""
        self.between(())

    def _turn(self) -> None:
        self._swap()
        self._turns -= 1
        if self._turns <= 1:
            self.stop()

    def _swap(self) -> None:
        if self._layers:
            self._show_first(not self._is_shown(self._layers[0]))

    def _show_first(self, first: bool) -> None:
        before, after = self._layers
        for layer, visible in ((before, first), (after, not first)):
            self._left[layer] = visible
            self._show(layer, visible)

    def _show(self, layer_id: str, visible: bool) -> None:
        layer = self._project.mapLayer(layer_id)
        if layer is not None:
            set_visible(self._project, layer, visible)

    def _is_shown(self, layer_id: str) -> bool:
        node = self._project.layerTreeRoot().findLayer(layer_id)
        return node is not None and bool(node.itemVisibilityChecked())
