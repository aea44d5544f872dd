"""What a search will cost, before it costs anything; and the consent to a long scan.

What may be done about a scan that takes long: run it, cut it down, hand it over, or leave it.
How far a scan is, how fast, how long it takes yet, and the way out.

Building overviews of the rasters that have none: asked about, in the background, told at the end.
"""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from qgis.core import QgsApplication, QgsProject
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QGridLayout,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from msa_model.protocol.errors import Cancelled, MsaError
from msa_model.protocol.messages import ScanPlan
from qgis_msa_plugin import plain_text
from qgis_msa_plugin.errors import error_line
from qgis_msa_plugin.gis.overviews import OverviewTask, check_buildable, most_bytes, overview_file
from qgis_msa_plugin.plain_text import message_box
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.planner import Coarse, coarse_of
from qgis_msa_plugin.search.state import ScanPhase, SearchState
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.widgets.observed import NoticeLevel
from qgis_msa_plugin.widgets.wording import warning_texts
from qgis_msa_plugin.widgets.wrapped_label import WrappedLabel
from qgis_msa_plugin.worker.state import WorkerState


class ScanChoices(QWidget):
    """Buttons, of which those are shown that lead anywhere now; Enter in the query says *Scan now*, too."""

    consented = pyqtSignal()
    declined = pyqtSignal()
    coarse_wanted = pyqtSignal()
    view_wanted = pyqtSignal()
    batch_wanted = pyqtSignal()
    all_wanted = pyqtSignal()
    overviews_wanted = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.consent = self._button("msaConsent", tr("Sca&n now"), "/mActionStart.svg")
        self.consent.setDefault(True)
        self.consent.setToolTip(tr("Scan all of it; Enter in the query says the same"))
        self.decline = self._button("msaDecline", tr("No&t now"))
        self.coarse = self._button("msaCoarse", tr("Coarse sizes only"))
        self.view = self._button("msaScanView", tr("Map view"))
        self.view.setToolTip(tr("Search only what the map shows"))
        self.batch = self._button("msaAsBatch", tr("As batch…"))
        self.batch.setToolTip(tr("Take query, layers and area to the Batch tab: its scans outlive QGIS"))
        self.all_sizes = self._button("msaAllSizes", tr("All sizes"))
        self.all_sizes.setToolTip(tr("Search small tiles, too, which have to be scanned first"))
        self.overviews = self._button("msaOverviews", tr("Build overviews…"))
        self.overviews.setToolTip(
            tr("Write coarser pixels into a file beside the raster, which stays as it is")
        )
        self._lay_out()
        for button, signal in (
            (self.consent, self.consented),
            (self.decline, self.declined),
            (self.coarse, self.coarse_wanted),
            (self.view, self.view_wanted),
            (self.batch, self.batch_wanted),
            (self.all_sizes, self.all_wanted),
            (self.overviews, self.overviews_wanted),
        ):
            button.clicked.connect(lambda _, signal=signal: signal.emit())

    def offer(self, asking: bool, coarse: Optional[Coarse], view: bool, batch: bool) -> None:
        """Show what there is to choose while the dock asks; `view`: whether the map shows less."""
        for button in (self.consent, self.decline):
            button.setVisible(asking)
        self.batch.setVisible(asking and batch)
        self.coarse.setVisible(asking and coarse is not None)
        self.view.setVisible(asking and view)
        if coarse is not None:
            text = tr("Coarse sizes only: {time}")
            self.coarse.setText(text.format(time=wording.duration(coarse.seconds)))
            tip, sizes = tr("Scan only tiles of {scales}"), map(wording.metres, coarse.scales_m)
            self.coarse.setToolTip(tip.format(scales=", ".join(sizes)))

    def _button(self, name: str, text: str, icon: str = "") -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        if icon:
            button.setIcon(QgsApplication.getThemeIcon(icon))
        return button

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(self.consent, 0, 0)
        grid.addWidget(self.decline, 0, 1)
        grid.addWidget(self.coarse, 1, 0, 1, 2)
        grid.addWidget(self.view, 2, 0)
        grid.addWidget(self.batch, 2, 1)
        grid.addWidget(self.all_sizes, 3, 0, 1, 2)
        grid.addWidget(self.overviews, 4, 0, 1, 2)


