"""Sentences with names of others' files in them: a word longer than the dock is wide would widen the dock."""

from __future__ import annotations

import re
from typing import Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence
from qgis.PyQt.QtWidgets import QApplication, QLabel, QMenu, QWidget

from qgis_msa_plugin.translate import tr

_MAY_BREAK = "\u200b"  # of no width
_LONG_WORD = re.compile(r"\S{17,}")
_PIECE = re.compile(r"[^_./\\-]{0,23}[_./\\-]+(?=.)|\S{24}(?=.)")


def breakable(text: str) -> str:
    """The text, whose long words may be broken: after signs that join parts of names, else anywhere."""
    return _LONG_WORD.sub(lambda word: _PIECE.sub(rf"\g<0>{_MAY_BREAK}", word[0]), text)


class WrappedLabel(QLabel):
    """Plain text in as many lines as it needs; what is read or copied from it is the text as it was given."""

    def __init__(self, name: str, parent: Optional[QWidget] = None, text: str = "") -> None:
        super().__init__(parent)
        self._whole = ""
        self.setObjectName(name)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setIndent(0)  # else a style that gives labels a frame has them begin further right than others
        self.setText(text)

    def setText(self, text: str) -> None:
        """Show this."""
        self._whole = text
        super().setText(breakable(text))

    def text(self) -> str:
        """What is shown."""
        return self._whole

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy what is selected as it was given."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to copy what is selected, where text can be selected."""
        if self.hasSelectedText():
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addAction(tr("Copy")).triggered.connect(self._copy)
            menu.popup(event.globalPos())

    def _copy(self) -> None:
        if self.hasSelectedText():
            QApplication.clipboard().setText(self.selectedText().replace(_MAY_BREAK, ""))
