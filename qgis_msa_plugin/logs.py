"""The plugin's tab in the QGIS log panel."""

from __future__ import annotations

import html
import traceback

from qgis.core import Qgis, QgsMessageLog

from msa_model.protocol.redaction import redacted

TAG = "MSA Search"


def log_info(text: str) -> None:
    """Say what happens."""
    _log(text, Qgis.MessageLevel.Info)


def log_warning(text: str) -> None:
    """Say what went wrong and was dealt with."""
    _log(text, Qgis.MessageLevel.Warning)


def log_exception(where: str) -> None:
    """Keep the traceback of the exception that is being handled."""
    _log(f"{where}\n{traceback.format_exc()}", Qgis.MessageLevel.Critical)


def _log(text: str, level: Qgis.MessageLevel) -> None:
    text = html.escape(redacted(text), quote=False)  # QGIS's panel takes it for HTML, and loads its pictures
    QgsMessageLog.logMessage(text, TAG, level, False)
