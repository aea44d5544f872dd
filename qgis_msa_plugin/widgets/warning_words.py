"""The engine's warnings in the language of QGIS."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.PyQt.QtCore import QLocale

from msa_model.protocol.warning_table import EngineWarning
from qgis_msa_plugin.translate import tr, translated
from qgis_msa_plugin.widgets import wording

_DIGITS = 3


def warning_texts(warnings: Sequence[EngineWarning]) -> list[str]:
    """A sentence each."""
    return [warning.worded(translated, _written) for warning in warnings]


def _written(number: float, form: str) -> str:
    """As `warning_table.written`, in the user's numbers."""
    if form == "percent":
        return tr("{share} %").format(share=wording.decimal(100 * number, 0))
    if form == "count":
        return wording.count(round(number))
    return wording.decimal(number, 1) if form == "tenth" else str(QLocale().toString(number, "g", _DIGITS))
