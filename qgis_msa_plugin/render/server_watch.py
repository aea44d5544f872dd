"""What a layer's server answers while QGIS draws: renderers leave a hole and say nothing."""

from __future__ import annotations

import re
from typing import Optional
from urllib.parse import urlsplit

from qgis.core import QgsNetworkAccessManager, QgsNetworkReplyContent
from qgis.PyQt.QtCore import QObject
from qgis.PyQt.QtNetwork import QNetworkReply, QNetworkRequest

from qgis_msa_plugin.translate import tr

# A tile server's way to say that there is nothing.
_NOTHING_THERE = (204, 404, 410)
_NO_PICTURE = ("xml", "html", "json")
_LONGEST = 120


class ServerWatch(QObject):
    """Notes what goes wrong with requests to one host; lives in the main thread, which hears of all."""

    def __init__(self, host: str, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._host = re.compile(re.sub(r"\\{.*?\\}", ".*", re.escape(host)))
        self.problem = ""
        self.requests = 0
        self._manager = QgsNetworkAccessManager.instance() if host else None
        if self._manager is not None:
            self._manager.finished[QgsNetworkReplyContent].connect(self._on_finished)

    def reset(self) -> None:
        """Forget what was wrong so far."""
        self.problem = ""

    def release(self) -> None:
        """Listen no more."""
        if self._manager is not None:
            self._manager.finished[QgsNetworkReplyContent].disconnect(self._on_finished)
            self._manager = None

    def _on_finished(self, reply: QgsNetworkReplyContent) -> None:
        address = urlsplit(reply.request().url().toString())
        if not self._host.fullmatch(address.hostname or ""):
            return
        self.requests += 1
        self.problem = problem_of(reply) or self.problem


def problem_of(reply: QgsNetworkReplyContent) -> str:
    """What is wrong with an answer to a request for a picture; empty if nothing is."""
    status = reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute)
    if status is not None and int(status) in _NOTHING_THERE:
        return ""
    if reply.error() == QNetworkReply.NetworkError.OperationCanceledError:
        return tr("no answer in time")
    if status is not None and int(status) >= 400:  # noqa: PLR2004  (the errors of HTTP)
        return f"HTTP {int(status)}"
    if reply.error() != QNetworkReply.NetworkError.NoError:
        return reply.errorString()[:_LONGEST]
    kind = bytes(reply.rawHeader(b"Content-Type")).decode("latin-1").lower()
    if any(word in kind for word in _NO_PICTURE):
        return tr("a message of the type {kind} instead of a picture").format(kind=kind)
    return ""
