"""The Batch section of the dock: a new scan, and those that there are."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Callable, Optional

from qgis.core import Qgis, QgsProject
from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import QSize, Qt, QUrl, pyqtSignal
from qgis.PyQt.QtGui import QDesktopServices, QShowEvent
from qgis.PyQt.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from msa_model.protocol.batch import BatchRequest
from msa_model.protocol.errors import MsaError
from qgis_msa_plugin.batch.form import BatchForm
from qgis_msa_plugin.batch.job import BatchJob
from qgis_msa_plugin.batch.job_list import JobList
from qgis_msa_plugin.batch.queue import BatchQueue
from qgis_msa_plugin.batch.results import BatchLayers
from qgis_msa_plugin.errors import show_error
from qgis_msa_plugin.plain_text import say
from qgis_msa_plugin.settings import Settings, current_settings
from qgis_msa_plugin.translate import tr

_MARGIN = 3  # px


class BatchPanel(QWidget):
    """Needs only the queue (made by whoever has the client) and QGIS's interface.

    `release()` takes its map tool off the canvas, before the dock is taken away. `review_wanted` tells a job
    and which of its hits (`QueryAndRaster`) the analyst wants to look through.
    """

    review_wanted = pyqtSignal(object, object)  # BatchJob, QueryAndRaster

    def __init__(
        self,
        queue: BatchQueue,
        iface: QgisInterface,
        parent: Optional[QWidget] = None,
        settings: Callable[[], Settings] = current_settings,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("msaBatchPanel")
        self._queue, self._iface = queue, iface
        self._settings = settings
        self.jobs = JobList()
        self._layers = BatchLayers(QgsProject.instance(), self)
        self._column = self._lay_out()
        self.jobs.review.wanted.connect(self.review_wanted)
        self.jobs.resume_wanted.connect(queue.resume)
        self.jobs.pause_wanted.connect(queue.pause)
        self.jobs.remove_wanted.connect(queue.remove)
        self.jobs.results_wanted.connect(self._show_results)
        self.jobs.report_wanted.connect(self._open_report)
        queue.jobs_changed.connect(self._show_jobs)
        queue.advanced.connect(self.jobs.show_job)
        queue.finished.connect(self._on_finished)
        queue.failed.connect(self._on_failed)
        self._show_jobs()

    @cached_property
    def form(self) -> BatchForm:
        """Made when it is first wanted: it is a third of the dock, and most docks are opened to search."""
        form = BatchForm(self._iface, self._settings, self._queue)
        form.submitted.connect(self._add)
        self._column.insertWidget(0, form)
        self._area.widget().layout().activate()
        self.updateGeometry()
        return form

    def showEvent(self, event: QShowEvent) -> None:
        """Another QGIS of the profile may have added jobs."""
        self.form.show()
        super().showEvent(event)
        self._queue.look()

    def minimumSizeHint(self) -> QSize:
        """As narrow as the parts, which scroll up and down only."""
        bar = self._area.verticalScrollBar().sizeHint().width()
        width = self._area.widget().minimumSizeHint().width() + bar
        return QSize(width, super().minimumSizeHint().height())

    def release(self) -> None:
        """Let go of the map and the project; the queue goes on."""
        queue = self._queue
        queue.jobs_changed.disconnect(self._show_jobs)
        queue.advanced.disconnect(self.jobs.show_job)
        queue.finished.disconnect(self._on_finished)
        queue.failed.disconnect(self._on_failed)
        if "form" in vars(self):
            self.form.release()

    def _lay_out(self) -> QVBoxLayout:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        column.addWidget(self.jobs, 1)
        self._area = area = QScrollArea(self)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it follows the part that has the focus
        area.setWidget(body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        return column

    def _add(self, name: str, request: BatchRequest) -> None:
        try:
            job = self._queue.add(name, request)
        except MsaError as error:
            self.form.complain(error)
        except OSError as error:
            text = tr("The scan cannot be kept: {error}").format(error=error)
            self.form.complain(MsaError.of("folder_read_only", text))
        else:
            self.jobs.choose(job.id)
            self.form.propose_output()

    def _show_jobs(self) -> None:
        self.jobs.show_jobs(self._queue.jobs)

    def _on_finished(self, job: BatchJob) -> None:
        if "form" in vars(self):
            self.form.ask_costs_soon()
        bar, text = self._iface.messageBar(), tr("The batch scan '{name}' is done.")
        say(bar, tr("MSA Search"), text.format(name=job.name), Qgis.MessageLevel.Success)
        self._show_results(job.id)

    def _on_failed(self, job: BatchJob) -> None:
        if job.error is not None:
            show_error(self._iface.messageBar(), job.error)

    def _show_results(self, job_id: str) -> None:
        job = self._queue.job(job_id)
        try:
            if job is not None:
                self._layers.show(job.name, job.request.out)
        except MsaError as error:
            show_error(self._iface.messageBar(), error)

    def _open_report(self, job_id: str) -> None:
        job = self._queue.job(job_id)
        if job is None or not job.request.report:
            return
        if Path(job.request.report).is_file():
            QDesktopServices.openUrl(QUrl.fromLocalFile(job.request.report))
        else:
            text = tr("There is no report {path} yet: it is written when the scan ends.")
            say(self._iface.messageBar(), tr("MSA Search"), text.format(path=job.request.report))
