"""Failures as a user reads them: a heading and a remedy by kind, in the language of QGIS.

The sentence itself names the file or value at fault and comes from where the error was raised.
"""

from __future__ import annotations

from dataclasses import dataclass

from qgis.core import Qgis
from qgis.gui import QgsMessageBar, QgsMessageBarItem
from qgis.PyQt.QtWidgets import QPushButton

from msa_model.protocol.error_table import ERRORS
from msa_model.protocol.errors import MsaError
from qgis_msa_plugin.logs import log_warning
from qgis_msa_plugin.plain_text import message, message_box, tip
from qgis_msa_plugin.translate import tr, translated

_ITEM = "msaError"


@dataclass(frozen=True)
class ErrorText:
    """One failure in words; `details` is for the log and the Details window, and may be empty."""

    heading: str
    sentence: str
    remedy: str
    details: str


def error_text(error: MsaError) -> ErrorText:
    """The words for an error; an unknown kind reads like a fault of the plugin."""
    row = ERRORS.get(error.kind, ERRORS["internal"])
    return ErrorText(translated(row.heading), error.sentence, translated(row.remedy_in_qgis), error.tail)


def error_line(error: MsaError) -> str:
    """Sentence and remedy in one line."""
    text = error_text(error)
    return f"{text.sentence} {text.remedy}"


def message_level(error: MsaError) -> Qgis.MessageLevel:
    """How loudly to say it: what the user did on purpose is no failure."""
    if error.kind == "cancelled":
        return Qgis.MessageLevel.Info
    loud = error.kind in ("internal", "protocol", "worker_died")
    return Qgis.MessageLevel.Critical if loud else Qgis.MessageLevel.Warning


def show_error(bar: QgsMessageBar, error: MsaError) -> QgsMessageBarItem:
    """Say it in the message bar, with a Details button where there is more to see; and log it.

    The bar cuts what does not fit in one line: the remedy stands in the dock. The error shown before is over.
    """
    text = error_text(error)
    log_warning("\n".join(filter(None, (text.heading, text.sentence, text.details))))
    for older in bar.items():
        if older.objectName() == _ITEM:
            bar.popWidget(older)
    item = message(bar, text.heading, text.sentence)
    item.setObjectName(_ITEM)
    if text.details:
        item.layout().addWidget(DetailsButton(text, bar))
    bar.pushWidget(item, message_level(error))
    return item


def withdraw(bar: QgsMessageBar, item: QgsMessageBarItem) -> None:
    """Take a message off the bar, unless the user has."""
    if item in bar.items():
        bar.popWidget(item)


class DetailsButton(QPushButton):
    """Shows all there is to know of an error in a box that outlives the message, should that go meanwhile."""

    def __init__(self, text: ErrorText, bar: QgsMessageBar) -> None:
        super().__init__(tr("Details"))
        self._text, self._bar = text, bar
        self.clicked.connect(self._show)

    def _show(self) -> None:
        box = message_box(self._bar.window(), self._text.heading, self._text.sentence)
        box.setInformativeText(tip(self._text.remedy))
        box.setDetailedText(self._text.details)
        box.open()
