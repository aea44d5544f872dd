"""Dialogs by the keyboard: Tab as they are read, Enter for what the control with the focus is for."""

from __future__ import annotations

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QKeyEvent, QShowEvent
from qgis.PyQt.QtWidgets import QAbstractItemView, QDialog, QPushButton, QToolButton, QWidget

from qgis_msa_plugin.widgets.keyboard import follow_layout

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class KeyboardDialog(QDialog):
    """Qt hands every Enter that a control has no use for to the default button, such as *Close*."""

    def showEvent(self, event: QShowEvent) -> None:
        """Have Tab follow what is shown."""
        follow_layout(self)
        super().showEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus, and in a table or a cell of one nothing else."""
        focused = self.focusWidget()
        if event.key() not in _ENTER or focused is None:
            super().keyPressEvent(event)
        elif isinstance(focused, (QPushButton, QToolButton)):
            focused.click()
        elif not _is_in_table(focused):
            super().keyPressEvent(event)


def _is_in_table(widget: QWidget) -> bool:
    above = widget
    while above is not None and not above.isWindow():
        if isinstance(above, QAbstractItemView):
            return True
        above = above.parentWidget()
    return False
