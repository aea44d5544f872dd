"""The dock: puts the parts together; they bind to the state and call the controller's verbs."""

from __future__ import annotations

from typing import Optional

from qgis.core import Qgis
from qgis.gui import QgisInterface, QgsDockWidget
from qgis.PyQt.QtCore import QObject, Qt
from qgis.PyQt.QtGui import QShowEvent
from qgis.PyQt.QtWidgets import QFileDialog, QFrame, QLabel, QVBoxLayout, QWidget

from qgis_msa_plugin.describe.panel import DescribePanel
from qgis_msa_plugin.dock.cost_strip import CostStrip
from qgis_msa_plugin.dock.map_link import MapLink
from qgis_msa_plugin.dock.notice_strip import NoticeStrip
from qgis_msa_plugin.dock.progress_strip import ProgressStrip
from qgis_msa_plugin.dock.query_bar import QueryBar
from qgis_msa_plugin.dock.results_model import ResultsModel
from qgis_msa_plugin.dock.results_view import ResultsView
from qgis_msa_plugin.dock.target_bar import TargetBar
from qgis_msa_plugin.dock.worker_strip import WorkerStrip
from qgis_msa_plugin.errors import show_error
from qgis_msa_plugin.options import PAGE_NAME
from qgis_msa_plugin.search import wording
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.state import Level, Notice, Results
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.worker.state import WorkerState

_WARNING_S = 15


class SearchDock(QgsDockWidget):
    """Search by text and describe a place."""

    def __init__(
        self, controller: SearchController, iface: QgisInterface, parent: Optional[QWidget] = None
    ) -> None:
        super().__init__(tr("MSA Search"), parent)
        self.setObjectName("MsaSearchDock")
        self._controller, self._state, self._iface = controller, controller.state, iface
        self._map = MapLink(controller, iface, self)
        self._make_parts()
        self.setWidget(self._lay_out())
        self._connect_verbs()
        self._connect_state()
        controller.choose_layer(self._target.layer())
        self._cost.set_layer(self._target.layer())
        self._update_results()

    def showEvent(self, event: QShowEvent) -> None:
        """From the first time on screen, costs are told ahead."""
        super().showEvent(event)
        self._controller.activate()

    def release(self) -> None:
        """Let go of the map and the project, before the dock is taken away."""
        self._map.release()

    def _make_parts(self) -> None:
        self._query = QueryBar(self)
        self._target = TargetBar(self._iface, self)
        self._cost = CostStrip(self._state, self)
        self._progress = ProgressStrip(self._state, self)
        self._notice = NoticeStrip(self)
        self._model = ResultsModel(self._controller.thumbnails, self)
        self._title = QLabel(self)
        self._title.setObjectName("msaResultsTitle")
        self._title.setTextFormat(Qt.TextFormat.PlainText)  # a query is no markup
        self._title.setWordWrap(True)
        self._results = ResultsView(self._model, self)
        self._describe = DescribePanel(self._state, self)
        self._worker = WorkerStrip(self._state, self)

    def _lay_out(self) -> QWidget:
        body = QWidget(self)
        column = QVBoxLayout(body)
        above = (self._query, self._target, self._cost, self._progress, self._notice, self._title)
        for part in above:
            column.addWidget(part)
        column.addWidget(self._results, 1)
        column.addWidget(self._describe)
        column.addWidget(_line(body))
        column.addWidget(self._worker)
        return body

    def _connect_verbs(self) -> None:
        controller = self._controller
        self._query.asked.connect(controller.search)
        self._target.layer_chosen.connect(self._on_layer)
        self._target.area_chosen.connect(controller.choose_area)
        self._target.area_moved.connect(controller.area_moved)
        self._cost.consented.connect(controller.consent)
        self._cost.declined.connect(controller.cancel)
        self._progress.cancelled.connect(controller.cancel)
        self._results.chosen.connect(controller.select_hit)
        self._describe.toggled.connect(self._map.use_describe_tool)
        self._describe.scale_chosen.connect(controller.choose_describe_scale)
        self._worker.retry.connect(controller.retry_worker)
        self._worker.choose.connect(self._choose_worker)
        self._worker.options.connect(self._open_options)

    def _connect_state(self) -> None:
        self._state.results_changed.connect(self._on_results)
        self._state.selected_rank_changed.connect(self._results.mark)
        self._state.notice_changed.connect(self._on_notice)
        self._map.describe_tool_active.connect(self._describe.set_tool_active)
        for signal in (self._state.phase_changed, self._state.searching_changed, self._state.worker_changed):
            signal.connect(self._update_results)

    def _on_layer(self, layer: Optional[QObject]) -> None:
        self._controller.choose_layer(layer)
        self._cost.set_layer(layer)
        self._update_results()

    def _on_results(self, results: Optional[Results]) -> None:
        self._model.show(results)
        self._results.mark(self._state.selected_rank)
        self._update_results()

    def _on_notice(self, notice: Optional[Notice]) -> None:
        self._notice.show_notice(notice)
        if notice is None:
            return
        if notice.error is not None:
            show_error(self._iface.messageBar(), notice.error)
        elif notice.level is Level.WARNING:
            bar, warning = self._iface.messageBar(), Qgis.MessageLevel.Warning
            bar.pushMessage(tr("MSA Search"), notice.sentence, warning, _WARNING_S)

    def _update_results(self) -> None:
        title = self._title_text()
        self._title.setText(title)
        self._title.setVisible(bool(title))
        self._results.set_hint(self._hint())

    def _title_text(self) -> str:
        if self._state.searching:
            starting = self._state.worker.state is WorkerState.STARTING
            return tr("The worker is starting…") if starting else tr("Searching…")
        results = self._state.results
        if results is None:
            return ""
        so_far = self._state.phase.running
        text = (
            tr("Best {n} of {tiles} tiles so far: {query}")
            if so_far
            else tr("Best {n} of {tiles} tiles: {query}")
        )
        shown, tiles = wording.count(len(results.hits)), wording.count(results.tiles)
        return text.format(n=shown, tiles=tiles, query=wording.brief(results.query))

    def _hint(self) -> str:
        if self._state.phase.running:
            return tr("The first hits appear here in a moment.")
        if self._state.worker.state in (WorkerState.MISSING, WorkerState.FAILED):
            return tr("Searching needs the worker: the button below sets it up or starts it again.")
        if self._target.layer() is None:
            return tr("Add a raster layer, then describe what you want to find in it.")
        if self._state.results is not None:
            return tr("No tile was found in this area.")
        return tr(
            "Type what you want to see, for example “a bridge over a wide river”, and press Enter.\n\n"
            "The first search scans the layer; later ones answer at once."
        )

    def _choose_worker(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, tr("The worker's program (msa)"))
        if path:
            self._controller.choose_worker(path)

    def _open_options(self) -> None:
        self._iface.showOptionsDialog(self._iface.mainWindow(), PAGE_NAME)


def _line(parent: QWidget) -> QFrame:
    line = QFrame(parent)
    line.setFrameShape(QFrame.Shape.HLine)
    line.setFrameShadow(QFrame.Shadow.Sunken)
    return line
