"""The map between dates: one layer shown and the others hidden, by turns."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from qgis_msa_plugin.gis.marks import set_visible

BEAT_MS = 900  # long enough for the map to be drawn and looked at
_ROUNDS_OF_TWO = 2  # of more dates, one


class DateFlicker(QObject):
    """Shows the layers of a question by turns, the earliest first; `release` leaves them as they were."""

    turned = pyqtSignal(int)  # the position of the date that is shown

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

    @property
    def layers(self) -> tuple[str, ...]:
        """The ids of the layers that are shown by turns."""
        return self._layers

    def between(self, layers: tuple[str, ...]) -> None:
        """Change between these from now on, the earliest first; none leaves the map as it was."""
        if layers == self._layers:
            return
        self.stop()
        for layer, left in self._left.items():
            if self._is_shown(layer) is left:  # else the user has said otherwise
                self._show(layer, self._were[layer])
        self._layers, self._left = layers, {}
        self._were = {layer: self._is_shown(layer) for layer in layers}

    def start(self) -> None:
        """Show each date by turns, two of them again, and rest at the last."""
        if self._layers:
            rounds = _ROUNDS_OF_TWO if len(self._layers) == 2 else 1  # noqa: PLR2004  (before and after)
            self._turns = rounds * len(self._layers)
            self._show_date(0)
            self._beat.start()

    def toggle(self) -> None:
        """Show the next date, after the last the first, and stay there."""
        self.stop()
        self._go_on()

    def pick(self, date: int) -> None:
        """Show that date, and stay there."""
        self.stop()
        if 0 <= date < len(self._layers):
            self._show_date(date)

    def stop(self) -> None:
        """Stay at the date that is shown."""
        self._beat.stop()

    def release(self) -> None:
        """Leave the layers as they were."""
        self.between(())

    def _show_date(self, date: int) -> None:
        """Show the layer in that position, and hide the others."""
        for at, layer in enumerate(self._layers):
            self._left[layer] = at == date
            self._show(layer, at == date)
        self.turned.emit(date)

    def _turn(self) -> None:
        self._go_on()
        self._turns -= 1
        if self._turns <= 1:
            self.stop()

    def _go_on(self) -> None:
        """From the first date that is shown to the next."""
        if self._layers:
            shown = (at for at, layer in enumerate(self._layers) if self._is_shown(layer))
            self._show_date((next(shown, -1) + 1) % len(self._layers))

    def _show(self, layer_id: str, visible: bool) -> None:
        layer = self._project.mapLayer(layer_id)
        if layer is not None:
            set_visible(self._project, layer, visible)

    def _is_shown(self, layer_id: str) -> bool:
        node = self._project.layerTreeRoot().findLayer(layer_id)
        return node is not None and bool(node.itemVisibilityChecked())
