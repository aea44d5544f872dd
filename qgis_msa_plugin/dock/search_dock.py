"""The dock: its tabs, and the worker's state at their foot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from qgis.core import Qgis, QgsRasterLayer
from qgis.gui import QgisInterface, QgsDockWidget, QgsMessageBarItem
from qgis.PyQt.QtGui import QShowEvent
from qgis.PyQt.QtWidgets import QFileDialog, QStyle, QTabWidget, QVBoxLayout, QWidget

from msa_model.protocol.errors import BadArgument
from qgis_msa_plugin.batch.job import BatchJob
from qgis_msa_plugin.batch.panel import BatchPanel
from qgis_msa_plugin.batch.results import QueryAndRaster
from qgis_msa_plugin.describe.panel import DescribePanel
from qgis_msa_plugin.dock.batch_review import BatchReview
from qgis_msa_plugin.dock.cost_strip import OverviewBuilding
from qgis_msa_plugin.dock.hit_actions import DESCRIBE, HitActions
from qgis_msa_plugin.dock.place_files import PlaceFiles
from qgis_msa_plugin.dock.search_page import SearchPage
from qgis_msa_plugin.dock.worker_strip import WorkerStrip
from qgis_msa_plugin.errors import show_error, withdraw
from qgis_msa_plugin.map.map_clicks import ChangeHereLink
from qgis_msa_plugin.map.map_link import MapLink
from qgis_msa_plugin.plain_text import say
from qgis_msa_plugin.session import Session
from qgis_msa_plugin.settings import PAGE_NAME
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets.keyboard import follow_layout
from qgis_msa_plugin.widgets.observed import Notice, NoticeLevel

_WARNING_S = 15


class SearchDock(QgsDockWidget):
    """Search by words and examples, describe a place, scan many rasters."""

    def __init__(self, session: Session, iface: QgisInterface, parent: Optional[QWidget] = None) -> None:
        super().__init__(tr("MSA Search"), parent)
        self.setObjectName("MsaSearchDock")
        self._session, self._state, self._iface = session, session.state, iface
        self._said: Optional[QgsMessageBarItem] = None  # in QGIS's message bar, of the notice that holds
        self._here = ChangeHereLink(session.search, iface.mapCanvas(), self)
        self._map = MapLink(session.search, session.describer, iface, self)
        self.search = SearchPage(session.search, iface, self)
        self.describe = DescribePanel(session.describer, session.features, session.state, iface, self)
        self.batch = BatchPanel(session.batches, iface, self, session.settings)
        self._acts = HitActions(session.state, session.describer, self)
        self._reviews = BatchReview(session.search, lambda: session.client.shares_files, self)
        self._overviews = OverviewBuilding(session.search, self)
        self._files = PlaceFiles(session.search, self)
        self._worker = WorkerStrip(self._state, self)
        self.tabs = self._make_tabs()
        self.setWidget(self._lay_out())
        self._connect()

    def showEvent(self, event: QShowEvent) -> None:
        """From the first time on screen, costs are told ahead."""
        super().showEvent(event)
        self._order_keys()
        self._session.search.activate()

    def ask(self) -> None:
        """Have the cursor in the query, whatever was in front."""
        self.setUserVisible(True)
        self.tabs.setCurrentWidget(self.search)
        self.activateWindow()
        self.search.focus_query()

    def search_layers(self, layers: Sequence[QgsRasterLayer]) -> None:
        """Search these, whatever was chosen or pinned, with the cursor in the query."""
        self.ask()
        self._choose(layers)

    def describe_layers(self, layers: Sequence[QgsRasterLayer]) -> None:
        """Describe the first of these: the next click on the map says where."""
        self.setUserVisible(True)
        if self._choose(layers):
            self.tabs.setCurrentWidget(self.describe)
            self._map.use_describe_tool(True)

    def _choose(self, layers: Sequence[QgsRasterLayer]) -> bool:
        if layers:
            self.search.target.choice.choose(layers)
        else:
            self._state.fail(BadArgument(tr("Choose a raster layer in the layer panel first.")))
        return bool(layers)

    def release(self) -> None:
        """Let go of the map and the project, before the dock is taken away."""
        self.search.results.keys.unregister(self._iface)
        self.describe.release()
        self._overviews.release()
        self.batch.release()
        self._here.release()
        self._map.release()

    def _make_tabs(self) -> QTabWidget:
        tabs = QTabWidget(self)
        tabs.setObjectName("msaTabs")
        tabs.setDocumentMode(True)
        tabs.addTab(self.search, tr("Search"))
        tabs.addTab(self.describe, tr("Describe"))
        tabs.addTab(self.batch, tr("Batch"))
        return tabs

    def _lay_out(self) -> QWidget:
        body = QWidget(self)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tabs, 1)
        side = self.style().pixelMetric(QStyle.PixelMetric.PM_LayoutLeftMargin)
        self._worker.setContentsMargins(side, 0, side, 0)
        column.addWidget(self._worker)
        return body

    def _order_keys(self, _: int = 0) -> None:
        """Tab goes as the dock is read; a tab may have made its parts when it was shown first."""
        follow_layout(self.widget())

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self._order_keys)
        self._state.notice_changed.connect(self._on_notice)
        self.describe.toggled.connect(self._map.use_describe_tool)
        self._map.describe_tool_active.connect(self.describe.set_tool_active)
        self._map.describe_tool_active.connect(self._on_describe_tool)
        self.search.tools.coverage_wanted.connect(self._session.coverage.show_chosen)
        self.search.tools.example_wanted.connect(self._map.use_example_tool)
        self._map.example_tool_active.connect(self.search.tools.set_tool_active)
        self.search.tools.answers.wanted.connect(self._map.bring_back)
        self.search.cost.ways.overviews_wanted.connect(self._overviews.ask)
        self.search.batch_wanted.connect(self._hand_over)
        self.search.results.keys.register(self._iface)
        self.search.results.acted.connect(self._act)
        for part in (self.search.results.date_wanted, self.search.compare.toggled):
            part.connect(self._map.dates.toggle)
        self.search.results.swipe_toggled.connect(self._map.swipe.toggle)
        self.search.compare.swipe_wanted.connect(self._map.swipe.use)
        self._map.swipe.active.connect(self.search.compare.set_swipe_active)
        self.search.history.date_wanted.connect(self._map.dates.pick)
        self._map.dates.turned.connect(self.search.history.chart.mark)
        self.search.compare.here_wanted.connect(self._here.use)
        self._here.active.connect(self.search.compare.set_tool_active)
        self.batch.review_wanted.connect(self._review)
        keep = self.search.review.keep
        keep.save_wanted.connect(self._files.save_accepted)
        keep.append_wanted.connect(self._files.append)
        keep.prompts_wanted.connect(self._files.save_prompts)
        keep.hits_wanted.connect(self._files.save_hits)
        keep.package_wanted.connect(self._files.package)
        self._worker.retry.connect(self._session.retry_worker)
        self._worker.choose.connect(self._choose_worker)
        self._worker.options.connect(self._open_options)

    def _act(self, what: str, rank: int) -> None:
        """What a description finds is told on its own tab."""
        self._acts.act(what, rank)
        if what == DESCRIBE:
            self.tabs.setCurrentWidget(self.describe)

    def _hand_over(self, query: str) -> None:
        """A scan that is too long to wait for is a batch's."""
        self.batch.form.propose(query, self.search.target.layers(), self.search.target.kind)
        self.tabs.setCurrentWidget(self.batch)

    def _review(self, job: BatchJob, pair: QueryAndRaster) -> None:
        """The hits of a batch stand in the list of searches."""
        if self._reviews.review(job, pair):
            self.tabs.setCurrentWidget(self.search)
            self.search.results.setFocus()

    def _on_describe_tool(self, active: bool) -> None:
        """What it finds is told on its own tab."""
        if active:
            self.tabs.setCurrentWidget(self.describe)

    def _on_notice(self, notice: Optional[Notice]) -> None:
        bar = self._iface.messageBar()
        if self._said is not None:
            withdraw(bar, self._said)
            self._said = None
        if notice is None:
            return
        if notice.error is not None:
            self._said = show_error(bar, notice.error)
        elif notice.level is NoticeLevel.WARNING:
            self._said = say(bar, tr("MSA Search"), notice.sentence, Qgis.MessageLevel.Warning, _WARNING_S)

    def _choose_worker(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, tr("The worker's program (msa)"))
        if path:
            self._session.choose_worker(path)

    def _open_options(self) -> None:
        self._iface.showOptionsDialog(self._iface.mainWindow(), PAGE_NAME)
