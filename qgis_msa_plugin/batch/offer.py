"""At the start of QGIS: batch scans that it left behind when it went down, offered for going on."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Optional

from qgis.core import Qgis
from qgis.gui import QgsMessageBar
from qgis.PyQt.QtWidgets import QPushButton

from qgis_msa_plugin.batch.job import BatchJob
from qgis_msa_plugin.batch.shelf import JobShelf
from qgis_msa_plugin.search import wording
from qgis_msa_plugin.translate import tr

_NO_END = 0


def offer_resuming(
    bar: QgsMessageBar, resume: Callable[[tuple[BatchJob, ...]], None], folder: Optional[Path] = None
) -> None:
    """Offer to resume what was interrupted; nothing is shown where nothing was."""
    shelf = JobShelf(folder)
    shelf.look()
    jobs = shelf.interrupted
    if not jobs:
        return
    item = bar.createMessage(tr("MSA Search"), offer_text(jobs))
    item.setObjectName("msaBatchOffer")
    button = QPushButton(tr("Resume"))
    button.setObjectName("msaBatchOfferResume")
    button.setToolTip(tr("Go on where the scan was interrupted"))

    def accept() -> None:
        bar.popWidget(item)
        resume(jobs)

    button.clicked.connect(accept)
    item.layout().addWidget(button)
    bar.pushWidget(item, Qgis.MessageLevel.Info, _NO_END)


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
