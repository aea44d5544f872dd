"""The worker's state in words, the device in use, and what to do where it does not run."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from msa_model.protocol.messages import Ready
from qgis_msa_plugin.errors import error_text
from qgis_msa_plugin.plain_text import tip
from qgis_msa_plugin.search.state import SearchState, WorkerView
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.widgets.wording import warning_texts
from qgis_msa_plugin.widgets.wrapped_label import WrappedLabel
from qgis_msa_plugin.worker.launch import WorkerNotSetUp, WorkerUnfinished
from qgis_msa_plugin.worker.state import WorkerState

_ICON_PX = 16
_ICONS = {
    WorkerState.READY: "/mIconSuccess.svg",
    WorkerState.FAILED: "/mIconCritical.svg",
    WorkerState.MISSING: "/mIconWarning.svg",
}


class WorkerStrip(QWidget):
    """A line at the foot of the dock; its button appears only where there is something to do."""

    retry = pyqtSignal()
    choose = pyqtSignal()
    options = pyqtSignal()
    set_up = pyqtSignal()
    diagnose = pyqtSignal()

    def __init__(self, state: SearchState, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state = state
        self._setting_up = ""
        self._icon = QLabel(self)
        self.label = WrappedLabel("msaWorker", self)
        self.button = QToolButton(self)
        self.button.setObjectName("msaWorkerButton")
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.button.clicked.connect(self._act)
        self.button.setMenu(self._menu())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._icon)
        row.addWidget(self.label, 1)
        row.addWidget(self.button)
        state.worker_changed.connect(self.update_text)
        self.update_text()

    def tell_set_up(self, text: str) -> None:
        """How far a set-up is; empty once none is under way."""
        self._setting_up = text
        self.update_text()

    def update_text(self, _: object = None) -> None:
        """Show what the state says."""
        worker = self._state.worker
        self.label.setText(self._setting_up or worker_text(worker))
        self.label.setToolTip("" if self._setting_up else tip(worker_details(worker)))
        warns = worker.ready is not None and worker.ready.gpu_unused
        icon = "/mIconWarning.svg" if warns else _ICONS.get(worker.state, "")
        self._icon.setVisible(bool(icon))
        if icon:
            self._icon.setPixmap(QgsApplication.getThemeIcon(icon).pixmap(_ICON_PX, _ICON_PX))
        missing = worker.state is WorkerState.MISSING
        self.button.setVisible(self._fails() or warns or missing or bool(self._setting_up))
        self.button.setText(self._offer(warns))

    def _fails(self) -> bool:
        return self._state.worker.state is WorkerState.FAILED and not self._setting_up

    def _offer(self, warns: bool) -> str:
        if self._setting_up:
            return tr("Show…")
        return tr("Retry") if self._fails() else tr("Use the GPU…") if warns else tr("Set up…")

    def _act(self) -> None:
        if self._fails():
            self.retry.emit()
        else:
            self.set_up.emit()

    def _menu(self) -> QMenu:
        menu = QMenu(self.button)
        for name, text, signal in (
            ("msaSetUpWorker", tr("Set up or repair…"), self.set_up),
            ("msaChooseWorker", tr("Choose worker…"), self.choose),
            ("msaWorkerOptions", tr("Options…"), self.options),
            ("msaCopyDiagnostics", tr("Copy diagnostics"), self.diagnose),
        ):
            action = menu.addAction(text)
            action.setObjectName(name)
            action.triggered.connect(signal)
        # A worker that runs has no button: its line has the same menu.
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.addActions(menu.actions())
        return menu


def worker_text(worker: WorkerView) -> str:
    """The state in one line."""
    if worker.state is WorkerState.READY and worker.ready is not None:
        text = tr("Ready · {device}").format(device=device_name(worker.ready))
        return text + " · " + tr("GPU not used") if worker.ready.gpu_unused else text
    if isinstance(worker.error, WorkerNotSetUp):
        return tr("The worker is not set up yet")
    if isinstance(worker.error, WorkerUnfinished):
        return tr("The set-up of the worker is not finished")
    if worker.error is not None:
        return f"{error_text(worker.error).heading}: {worker.error.sentence}"
    texts = {
        WorkerState.STOPPED: tr("The worker starts with the first search"),
        WorkerState.STARTING: tr("The worker is starting…"),
        WorkerState.MISSING: tr("The worker is not set up yet"),
        WorkerState.FAILED: tr("The worker does not run"),
    }
    return texts.get(worker.state, "")


def worker_details(worker: WorkerView) -> str:
    """Model, device and engine, or what to do."""
    if worker.error is not None:
        return error_text(worker.error).remedy
    if worker.ready is None:
        return ""
    lines = [tr("Model {model} on {device}").format(model=worker.ready.model, device=worker.ready.device)]
    if worker.ready.engine:
        lines.append(tr("Computed by {engine}").format(engine=wording.engine_in_full(worker.ready.engine)))
    if worker.ready.gpu_unused:
        lines.append(tr("This machine has a GPU that the worker cannot use: its PyTorch is a CPU build."))
    lines += warning_texts(worker.ready.engine_warnings)
    return "\n".join(lines)


def device_name(ready: Ready) -> str:
    """'CPU', or the GPU's name."""
    return tr("CPU") if ready.device == "cpu" else ready.device_name or ready.device
