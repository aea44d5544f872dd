"""One worker process as a QProcess: its channels and its end as signals, and how it is let go."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import (
    QCoreApplication,
    QDir,
    QObject,
    QProcess,
    QProcessEnvironment,
    QTimer,
    pyqtBoundSignal,
    pyqtSignal,
)

from msa_model.protocol.errors import MsaError, WorkerMissing
from msa_model.protocol.messages import PROTOCOL_VERSION, Initialize
from qgis_msa_plugin.plugin_files import plugin_version
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.worker.launch import Host, Launch, Probe, StderrTail, crash_of, find_worker

GRACE_MS = 3000


def launch_of(settings: Settings) -> Launch:
    """The worker to start from this QGIS.

    Raises:
        WorkerMissing: there is none.
    """
    host = Host(os.environ, Path(QgsApplication.qgisSettingsDirPath()))
    return find_worker(settings.worker_command, host)


def probe_of(settings: Settings) -> Probe:
    """A file by which a worker can tell whether it sees this machine's files."""
    own = Path(QgsApplication.qgisSettingsDirPath()) / "msa_search"
    return Probe(Path(settings.cache_folder) if settings.cache_folder else own)


def initialize_of(settings: Settings, probe: Optional[str] = None) -> Initialize:
    """The first message to a worker; `probe` is the path of a file just made."""
    return Initialize(
        protocol=PROTOCOL_VERSION,
        client=f"msa-search-qgis {plugin_version()}",
        device=settings.device,
        model=settings.model_folder or None,
        threads=settings.threads or None,
        cache_folder=settings.cache_folder or None,
        probe=probe,
        engine=settings.engine,
    )


def process_of(launch: Launch) -> QProcess:
    """The process, not yet started. Qt itself keeps a console window from opening on Windows."""
    environment = QProcessEnvironment()
    for name, value in launch.environment.items():
        environment.insert(name, value)
    process = QProcess()
    process.setProcessEnvironment(environment)
    process.setProgram(launch.program)
    process.setArguments(list(launch.arguments))
    process.setWorkingDirectory(QDir.homePath())
    return process


def not_started(process: QProcess) -> WorkerMissing:
    """The error for a program that the system would not run."""
    return WorkerMissing(f"The worker cannot be started: {process.program()}: {process.errorString()}")


class Child(QObject):
    """Owns the QProcess; after `dismiss` or `condemn` no signal comes any more."""

    started = pyqtSignal()
    output = pyqtSignal(bytes)
    line = pyqtSignal(str)
    ended = pyqtSignal(object)  # MsaError

    def __init__(self, launch: Launch, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._tail = StderrTail()
        self._process = process_of(launch)
        self._process.setParent(self)
        slots = (self.started, self._on_output, self._on_stderr, self._on_error, self._on_finished)
        for signal, slot in zip(self._listened(), slots):
            signal.connect(slot)
        QCoreApplication.instance().aboutToQuit.connect(self._leave_with_qgis)

    def start(self) -> None:
        """Run the program; `started` or `ended` follows."""
        self._process.start()

    def write(self, data: bytes) -> None:
        """Send bytes without waiting."""
        if data and self._process.state() == QProcess.ProcessState.Running:
            self._process.write(data)

    def tail(self) -> str:
        """The last lines of its standard error."""
        return self._tail.text()

    def dismiss(self, last_words: bytes) -> None:
        """Ask it to end: last words, end of input, and after 3 s the end."""
        self.write(last_words)
        self._leave(GRACE_MS)

    def condemn(self) -> None:
        """End it now."""
        self._leave(0)

    def _leave(self, grace_ms: int) -> None:
        self.blockSignals(True)
        if self._process.state() == QProcess.ProcessState.NotRunning:
            self.deleteLater()
            return
        # It outlives whoever owned it, but not QGIS; Python may be gone by then, so none of its slots stays.
        self.setParent(QCoreApplication.instance())
        for signal in self._listened():
            signal.disconnect()
        self._process.finished.connect(self.deleteLater)
        self._process.closeWriteChannel()
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(self._process.kill)
        timer.start(grace_ms)

    def _listened(self) -> tuple[pyqtBoundSignal, ...]:
        process = self._process
        return (
            process.started,
            process.readyReadStandardOutput,
            process.readyReadStandardError,
            process.errorOccurred,
            process.finished,
        )

    def _leave_with_qgis(self) -> None:
        """End it before QGIS ends: no event loop runs that could do it later."""
        self.blockSignals(True)
        self._process.closeWriteChannel()
        if not self._process.waitForFinished(GRACE_MS):
            self._process.kill()
            self._process.waitForFinished()

    def _on_output(self) -> None:
        data = self._process.readAllStandardOutput().data()
        if data:
            self.output.emit(data)

    def _on_stderr(self) -> None:
        for line in self._tail.feed(self._process.readAllStandardError().data()):
            self.line.emit(line)

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._end(not_started(self._process))

    def _on_finished(self, exit_code: int, status: QProcess.ExitStatus) -> None:
        self._on_output()
        self._on_stderr()
        self._end(crash_of(exit_code, status == QProcess.ExitStatus.CrashExit, self.tail()))

    def _end(self, error: MsaError) -> None:
        self.ended.emit(error)
