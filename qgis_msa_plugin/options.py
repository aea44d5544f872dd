"""The page of the plugin in QGIS's options dialog."""

from __future__ import annotations

import dataclasses
from typing import Callable, Optional

from qgis.gui import QgsFileWidget, QgsOptionsPageWidget, QgsOptionsWidgetFactory
from qgis.PyQt.QtCore import QRegularExpression, Qt
from qgis.PyQt.QtGui import QHideEvent, QIcon, QRegularExpressionValidator
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from msa_model.protocol.messages import Initialized, Ready
from qgis_msa_plugin.errors import error_text
from qgis_msa_plugin.places import resource
from qgis_msa_plugin.settings import (
    DEVICES,
    Settings,
    current_settings,
    keep_settings,
    parse_scales,
    scales_text,
)
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.state import WorkerState

# Title and object name in one: QGIS versions differ in which of them finds a page.
PAGE_NAME = "MSA Search"

Changed = Callable[[Settings, Settings], None]
Verb = Callable[[], None]


class OptionsFactory(QgsOptionsWidgetFactory):
    """Makes the page; `changed` hears of old and new settings, `set_up` opens the worker's set-up."""

    def __init__(self, changed: Changed, set_up: Optional[Verb] = None) -> None:
        super().__init__()
        self._changed, self._set_up = changed, set_up
        self.setTitle(PAGE_NAME)
        self.setIcon(QIcon(str(resource("icons/msa_search.svg"))))

    def createWidget(self, parent: Optional[QWidget] = None) -> QgsOptionsPageWidget:
        """A page that shows the present settings."""
        return OptionsPage(self._changed, parent)


class OptionsPage(QgsOptionsPageWidget):
    """Worker, model and grid."""

    def __init__(self, changed: Changed, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName(PAGE_NAME)
        self._changed = changed
        self._before = current_settings()
        self._make_fields()
        self._trial = WorkerTrial(self.settings, self)
        self._lay_out()
        self._fill(self._before)

    def settings(self) -> Settings:
        """The settings as the page shows them; a list of scales that makes no sense is left out."""
        return dataclasses.replace(
            self._before,
            worker_command=self._worker.filePath().strip(),
            device=str(self._device.currentData()),
            model_folder=self._model.filePath().strip(),
            cache_folder=self._cache.filePath().strip(),
            phrase_bank=self._phrases.filePath().strip(),
            scales_m=self._scales_m(),
            overlap=self._overlap.value() / 100,
        )

    def apply(self) -> None:
        """Keep what the page shows."""
        before, self._before = self._before, self.settings()
        keep_settings(self._before)
        self._changed(before, self._before)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody waits for the trial any more."""
        self._trial.stop()
        super().hideEvent(event)

    def _make_fields(self) -> None:
        folder = QgsFileWidget.StorageMode.GetDirectory
        self._worker = _file_widget(
            tr("automatic"), tr("Worker program, or a command line such as: ssh gpu-box msa worker")
        )
        self._device = QComboBox()
        for device in DEVICES:
            self._device.addItem(tr("automatic") if device == "auto" else device.upper(), device)
        self._model = _file_widget(
            tr("shipped model"), tr("Folder of another checkpoint or of a CLIP model"), folder
        )
        self._cache = _file_widget(
            tr("automatic"), tr("Where indexes go that cannot lie beside their raster"), folder
        )
        self._phrases = _file_widget(tr("shipped phrases"), tr("CSV file with a 'phrase' column"))
        self._scales = QLineEdit()
        self._scales.setObjectName("msaScales")
        self._scales.setPlaceholderText(tr("automatic"))
        self._scales.setToolTip(tr("Tile sides in metres on the ground, for example: 40, 160"))
        self._scales.setValidator(QRegularExpressionValidator(QRegularExpression("[0-9.,; ]*"), self))
        self._overlap = QSpinBox()
        self._overlap.setRange(0, 75)
        self._overlap.setSingleStep(25)
        self._overlap.setSuffix(" %")

    def _lay_out(self) -> None:
        form = QFormLayout()
        for text, field in (
            (tr("&Worker"), self._worker),
            (tr("&Device"), self._device),
            (tr("&Model folder"), self._model),
            (tr("&Cache folder"), self._cache),
            (tr("&Phrase bank"), self._phrases),
            (tr("Tile &sides (m)"), self._scales),
            (tr("&Overlap of tiles"), self._overlap),
        ):
            _add_row(form, text, field)
        form.insertRow(1, "", self._trial)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(form)
        layout.addStretch()

    def _fill(self, settings: Settings) -> None:
        self._worker.setFilePath(settings.worker_command)
        self._device.setCurrentIndex(max(0, self._device.findData(settings.device)))
        self._model.setFilePath(settings.model_folder)
        self._cache.setFilePath(settings.cache_folder)
        self._phrases.setFilePath(settings.phrase_bank)
        self._scales.setText(scales_text(settings.scales_m))
        self._overlap.setValue(round(settings.overlap * 100))

    def _scales_m(self) -> tuple[float, ...]:
        try:
            return parse_scales(self._scales.text())
        except ValueError:
            return self._before.scales_m


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


def _file_widget(
    placeholder: str, tip: str, mode: QgsFileWidget.StorageMode = QgsFileWidget.StorageMode.GetFile
) -> QgsFileWidget:
    widget = QgsFileWidget()
    widget.setStorageMode(mode)
    widget.lineEdit().setPlaceholderText(placeholder)
    widget.setToolTip(tip)
    return widget


def _add_row(form: QFormLayout, text: str, field: QWidget) -> None:
    label = QLabel(text)
    label.setBuddy(field.lineEdit() if isinstance(field, QgsFileWidget) else field)
    field.setAccessibleName(text.replace("&", ""))
    form.addRow(label, field)
