"""The page of the plugin in QGIS's options dialog."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Callable, Optional

from qgis.gui import QgsFileWidget, QgsOptionsPageWidget, QgsOptionsWidgetFactory
from qgis.PyQt.QtCore import QRegularExpression, Qt
from qgis.PyQt.QtGui import QHideEvent, QIcon, QRegularExpressionValidator
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QGroupBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from msa_model.protocol.hit_filter import DEPTH
from msa_model.protocol.models import AUTO, CHOICES
from qgis_msa_plugin.plain_text import add_row
from qgis_msa_plugin.plugin_files import resource
from qgis_msa_plugin.settings import (
    DEVICES,
    MOST_THREADS,
    PAGE_NAME,
    Settings,
    current_settings,
    keep_settings,
    parse_scales,
    scales_text,
)
from qgis_msa_plugin.setup.trial import WorkerTrial
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording

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
        return OptionsPage(self._changed, parent, self._set_up)


class OptionsPage(QgsOptionsPageWidget):
    """Worker, searches and tiles."""

    def __init__(
        self, changed: Changed, parent: Optional[QWidget] = None, set_up: Optional[Verb] = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(PAGE_NAME)
        self._changed = changed
        self._before = current_settings()
        self._set_up = QPushButton(tr("Set up, repair or remove…"))
        self._set_up.setObjectName("msaOptionsSetUp")
        self._set_up.setToolTip(tr("The environment that MSA Search builds for its worker"))
        self._set_up.setVisible(set_up is not None)
        if set_up is not None:
            self._set_up.clicked.connect(lambda checked: set_up())
        self._make_worker_fields()
        self._make_search_fields()
        self._trial = WorkerTrial(self.settings, self)
        self._lay_out()
        self._fill(self._before)

    def settings(self) -> Settings:
        """The settings as the page shows them; a list of scales that makes no sense is left out."""
        return dataclasses.replace(
            self._before,
            worker_command=self._worker.filePath().strip(),
            device=str(self._device.currentData()),
            engine=str(self._engine.currentData()),
            threads=self._threads.value(),
            model_folder=self._model.filePath().strip(),
            cache_folder=self._cache.filePath().strip(),
            phrase_bank=self._phrases.filePath().strip(),
            scales_m=self._scales_m(),
            overlap=self._overlap.value() / 100,
            k=self._k.value(),
            thumbnails=self._thumbnails.isChecked(),
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

    def _make_worker_fields(self) -> None:
        tip = tr("A program, or a command such as: ssh gpu-box msa worker; no project file can set it")
        self._worker = _file_widget("msaWorkerCommand", tr("automatic"), tip)
        self._device = QComboBox()
        self._device.setObjectName("msaDevice")
        self._device.setToolTip(
            tr("What the worker computes with; automatic: a graphics card where there is one")
        )
        for device in DEVICES:
            self._device.addItem(tr("automatic") if device == "auto" else device.upper(), device)
        self._make_engine_fields()
        self._make_model_fields()

    def _make_engine_fields(self) -> None:
        self._engine = QComboBox()
        self._engine.setObjectName("msaEngine")
        self._engine.setToolTip(
            tr("What looks at the tiles; automatic: the fastest of this machine, measured once")
        )
        for row, engine in enumerate(CHOICES):
            self._engine.addItem(tr("automatic") if engine == AUTO else wording.engine(engine), engine)
            self._engine.setItemData(row, engine, Qt.ItemDataRole.ToolTipRole)
        self._threads = _spin_box("msaThreads", 0, MOST_THREADS)
        self._threads.setSpecialValueText(tr("automatic"))
        self._threads.setToolTip(tr("Processor cores that the worker uses"))

    def _make_model_fields(self) -> None:
        folder = QgsFileWidget.StorageMode.GetDirectory
        tip = tr("Folder of another checkpoint or of a CLIP model")
        self._model = _file_widget("msaModelFolder", tr("shipped model"), tip, folder)
        self._other_model = QLabel(
            tr(
                "Use another model: choose a folder that you have fetched (a CLIP, RemoteCLIP, SigLIP 2 or "
                "MobileCLIP2 in safetensors, or a checkpoint of your own). Test tells whether it is sound "
                "and what it costs. Rasters are indexed anew for it; the shipped model's indexes stay."
            )
        )
        self._other_model.setObjectName("msaOtherModel")
        self._other_model.setWordWrap(True)
        tip = tr("Where indexes go that cannot lie beside their raster")
        self._cache = _file_widget("msaCacheFolder", tr("automatic"), tip, folder)

    def _make_search_fields(self) -> None:
        self._k = _spin_box("msaHits", 1, DEPTH)
        self._k.setToolTip(tr("How many hits a search brings at most"))
        self._thumbnails = QCheckBox(tr("Pictures &beside the hits"))
        self._thumbnails.setObjectName("msaThumbnails")
        self._thumbnails.setToolTip(tr("Small pictures of the tiles in the list of hits"))
        tip = tr("CSV file with a 'phrase' column")
        self._phrases = _file_widget("msaPhraseBank", tr("shipped phrases"), tip)
        self._edit_phrases = QPushButton(tr("&Edit phrases…"))
        self._edit_phrases.setObjectName("msaEditPhrases")
        self._edit_phrases.setToolTip(tr("Add, change and remove the phrases that places are described by"))
        self._edit_phrases.clicked.connect(self._open_phrases)
        self._scales = QLineEdit()
        self._scales.setObjectName("msaScales")
        self._scales.setPlaceholderText(tr("automatic"))
        self._scales.setToolTip(tr("Tile sides in metres on the ground, for example: 40, 160"))
        self._scales.setValidator(QRegularExpressionValidator(QRegularExpression("[0-9.,; ]*"), self))
        self._overlap = _spin_box("msaOverlap", 0, 75)
        self._overlap.setSingleStep(25)
        self._overlap.setSuffix(" %")
        self._overlap.setToolTip(tr("How much of a tile its neighbour covers too"))

    def _lay_out(self) -> None:
        worker = (
            (tr("&Worker"), self._worker),
            ("", self._trial),
            ("", self._set_up),
            (tr("&Device"), self._device),
            (tr("En&gine"), self._engine),
            (tr("T&hreads"), self._threads),
            (tr("&Model folder"), self._model),
            ("", self._other_model),
            (tr("&Cache folder"), self._cache),
        )
        search = (
            (tr("&Number of hits"), self._k),
            ("", self._thumbnails),
            (tr("&Phrase bank"), self._phrases),
            ("", self._edit_phrases),
        )
        tiles = ((tr("Tile &sides (m)"), self._scales), (tr("&Overlap of tiles"), self._overlap))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for title, rows in ((tr("Worker"), worker), (tr("Searching"), search), (tr("Tiles"), tiles)):
            layout.addWidget(_group(title, rows))
        layout.addStretch()

    def _fill(self, settings: Settings) -> None:
        self._worker.setFilePath(settings.worker_command)
        self._device.setCurrentIndex(max(0, self._device.findData(settings.device)))
        self._engine.setCurrentIndex(max(0, self._engine.findData(settings.engine)))
        self._model.setFilePath(settings.model_folder)
        self._threads.setValue(settings.threads)
        self._cache.setFilePath(settings.cache_folder)
        self._k.setValue(settings.k)
        self._thumbnails.setChecked(settings.thumbnails)
        self._phrases.setFilePath(settings.phrase_bank)
        self._scales.setText(scales_text(settings.scales_m))
        self._overlap.setValue(round(settings.overlap * 100))

    def _open_phrases(self) -> None:
        from qgis_msa_plugin.describe.phrase_editor import PhraseBankDialog  # noqa: PLC0415  (seldom wanted)

        dialog = PhraseBankDialog(self._phrases.filePath().strip(), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.saved.connect(self._phrases.setFilePath)
        dialog.open()

    def _scales_m(self) -> tuple[float, ...]:
        try:
            return parse_scales(self._scales.text())
        except ValueError:
            return self._before.scales_m


def _file_widget(
    name: str, placeholder: str, tip: str, mode: QgsFileWidget.StorageMode = QgsFileWidget.StorageMode.GetFile
) -> QgsFileWidget:
    widget = QgsFileWidget()
    widget.setObjectName(name)
    widget.setStorageMode(mode)
    widget.lineEdit().setPlaceholderText(placeholder)
    widget.setToolTip(tip)
    return widget


def _spin_box(name: str, least: int, most: int) -> QSpinBox:
    widget = QSpinBox()
    widget.setObjectName(name)
    widget.setRange(least, most)
    return widget


def _group(title: str, rows: Sequence[tuple[str, QWidget]]) -> QGroupBox:
    group = QGroupBox(title)
    form = QFormLayout(group)
    for text, field in rows:
        if text:
            add_row(form, text, field)
        else:
            form.addRow("", field)
    return group
