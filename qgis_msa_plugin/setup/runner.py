"""Runs commands one after the other without waiting: each a QProcess, its lines and its end as signals.

QGIS's proxy as the variables that pip and uv read.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Callable, Optional
from urllib.parse import quote

from qgis.core import QgsNetworkAccessManager, QgsSettings
from qgis.PyQt.QtCore import (
    QCoreApplication,
    QDir,
    QObject,
    QProcess,
    QProcessEnvironment,
    QTimer,
    pyqtSignal,
)
from qgis.PyQt.QtNetwork import QNetworkProxy

from qgis_msa_plugin.setup.commands import Outcome, SetupCommand
from qgis_msa_plugin.worker.launch import clean_environment

GRACE_MS = 2000
KEPT_LINES = 400
NOT_STARTED = 127
# They would send packages elsewhere than into the environment.
_MISLEADING = ("VIRTUAL_ENV", "PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_REQUIRE_VIRTUALENV", "PIP_ROOT")

Ended = Callable[[Outcome], None]


class Runner(QObject):
    """One command at a time; `run` calls `ended` later unless `stop` came before."""

    line = pyqtSignal(str)

    def __init__(self, proxy: Mapping[str, str], parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._variables = {**clean_environment(os.environ), **proxy}
        for name in _MISLEADING:
            self._variables.pop(name, None)
        self._process: Optional[QProcess] = None
        self._ended: Optional[Ended] = None
        self._output: deque[str] = deque(maxlen=KEPT_LINES)
        self._limit = QTimer(self)
        self._limit.setSingleShot(True)
        self._limit.timeout.connect(self._on_limit)
        QCoreApplication.instance().aboutToQuit.connect(self._leave_with_qgis)

    @property
    def pid(self) -> int:
        """The running command's process id; 0 if none runs."""
        return int(self._process.processId()) if self._process is not None else 0

    def run(self, command: SetupCommand, ended: Ended) -> None:
        """Start the command; nothing else may be running."""
        self._output.clear()
        self._ended = ended
        process = self._process = QProcess(self)
        environment = QProcessEnvironment()
        for name, value in {**self._variables, **command.environment}.items():
            environment.insert(name, value)
        process.setProcessEnvironment(environment)
        process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        process.setWorkingDirectory(QDir.homePath())
        process.readyReadStandardOutput.connect(self._on_output)
        process.errorOccurred.connect(self._on_error)
        process.finished.connect(self._on_finished)
        if command.limit_s is not None:
            self._limit.start(round(command.limit_s * 1000))
        process.start(command.program, list(command.arguments))  # its input ends with this QGIS

    def stop(self) -> None:
        """End the command; its outcome is not told any more."""
        process, self._process, self._ended = self._process, None, None
        self._limit.stop()
        if process is None:
            return
        process.blockSignals(True)
        process.terminate()
        if not process.waitForFinished(0):
            _end_later(process)

    def _on_output(self) -> None:
        process = self._process
        while process is not None and process.canReadLine():
            self._take(process.readLine().data())

    def _take(self, data: bytes) -> None:
        for text in data.decode("utf-8", "replace").replace("\r", "\n").splitlines():
            if text.strip():
                self._output.append(text)
                self.line.emit(text)

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            self._output.append(str(self._process.errorString()))
            self._end(NOT_STARTED)

    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        if self._process is None:
            return
        self._on_output()
        self._take(self._process.readAll().data())
        crashed = status == QProcess.ExitStatus.CrashExit
        self._end(code or (1 if crashed else 0))

    def _on_limit(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _end(self, code: int) -> None:
        process, self._process = self._process, None
        ended, self._ended = self._ended, None
        self._limit.stop()
        if process is not None:
            process.deleteLater()
        if ended is not None:
            # Later: the next command must not start inside a signal of the last.
            outcome = Outcome(code, "\n".join(self._output))
            QTimer.singleShot(0, lambda: ended(outcome))

    def _leave_with_qgis(self) -> None:
        if self._process is not None:
            self._process.blockSignals(True)
            self._process.kill()
            self._process.waitForFinished(GRACE_MS)


def _end_later(process: QProcess) -> None:
    """Kill it if asking did not help: pip tidies up first."""
    process.setParent(QCoreApplication.instance())
    timer = QTimer(process)
    timer.setSingleShot(True)
    timer.timeout.connect(process.kill)
    timer.start(GRACE_MS)
    process.blockSignals(False)
    for signal in (process.readyReadStandardOutput, process.errorOccurred, process.finished):
        signal.disconnect()
    process.finished.connect(process.deleteLater)


_SCHEMES = {
    QNetworkProxy.ProxyType.HttpProxy: "http",
    QNetworkProxy.ProxyType.HttpCachingProxy: "http",
    QNetworkProxy.ProxyType.Socks5Proxy: "socks5h",
}


def proxy_variables() -> dict[str, str]:
    """Empty where QGIS has no proxy of its own: then the system's variables hold."""
    excluded = QgsSettings().value("proxy/noProxyUrls", []) or []
    names = [excluded] if isinstance(excluded, str) else list(excluded)
    return variables_of(QgsNetworkAccessManager.instance().fallbackProxy(), names)


def variables_of(proxy: QNetworkProxy, excluded: Sequence[str] = ()) -> dict[str, str]:
    """The variables for a proxy, with its user and password."""
    scheme = _SCHEMES.get(proxy.type())
    if scheme is None or not proxy.hostName():
        return {}
    user = quote(proxy.user(), safe="")
    login = f"{user}:{quote(proxy.password(), safe='')}@" if user else ""
    address = f"{scheme}://{login}{proxy.hostName()}:{proxy.port()}"
    names = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
    direct = ",".join(filter(None, (_host_of(text) for text in excluded)))
    return {**dict.fromkeys(names, address), **({"NO_PROXY": direct, "no_proxy": direct} if direct else {})}


def _host_of(address: str) -> str:
    return address.rpartition("://")[2].partition("/")[0].strip()
