"""A frame around the list that has the focus: styles show it on a chosen row at most.

The order in which Tab goes from control to control: that of the layouts, line by line.

Dialogs by the keyboard: Tab in that order, Enter for what the control with the focus is for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Union

from qgis.PyQt.QtCore import QEvent, QObject, Qt
from qgis.PyQt.QtGui import QKeyEvent, QPainter, QPaintEvent, QPalette, QPen, QShowEvent
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QGridLayout,
    QGroupBox,
    QLayout,
    QPushButton,
    QScrollArea,
    QTabWidget,
    QToolButton,
    QWidget,
)

_WIDTH = 2  # px


class FocusFrame(QWidget):
    """Lies on the edge of a list, in the colour of what is chosen, while the list has the focus."""

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._view = view
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setVisible(view.hasFocus())
        view.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Come with the focus, go with it, and keep the list's size."""
        if watched is self._view and event.type() == QEvent.Type.Resize:
            self.resize(self._view.size())
        elif watched is self._view and event.type() == QEvent.Type.FocusIn:
            self.raise_()
            self.show()
        elif watched is self._view and event.type() == QEvent.Type.FocusOut:
            self.hide()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame."""
        painter = QPainter(self)
        pen = QPen(self.palette().color(QPalette.ColorRole.Highlight), _WIDTH)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        inner = _WIDTH // 2
        painter.drawRect(self.rect().adjusted(inner, inner, -inner, -inner))
        painter.end()


def follow_layout(root: QWidget) -> None:
    """Have Tab go through what lies in `root` as it is read; asked again where parts were made later."""
    parts = [part for part in _parts(root) if part.focusPolicy() & Qt.FocusPolicy.TabFocus]
    for part, following in zip(parts, parts[1:]):
        QWidget.setTabOrder(part, following)


def _parts(widget: QWidget) -> Iterator[QWidget]:
    """A widget and what is in it, each before what is read after it."""
    yield widget
    if isinstance(widget, QGroupBox):  # QGIS's have an arrow beside their title, in no layout
        yield from widget.findChildren(
            QToolButton, "collapseButton", Qt.FindChildOption.FindDirectChildrenOnly
        )
    if isinstance(widget, QTabWidget):
        yield widget.tabBar()
        for page in range(widget.count()):
            yield from _parts(widget.widget(page))
    elif isinstance(widget, QScrollArea) and widget.widget() is not None:
        yield from _parts(widget.widget())
    elif widget.layout() is not None:
        yield from _laid_out(widget.layout())


def _laid_out(layout: QLayout) -> Iterator[QWidget]:
    for place in _in_reading_order(layout):
        item = layout.itemAt(place)
        inner: Union[QLayout, QWidget, None] = item.layout() or item.widget()
        if isinstance(inner, QLayout):
            yield from _laid_out(inner)
        elif inner is not None:
            yield from _parts(inner)


def _in_reading_order(layout: QLayout) -> list[int]:
    """The items of a layout; of a grid row by row, whatever was put into it first."""
    places = range(layout.count())
    if isinstance(layout, QGridLayout):
        return sorted(places, key=lambda place: layout.getItemPosition(place)[:2])
    return list(places)


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
