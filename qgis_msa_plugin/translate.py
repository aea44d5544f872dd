"""Translation of every visible string, in one context."""

from __future__ import annotations

from qgis.PyQt.QtCore import QCoreApplication


def tr(text: str) -> str:
    """The text in the language of QGIS."""
    return str(QCoreApplication.translate("MSA Search", text))