class CostStrip(QWidget):
    """Hidden while a scan runs: then the progress tells more."""

    def __init__(self, state: SearchState, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state = state
        self._folded = False
        self.follows_view = False  # what the map shows is what is searched already
        self.label = WrappedLabel("msaCost", self)
        self.ways = ScanChoices(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.label)
        column.addWidget(self.ways)
        for signal in (
            state.layers_changed,
            state.results_changed,
            state.plan_changed,
            state.refusal_changed,
            state.phase_changed,
            state.worker_changed,
            state.coarse_changed,
            state.bare_changed,
        ):
            signal.connect(self.update_text)
        self.update_text()

    def fold(self, folded: bool) -> None:
        """Give way; what waits for an answer, or stands in the way, is shown nevertheless."""
        self._folded = folded
        self.update_text()

    def update_text(self, _: object = None) -> None:
        """Show what the state says."""
        asking = self._state.phase is ScanPhase.CONSENT
        question = self._state.question
        batch = question is not None and bool(question.text) and question.dates is None
        self.ways.offer(
            asking, coarse_of(self._state.plans) if asking else None, not self.follows_view, batch
        )
        self.ways.overviews.setVisible(bool(self._state.bare) and self._state.plan is not None)
        self.ways.all_sizes.setVisible(bool(self._state.coarse) and not asking)
        text = self._text(asking)
        self.label.setText(text)
        self.label.setToolTip(plain_text.tip(self._details()))
        matters = asking or self._state.refusal is not None or not self._folded
        self.setVisible(bool(text) and matters and not self._state.phase.running)

    def _text(self, asking: bool) -> str:
        plan = self._state.plan
        if not self._state.layers:
            return tr("Add a raster layer to the map to begin.")
        if self._state.refusal is not None:
            return error_line(self._state.refusal)
        if plan is None:
            return self._waiting()
        if plan.missing == 0 and self._state.results is not None:
            text = tr("All {tiles} tiles are indexed.").format(tiles=wording.count(plan.tiles))
        else:
            text = wording.cost(plan)
        if asking:
            text += " " + tr("Hits appear while it runs, and it can be cancelled without loss. Scan?")
        gain = [wording.overview_gain(plan.overviews)] if plan.overviews is not None else []
        return "\n".join([text, *self._sizes(plan), *gain, *warning_texts(plan.warnings)])

    def _sizes(self, plan: ScanPlan) -> list[str]:
        """Which sizes are searched alone, if it is not all."""
        text = tr("Coarse sizes only: tiles of {scales}.")
        return [text.format(scales=wording.scales_of(plan))] if self._state.coarse else []

    def _waiting(self) -> str:
        if self._state.worker.state is WorkerState.STARTING:
            return tr("The worker is starting; then the cost of the first search is told here.")
        if self._state.phase is ScanPhase.PLANNING:
            return tr("Working out what a search costs…")
        return ""

    def _details(self) -> str:
        plan = self._state.plan
        if plan is None:
            return ""
        text = tr("Tiles of {scales} on the ground; a pixel is {pixel}.\nIndex: {index}")
        pixel = wording.metres(plan.gsd_m)
        return text.format(scales=wording.scales_of(plan), pixel=pixel, index=plan.index)


class ProgressStrip(QWidget):
    """Visible only while a scan runs, or a very large index is opened for the first time."""

    cancelled = pyqtSignal()

    def __init__(self, state: SearchState, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state = state
        self.bar = QProgressBar(self)
        self.bar.setObjectName("msaProgress")
        self.bar.setTextVisible(False)
        self.text = WrappedLabel("msaProgressText", self)
        self.cancel = QToolButton(self)
        self.cancel.setObjectName("msaCancel")
        self.cancel.setText(tr("Ca&ncel"))
        self.cancel.setIcon(QgsApplication.getThemeIcon("/mActionStop.svg"))
        self.cancel.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(self.bar, 0, 0)
        grid.addWidget(self.cancel, 0, 1)
        grid.addWidget(self.text, 1, 0, 1, 2)
        self.cancel.clicked.connect(self.cancelled)
        state.phase_changed.connect(self.update_text)
        state.progress_changed.connect(self.update_text)
        self.update_text()

    def update_text(self) -> None:
        """Show what the state says."""
        phase, progress = self._state.phase, self._state.progress
        opening = None if phase.running else progress
        self.setVisible(phase.running or opening is not None)
        self.cancel.setEnabled(phase is not ScanPhase.CANCELLING)
        scan, index = tr("Stop the scan; what is indexed is kept"), tr("Stop opening the index")
        self.cancel.setToolTip(scan if opening is None else index)
        # A bar from 0 to 0 moves to and fro: something happens, nobody knows how much of it.
        self.bar.setMaximum(progress.total if progress else 0)
        self.bar.setValue(progress.done if progress else 0)
        cancelling = phase is ScanPhase.CANCELLING
        told = wording.advance(progress) if opening is None else wording.opening(opening)
        self.text.setText(tr("Stopping after this batch…") if cancelling else told)


class OverviewBuilding:
    """Asks, starts a task for each raster, and has the costs told anew when it is done."""

    def __init__(self, controller: SearchController, parent: QWidget) -> None:
        self._controller, self._state, self._parent = controller, controller.state, parent
        self._tasks: dict[Path, OverviewTask] = {}

    def ask(self) -> None:
        """Build overviews of the searched rasters that have none, if the user agrees."""
        rasters = [path for path in map(Path, self._state.bare) if path not in self._tasks]
        try:
            for raster in rasters:
                check_buildable(raster)
            sizes = sum(map(most_bytes, rasters))
        except MsaError as error:
            self._state.fail(error)
            return
        if rasters:
            self._question(rasters, sizes).open()

    def release(self) -> None:
        """Stop; nothing is left of what is not done."""
        for task in self._tasks.values():
            task.ended.disconnect()
            task.cancel()
        self._tasks = {}

    def _question(self, rasters: list[Path], size: int) -> QMessageBox:
        files = "\n".join(str(overview_file(raster)) for raster in rasters)
        text = tr(
            "Build overviews in the background?\n{files}\n\nThey take at most {size}. The rasters stay as "
            "they are. Tiles that are indexed already will be compared with them once."
        )
        box = message_box(
            self._parent, tr("Build overviews"), text.format(files=files, size=wording.disk(size))
        )
        box.setObjectName("msaOverviewsConfirm")
        box.setIcon(QMessageBox.Icon.Question)
        box.setStandardButtons(QMessageBox.StandardButton.Cancel)
        button = box.addButton(tr("&Build"), QMessageBox.ButtonRole.AcceptRole)
        button.setObjectName("msaOverviewsConfirmed")
        box.buttonClicked.connect(lambda chosen: self._start(rasters) if chosen is button else None)
        return box

    def _start(self, rasters: list[Path]) -> None:
        for raster in rasters:
            task = OverviewTask(raster)
            task.ended.connect(lambda error, raster=raster: self._on_ended(raster, error))
            self._tasks[raster] = task
            QgsApplication.taskManager().addTask(task)
        text = tr("Overviews are being built; QGIS's list of tasks shows how far they are, and cancels them.")
        self._state.say(NoticeLevel.INFO, text)

    def _on_ended(self, raster: Path, error: object) -> None:
        self._tasks.pop(raster, None)
        if isinstance(error, Cancelled):
            self._state.say(NoticeLevel.INFO, error.sentence)
        elif isinstance(error, MsaError):
            self._state.fail(error)
        else:
            _reload(raster)
            self._controller.plan_anew()
            self._state.say(
                NoticeLevel.INFO, tr("The overviews of {name} are built.").format(name=raster.name)
            )


def _reload(raster: Path) -> None:
    """Have QGIS draw the layers of the raster through its overviews."""
    for layer in QgsProject.instance().mapLayers().values():
        provider = layer.dataProvider()
        if provider is not None and Path(provider.dataSourceUri()) == raster:
            provider.reloadData()
            layer.triggerRepaint()
