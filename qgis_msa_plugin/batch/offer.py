"""At the start of QGIS: batch scans that it left behind when it went down, offered for going on."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from qgis.core import Qgis
from qgis.gui import QgsMessageBar, QgsMessageBarItem
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QPushButton

from qgis_msa_plugin.batch.job import BatchJob
from qgis_msa_plugin.batch.job_store import JobStore
from qgis_msa_plugin.plain_text import message
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording

_NO_END = 0
_ITEM = "msaBatchOffer"


class ResumeOffer(QObject):
    """`accepted` tells the interrupted jobs. An object, no closure: the button keeps none alive by itself."""

    accepted = pyqtSignal(object)  # tuple[BatchJob, ...]

    def __init__(self, bar: QgsMessageBar, parent: QObject, folder: Optional[Path] = None) -> None:
        super().__init__(parent)
        self._bar = bar
        self._folder = folder
        self._jobs: tuple[BatchJob, ...] = ()

    def show(self) -> None:
        """Offer to resume what was interrupted; nothing is shown where nothing was."""
        store = JobStore(self._folder)
        store.look()
        self._jobs = store.interrupted
        if self._jobs:
            item = message(self._bar, tr("MSA Search"), offer_text(self._jobs))
            item.setObjectName(_ITEM)
            item.layout().addWidget(self._button(item))
            self._bar.pushWidget(item, Qgis.MessageLevel.Info, _NO_END)

    def _button(self, item: QgsMessageBarItem) -> QPushButton:
        button = QPushButton(tr("Resume"), item)
        button.setObjectName("msaBatchOfferResume")
        button.setToolTip(tr("Go on where the scan was interrupted"))
        button.clicked.connect(self._accept_soon)
        return button

    def _accept_soon(self) -> None:
        """The button goes with its item, and may not be gone while it still tells of the click."""
        QTimer.singleShot(0, self._accept)

    def withdraw(self) -> None:
        """Take the offer back."""
        for item in self._bar.items():
            if item.objectName() == _ITEM:
                self._bar.popWidget(item)

    def _accept(self) -> None:
        self.withdraw()
        self.accepted.emit(self._jobs)


def offer_text(jobs: tuple[BatchJob, ...]) -> str:
    """What was interrupted, and how far it had come."""
    if len(jobs) > 1:
        return tr("{n} batch scans were interrupted.").format(n=wording.count(len(jobs)))
    job = jobs[0]
    if job.progress is None:
        return tr("The batch scan '{name}' was interrupted.").format(name=job.name)
    text = tr("The batch scan '{name}' was interrupted at {done} of {total} tiles.")
    done, total = wording.count(job.progress.done), wording.count(job.progress.total)
    return text.format(name=job.name, done=done, total=total)
