"""A frame around the list that has the focus: styles show it on a chosen row at most."""

from __future__ import annotations

from qgis.PyQt.QtCore import QEvent, QObject
from qgis.PyQt.QtWidgets import QAbstractItemView, QFocusFrame


class FocusFrame(QObject):
    """Follows the focus of a list for as long as the list lives."""

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._view = view
        self._frame = QFocusFrame(view)
        view.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Come with the focus and go with it."""
        if watched is self._view and event.type() == QEvent.Type.FocusIn:
            self._frame.setWidget(self._view)
        elif watched is self._view and event.type() == QEvent.Type.FocusOut:
            self._frame.setWidget(None)
        return False
