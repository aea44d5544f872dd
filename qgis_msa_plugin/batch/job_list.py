"""The jobs of the profile, and what can be done with the chosen one.

A batch job in words.
"""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QModelIndex, QRect, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPalette
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from qgis_msa_plugin.batch.job import BatchJob, JobState
from qgis_msa_plugin.batch.results import ReviewButton
from qgis_msa_plugin.errors import error_line
from qgis_msa_plugin.plain_text import tip
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.widgets.keyboard import FocusFrame
from qgis_msa_plugin.widgets.match_words import BAR_PX, paint_background, paint_bar, text_colour


def state_word(job: BatchJob) -> str:
    """The state in one word or two."""
    if job.elsewhere:
        return tr("in another QGIS")
    if job.interrupted:
        return tr("interrupted")
    words = {
        JobState.WAITING: tr("waiting"),
        JobState.RUNNING: tr("running"),
        JobState.PAUSING: tr("stopping…"),
        JobState.PAUSED: tr("paused"),
        JobState.DONE: tr("done"),
        JobState.FAILED: tr("failed"),
    }
    return words[job.state]


def job_line(job: BatchJob) -> str:
    """How far it is, or how it ended, in one line."""
    if job.summary is not None:
        return _ended(job)
    if job.error is not None:
        return job.error.sentence
    if job.state is JobState.RUNNING and not job.elsewhere:
        line = wording.advance(job.progress)
        return f"{line} · {job.progress.label}" if job.progress and job.progress.label else line
    if job.progress is not None:
        text = (
            tr("stopped at {done} of {total}")
            if job.state is not JobState.WAITING
            else tr("{done} of {total}")
        )
        return text.format(done=wording.count(job.progress.done), total=wording.count(job.progress.total))
    return asked(job)


def asked(job: BatchJob) -> str:
    """How much was asked."""
    queries, rasters = len(job.request.queries), len(job.request.rasters)
    if job.request.watch_list:
        return tr("a watch-list · rasters: {rasters}").format(rasters=wording.count(rasters))
    text = tr("queries: {queries} · rasters: {rasters}")
    return text.format(queries=wording.count(queries), rasters=wording.count(rasters))


def job_details(job: BatchJob) -> str:
    """Everything, for the tooltip."""
    lines = [job.name + " · " + state_word(job), asked(job), job.request.out]
    if job.interrupted:
        lines.append(tr("QGIS ended while this scan ran. Resume goes on where it stopped."))
    if job.error is not None:
        lines.append(error_line(job.error))
    for raster in job.summary.rasters if job.summary is not None else ():
        text = tr("{path}: {tiles} tiles ({encoded} scanned, {reused} from the index), {hits} hits")
        line = text.format(
            path=raster.path,
            tiles=wording.count(raster.tiles),
            encoded=wording.count(raster.encoded),
            reused=wording.count(raster.reused),
            hits=wording.count(raster.hits),
        )
        lines.append(f"{raster.path}: {raster.sentence}" if raster.error else line)
    return "\n".join(lines)


def _ended(job: BatchJob) -> str:
    summary = job.summary
    if summary is None:
        return ""
    failed = sum(1 for raster in summary.rasters if raster.error)
    text = tr("{hits} hits · {tiles} tiles · {time}")
    line = text.format(
        hits=wording.count(summary.hits),
        tiles=wording.count(sum(raster.tiles for raster in summary.rasters)),
        time=wording.duration(summary.seconds),
    )
    if failed:
        line += " · " + tr("failed rasters: {n}").format(n=wording.count(failed))
    return line


JOB_ROLE = int(Qt.ItemDataRole.UserRole)
_PAD, _GAP = 6, 3
_LEAST_HEIGHT = 76  # a job and the beginning of the next


