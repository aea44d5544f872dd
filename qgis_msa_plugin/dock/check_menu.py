"""A button whose menu lists things to tick; it stays open while they are ticked."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Callable, Optional

from qgis.PyQt.QtCore import QEvent, QObject, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QMenu, QSizePolicy, QToolButton, QWidget


class CheckMenu(QToolButton):
    """Nothing ticked means everything; `ticked` tells what is.

    `counts` tells how many each value has; it is asked as the menu opens.
    """

    ticked = pyqtSignal(object)  # frozenset

    def __init__(
        self,
        everything: str,
        parent: Optional[QWidget] = None,
        counts: Optional[Callable[[], Mapping[Hashable, str]]] = None,
    ) -> None:
        super().__init__(parent)
        self._everything, self._counts = everything, counts
        self._options: tuple[tuple[Hashable, str], ...] = ()
        self.setText(everything)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        menu = QMenu(self)
        menu.installEventFilter(self)
        menu.aboutToShow.connect(self.show_counts)
        self.setMenu(menu)

    def chosen(self) -> frozenset[Hashable]:
        """What is ticked."""
        return frozenset(action.data() for action in self.menu().actions() if action.isChecked())

    def offer(self, options: Sequence[tuple[Hashable, str]], chosen: frozenset[Hashable]) -> None:
        """List these values with their names; tick the chosen ones without telling."""
        if tuple(options) != self._options:
            self._options = tuple(options)
            self._fill()
        for action in self.menu().actions():
            action.setChecked(action.data() in chosen)
        self.setEnabled(len(options) > 1 or bool(chosen))
        self._name()

    def show_counts(self) -> None:
        """Tell beside each value how many it has now."""
        if self._counts is not None:
            counts, names = self._counts(), dict(self._options)
            for action in self.menu().actions():
                name = f"{names[action.data()]} ({counts.get(action.data(), '0')})"
                action.setText(name.replace("&", "&&"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tick without closing the menu."""
        menu = self.menu()
        clicked = event.type() == QEvent.Type.MouseButtonRelease
        spaced = event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Space
        action = menu.activeAction() if watched is menu and (clicked or spaced) else None
        if action is not None and action.isCheckable():
            action.trigger()
            return True
        return bool(super().eventFilter(watched, event))

    def _fill(self) -> None:
        self.menu().clear()
        for value, name in self._options:
            action = self.menu().addAction(name.replace("&", "&&"))
            action.setCheckable(True)
            action.setData(value)
            action.triggered.connect(self._tell)

    def _tell(self) -> None:
        self._name()
        self.ticked.emit(self.chosen())

    def _name(self) -> None:
        names = [name for value, name in self._options if value in self.chosen()]
        self.setText(", ".join(names) if names else self._everything)
