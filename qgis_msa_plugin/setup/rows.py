"""Rows of a form whose labels lead to their fields by key."""

from __future__ import annotations

from qgis.gui import QgsFileWidget
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QFormLayout, QLabel, QWidget


def add_row(form: QFormLayout, text: str, field: QWidget) -> None:
    """A row whose label leads to the field by key."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setBuddy(field.lineEdit() if isinstance(field, QgsFileWidget) else field)
    field.setAccessibleName(text.replace("&", ""))
    form.addRow(label, field)