class JobList(QWidget):
    """Tells what is wanted of which job, by its id."""

    resume_wanted = pyqtSignal(str)
    pause_wanted = pyqtSignal(str)
    remove_wanted = pyqtSignal(str)
    results_wanted = pyqtSignal(str)
    report_wanted = pyqtSignal(str)

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.list = _Jobs(self)
        self.list.setObjectName("msaBatchJobs")
        self.list.setAccessibleName(tr("Batch scans"))
        self.list.setItemDelegate(_JobDelegate(self.list))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMinimumHeight(_LEAST_HEIGHT)
        self.list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        FocusFrame(self.list)
        self._make_buttons()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list, 1)
        column.addLayout(_row(self.resume, self.pause, self.results))
        column.addLayout(_row(self.review, self.report, self.remove))
        self.list.currentItemChanged.connect(lambda *_: self._update_buttons())
        self._update_buttons()

    def show_jobs(self, jobs: tuple[BatchJob, ...]) -> None:
        """Show these, newest first; the chosen one stays chosen."""
        chosen = self.current()
        self.list.blockSignals(True)
        self.list.clear()
        for job in reversed(jobs):
            item = QListWidgetItem(self.list)
            _fill(item, job)
            if chosen is not None and job.id == chosen.id:
                self.list.setCurrentItem(item)
        if self.list.currentItem() is None and self.list.count():
            self.list.setCurrentRow(0)
        self.list.blockSignals(False)
        self._update_buttons()

    def show_job(self, job: BatchJob) -> None:
        """Show how far one of them is."""
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item.data(JOB_ROLE).id == job.id:
                _fill(item, job)

    def current(self) -> Optional[BatchJob]:
        """The chosen job."""
        item = self.list.currentItem()
        return item.data(JOB_ROLE) if item is not None else None

    def choose(self, job_id: str) -> None:
        """Choose a job."""
        for row in range(self.list.count()):
            if self.list.item(row).data(JOB_ROLE).id == job_id:
                self.list.setCurrentRow(row)

    def _make_buttons(self) -> None:
        self.resume = self._button("msaBatchResume", tr("Resume"), "/mActionStart.svg", self.resume_wanted)
        self.pause = self._button("msaBatchPause", tr("Pause"), "/mActionStop.svg", self.pause_wanted)
        self.results = self._button(
            "msaBatchShow", tr("Show"), "/mActionAddOgrLayer.svg", self.results_wanted
        )
        self.review = ReviewButton(self.current, self)
        self.report = self._button("msaBatchOpenReport", tr("Report"), "/mIconHtml.svg", self.report_wanted)
        self.remove = self._button("msaBatchRemove", "", "/mActionDeleteSelected.svg", self.remove_wanted)
        self.resume.setToolTip(tr("Go on where the scan ended"))
        self.pause.setToolTip(tr("Stop the scan; what it has scanned and found is kept"))
        self.results.setToolTip(tr("Load the hits found so far into the project, by query and raster"))
        self.report.setToolTip(tr("Open the report in the browser"))
        self.remove.setToolTip(tr("Forget the scan; its results stay on disk"))
        self.remove.setAccessibleName(tr("Remove"))

    def _button(self, name: str, text: str, icon: str, wanted: pyqtSignal) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setIcon(QgsApplication.getThemeIcon(icon))
        if text:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)

        def tell() -> None:
            job = self.current()
            if job is not None:
                wanted.emit(job.id)

        button.clicked.connect(tell)
        return button

    def _update_buttons(self) -> None:
        job = self.current()
        mine = job is not None and not job.elsewhere
        state = job.state if job is not None else None
        self.resume.setVisible(state not in (JobState.WAITING, JobState.RUNNING, JobState.PAUSING))
        self.resume.setEnabled(mine and state in (JobState.PAUSED, JobState.FAILED))
        self.pause.setVisible(not self.resume.isVisibleTo(self))
        self.pause.setEnabled(mine and state in (JobState.WAITING, JobState.RUNNING))
        self.remove.setEnabled(mine and state is not JobState.PAUSING)
        self.results.setEnabled(job is not None)
        self.review.setEnabled(job is not None)
        self.report.setEnabled(job is not None and bool(job.request.report))


class _Jobs(QListWidget):
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the jobs, or what will be here."""
        super().paintEvent(event)
        if self.count() == 0:
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            room = self.viewport().rect().adjusted(2 * _PAD, 2 * _PAD, -2 * _PAD, -2 * _PAD)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(room, flags, tr("The scans that you start are listed here."))
            painter.end()


def _row(*buttons: QToolButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(2)
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    return row


def _fill(item: QListWidgetItem, job: BatchJob) -> None:
    item.setData(JOB_ROLE, job)
    # What a screen reader says, and a test sees.
    item.setText(f"{job.name} · {state_word(job)} · {job_line(job)}")
    item.setToolTip(tip(job_details(job)))


class _JobDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        height = 2 * QFontMetrics(option.font).height() + BAR_PX + 2 * _GAP + 2 * _PAD
        return QSize(height, height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        job = index.data(JOB_ROLE)
        if not isinstance(job, BatchJob):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_background(painter, option)
        inner = option.rect.adjusted(_PAD, _PAD, -_PAD, -_PAD)
        height = QFontMetrics(option.font).height()
        first = QRect(inner.left(), inner.top(), inner.width(), height)
        _paint_name(painter, first, job, option)
        _paint_line(painter, first.translated(0, height + _GAP), job, option)
        bar = QRect(inner.left(), inner.bottom() - BAR_PX + 1, inner.width(), BAR_PX)
        paint_bar(painter, bar, _share(job), _bar_colour(option), option)
        painter.restore()


def _paint_name(painter: QPainter, line: QRect, job: BatchJob, option: QStyleOptionViewItem) -> None:
    bold = QFont(option.font)
    bold.setBold(True)
    word = state_word(job)
    room = line.width() - QFontMetrics(option.font).horizontalAdvance(word) - 2 * _PAD
    painter.setPen(text_colour(option))
    painter.setFont(option.font)
    painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, word)
    painter.setFont(bold)
    name = QFontMetrics(bold).elidedText(job.name, Qt.TextElideMode.ElideMiddle, room)
    painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)


def _paint_line(painter: QPainter, line: QRect, job: BatchJob, option: QStyleOptionViewItem) -> None:
    painter.setFont(option.font)
    text = QFontMetrics(option.font).elidedText(job_line(job), Qt.TextElideMode.ElideRight, line.width())
    painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


def _bar_colour(option: QStyleOptionViewItem) -> QColor:
    """A colour that stands out from the row, chosen or not."""
    chosen = bool(option.state & QStyle.StateFlag.State_Selected)
    return text_colour(option) if chosen else QColor(option.palette.color(QPalette.ColorRole.Highlight))


def _share(job: BatchJob) -> float:
    if job.state is JobState.DONE:
        return 1.0
    return job.progress.done / job.progress.total if job.progress and job.progress.total else 0.0
