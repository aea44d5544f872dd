"""Sentences, paths and names of layers as text: Qt and QGIS would read them as HTML."""

from __future__ import annotations

import html
from typing import Optional

from qgis.core import Qgis
from qgis.gui import QgsFileWidget, QgsMessageBar, QgsMessageBarItem
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QFormLayout, QLabel, QMessageBox, QWidget


def plain(text: str) -> str:
    """Text for a place that takes HTML: it shows as it is, line breaks too."""
    return html.escape(text, quote=False).replace("\n", "<br>")


def tip(text: str) -> str:
    """Text for a tool tip, which Qt takes for HTML where it looks like it."""
    return f"<qt>{plain(text)}</qt>" if Qt.mightBeRichText(text) else text


def entry(text: str) -> str:
    """Text for an entry of a menu, where Qt takes "&" for the mark of a key."""
    return text.replace("&", "&&")


def message(bar: QgsMessageBar, title: str, text: str) -> QgsMessageBarItem:
    """A message for the bar, not shown yet."""
    return bar.createMessage(plain(title), plain(text))


def say(
    bar: QgsMessageBar,
    title: str,
    text: str,
    level: Qgis.MessageLevel = Qgis.MessageLevel.Info,
    seconds: int = -1,
) -> Optional[QgsMessageBarItem]:
    """Show a message in the bar; QGIS decides how long unless told."""
    before = bar.items()
    bar.pushMessage(plain(title), plain(text), level, seconds)
    return next((item for item in bar.items() if item not in before), None)


def message_box(parent: QWidget, title: str, text: str) -> QMessageBox:
    """A message box, not shown yet, that goes once it is closed."""
    made = QMessageBox(parent)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    made.setWindowTitle(title)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setText(text)
    return made


def add_row(form: QFormLayout, text: str, field: QWidget) -> None:
    """A row whose label leads to the field by key."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setBuddy(field.lineEdit() if isinstance(field, QgsFileWidget) else field)
    field.setAccessibleName(text.replace("&", ""))
    form.addRow(label, field)
