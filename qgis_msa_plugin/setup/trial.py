"""Whether a worker starts with the settings that an options page shows."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from msa_model.protocol.messages import Initialized, Ready
from qgis_msa_plugin.errors import error_text
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.state import WorkerState


class WorkerTrial(QWidget):
    """A button that starts a worker with the settings shown, and what became of it."""

    def __init__(self, settings: Callable[[], Settings], parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._client = WorkerClient(settings, self)
        self._client.state_changed.connect(self._on_state)
        self._button = QPushButton(tr("&Test"))
        self._button.setToolTip(tr("Start the worker and show its device and versions"))
        self._button.clicked.connect(self._start)
        self._outcome = QLabel()
        self._outcome.setTextFormat(Qt.TextFormat.PlainText)
        self._outcome.setWordWrap(True)
        self._outcome.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._button)
        layout.addWidget(self._outcome, 1)

    @property
    def outcome(self) -> str:
        """What the label says."""
        return str(self._outcome.text())

    def stop(self) -> None:
        """Let the worker go."""
        self._client.stop()

    def _start(self) -> None:
        self._client.stop()
        self._client.look()
        self._client.start()
        self._on_state(self._client.state)

    def _on_state(self, state: WorkerState) -> None:
        self._button.setEnabled(state is not WorkerState.STARTING)
        if state is WorkerState.STARTING:
            self._outcome.setText(tr("Starting…"))
        elif state is WorkerState.READY:
            self._outcome.setText(_versions(self._client.ready, self._client.initialized))
            self._client.stop()
        elif self._client.error is not None:
            text = error_text(self._client.error)
            tail = "\n".join(text.details.splitlines()[-5:])
            self._outcome.setText("\n".join(filter(None, (text.sentence, text.remedy, tail))))


def _versions(ready: Optional[Ready], versions: Optional[Initialized]) -> str:
    if ready is None or versions is None:
        return ""
    text = tr(
        "Ready in {seconds:.1f} s on {device} ({name}). Worker {version}, Python {python}, model {model}."
    ).format(
        seconds=ready.load_seconds,
        device=ready.device,
        name=ready.device_name,
        version=versions.version,
        python=versions.python,
        model=ready.model,
    )
    return f"{text} {tr('There is a graphics card that is not used.')}" if ready.gpu_unused else text
