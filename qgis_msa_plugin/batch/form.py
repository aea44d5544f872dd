"""What a new batch scan is made of.

What a batch scan asks: typed lines, and a watch-list file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Callable, Optional

from qgis.core import QgsApplication, QgsMapLayer, QgsProject
from qgis.gui import QgisInterface, QgsFileWidget
from qgis.PyQt.QtCore import QDir, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QShowEvent
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from msa_model.protocol.batch import BatchRequest, WatchedQuery
from msa_model.protocol.errors import BadArgument, MsaError, QueryEmpty, QueryNotUnderstood
from msa_model.protocol.hit_filter import DEPTH
from msa_model.protocol.match import LIKELY_FROM, STRONG_FROM, WEAK_FROM
from msa_model.protocol.query import is_about_dates, parse_change, parse_query
from qgis_msa_plugin.batch.area_bar import AreaBar
from qgis_msa_plugin.batch.costs import CostLabel
from qgis_msa_plugin.batch.queue import BatchQueue
from qgis_msa_plugin.batch.raster_list import PairBar, RasterList
from qgis_msa_plugin.errors import error_line
from qgis_msa_plugin.gis.areas import AreaKind
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets.match_words import scale_text
from qgis_msa_plugin.widgets.wrapped_label import WrappedLabel

_LINES = 4


class QueryText(QWidget):
    """A query a line; empty lines count for nothing."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.text = QPlainTextEdit(self)
        self.text.setObjectName("msaBatchQueries")
        self.text.setAccessibleName(tr("Queries, one a line"))
        self.text.setPlaceholderText(
            tr("One query a line, for example:\na swimming pool\ntennis court + trees")
        )
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(self.text.fontMetrics().lineSpacing() * _LINES + 2 * _LINES)
        self.text.setToolTip(tr("What to look for: each line is a query of its own, in the search's grammar"))
        self.file = QgsFileWidget(self)
        self.file.setObjectName("msaBatchWatchList")
        self.file.setFilter(tr("Watch-lists (*.csv *.txt)"))
        self.file.setDialogTitle(tr("Watch-list"))
        self.file.lineEdit().setAccessibleName(tr("Watch-list"))
        self.file.lineEdit().setPlaceholderText(tr("and a watch-list (CSV), if any"))
        self.file.setToolTip(
            tr("A CSV file with a column 'query' (and 'name', 'min_score'), or a text file, a query a line")
        )
        self.setFocusProxy(self.text)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.text)
        column.addWidget(self.file)

    def add(self, query: str) -> None:
        """Ask this, too."""
        lines = self.text.toPlainText().splitlines()
        if query and query not in lines:
            self.text.setPlainText("\n".join([*filter(str.strip, lines), query]))

    def watch_list(self) -> Optional[str]:
        """The file, if one is named.

        Raises:
            watch_list_unreadable: there is no such file.
        """
        path = self.file.filePath().strip()
        if path and not Path(path).is_file():
            raise MsaError.of("watch_list_unreadable", tr("There is no file {path}.").format(path=path))
        return path or None

    def queries(self) -> tuple[WatchedQuery, ...]:
        """The typed queries, each once.

        Raises:
            QueryEmpty: there is none, and no watch-list either.
            QueryNotUnderstood: a line is not in the grammar; the sentence names it.
        """
        lines = self.text.toPlainText().splitlines()
        queries = [_checked(" ".join(line.split()), number) for number, line in enumerate(lines, 1)]
        asked = tuple(dict.fromkeys(query for query in queries if query))
        if not asked and self.watch_list() is None:
            raise QueryEmpty(tr("There is no query: type one a line, or choose a watch-list."))
        return tuple(WatchedQuery(query) for query in asked)


def _checked(query: str, number: int) -> str:
    try:
        if query:
            (parse_change if is_about_dates(query) else parse_query)(query)
    except QueryNotUnderstood as error:
        text = tr("Line {number}: {sentence}").format(number=number, sentence=error.sentence)
        raise QueryNotUnderstood(text) from error
    return query


SETTLE_MS = 300  # the form is left alone this long before its cost is asked for
_HITS = 20
_ICON_PX = 16
_MATCH_LETTERS = 5  # of a longer word the end is seen where there is room


class BatchForm(QWidget):
    """`submitted` tells a name and a request; what is wrong is said in the form."""

    submitted = pyqtSignal(str, object)  # name, BatchRequest

    def __init__(
        self,
        iface: QgisInterface,
        settings: Callable[[], Settings],
        queue: BatchQueue,
        parent: Optional[QWidget] = None,
    ) -> None:
        super().__init__(parent)
        self._settings, self._queue = settings, queue
        self.rasters = RasterList(self)
        self.pair = PairBar(self)
        self.queries = QueryText(self)
        self.area = AreaBar(iface, self._layers, self)
        self._make_output()
        self.cost = CostLabel(queue.costs, self)
        self._settle = QTimer(self)
        self._settle.setInterval(SETTLE_MS)
        self._settle.setSingleShot(True)
        self._settle.timeout.connect(self._ask_costs)
        self._lay_out()
        self.start.clicked.connect(self.submit)
        QgsProject.instance().cleared.connect(self._forget_problem)
        for part in (self.rasters, self.pair, self.area):
            part.changed.connect(self._settle.start)
        self.propose_output()

    def showEvent(self, event: QShowEvent) -> None:
        """What was indexed meanwhile costs nothing any more."""
        super().showEvent(event)
        self._settle.start()

    def request(self) -> BatchRequest:
        """What the form says.

        Raises:
            MsaError: a part is missing or makes no sense.
        """
        out = self._out()
        return replace(
            self._scans(),
            out=str(out),
            queries=self.queries.queries(),
            watch_list=self.queries.watch_list(),
            report=str(out.with_suffix(".html")) if self.report.isChecked() else None,
            k=self.hits.value(),
            merge=self.merge.isChecked(),
            min_score=self.match.currentData(),
            styles=self.rasters.styles(),
        )

    def _scans(self) -> BatchRequest:
        """The part that costs: rasters, area and tiles; errors as of `request`."""
        area = self.area.area()
        how = (area, self._queue.gsd_m, self._queue.shares_files)
        pairs = self.pair.pairs(*how)
        rasters = () if pairs and self.rasters.is_empty() else self.rasters.sources(*how)
        return BatchRequest(rasters, "", aoi=area, settings=self._settings().scan(), pairs=pairs)

    def ask_costs_soon(self) -> None:
        """What is indexed may have changed."""
        self._queue.costs.forget()
        self._settle.start()

    def _ask_costs(self) -> None:
        """Tell the cost of what is ticked; what is not filled in yet is no failure."""
        if not self.isVisible():
            return
        try:
            self._queue.costs.ask(self._scans())
        except MsaError:
            self._queue.costs.forget()

    def submit(self) -> None:
        """Tell the request, or what is wrong with it."""
        try:
            request = self.request()
        except MsaError as error:
            self.complain(error)
            return
        self._forget_problem()
        self.submitted.emit(Path(request.out).stem, request)

    def complain(self, error: MsaError) -> None:
        """Say what is wrong."""
        self.problem.setText(error_line(error))
        self.problem.show()
        self._warning.show()

    def propose_output(self) -> None:
        """A file beside the project that is not there yet."""
        folder = QgsProject.instance().absolutePath() or QDir.homePath()
        stamp = datetime.now().strftime("%Y-%m-%d_%H%M%S")
        self.out.setFilePath(str(Path(folder) / f"scan_{stamp}.gpkg"))

    def propose(self, query: str, layers: Iterable[QgsMapLayer], area: AreaKind) -> None:
        """Ask this of these layers and that area, besides the queries that stand there already."""
        self.area.propose(area)
        self.rasters.tick_layers(layer.id() for layer in layers)
        self.queries.add(query)

    def release(self) -> None:
        """Let go of map and project."""
        QgsProject.instance().cleared.disconnect(self._forget_problem)
        self._settle.stop()
        self.cost.release()
        self.area.release()
        self.pair.release()
        self.rasters.release()

    def _forget_problem(self) -> None:
        """What was said of a project goes with it."""
        self.problem.hide()
        self._warning.hide()

    def _layers(self) -> list[QgsMapLayer]:
        return self.rasters.layers() if self.rasters.all_are_layers() else []

    def _out(self) -> Path:
        text = self.out.filePath().strip()
        if not text:
            raise BadArgument(tr("No file is named for the results."))
        path = Path(text).expanduser().absolute()
        if path.suffix.lower() != ".gpkg":
            path = path.with_name(path.name + ".gpkg")
        if not path.parent.is_dir():
            raise BadArgument(tr("There is no folder {path} for the results.").format(path=path.parent))
        return path

    def _make_output(self) -> None:
        self.out = QgsFileWidget(self)
        self.out.setObjectName("msaBatchOut")
        self.out.setStorageMode(QgsFileWidget.StorageMode.SaveFile)
        self.out.setFilter(tr("GeoPackage (*.gpkg)"))
        self.out.setConfirmOverwrite(False)  # the same file goes on where it ended
        self.out.setToolTip(tr("GeoPackage that takes the hits as they come"))
        self.report = QCheckBox(tr("HTML report"), self)
        self.report.setObjectName("msaBatchReport")
        self.report.setChecked(True)
        self.report.setToolTip(tr("Write a page with counts, areas and pictures beside the GeoPackage"))
        self._make_hits()
        self._make_start()

    def _make_hits(self) -> None:
        self.merge = QCheckBox(tr("one per place"), self)
        self.merge.setObjectName("msaBatchMerge")
        self.merge.setChecked(True)
        self.merge.setToolTip(tr("Of tiles that overlap, at whichever scale, only the best is kept"))
        self.hits = QSpinBox(self)
        self.hits.setObjectName("msaBatchHits")
        self.hits.setRange(1, DEPTH)
        self.hits.setValue(_HITS)
        self.hits.setPrefix(tr("best") + " ")
        self.hits.setAccessibleName(tr("Hits per query and raster"))
        self.hits.setToolTip(tr("At most so many hits per query and raster"))
        self.match = QComboBox(self)
        self.match.setObjectName("msaBatchMatch")
        self.match.setAccessibleName(tr("Least match"))
        self.match.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.match.setMinimumContentsLength(_MATCH_LETTERS)
        self.match.addItem(tr("every match"), None)
        self.match.addItem(tr("weak and better"), WEAK_FROM)
        self.match.addItem(tr("likely and better"), LIKELY_FROM)
        self.match.addItem(tr("strong only"), STRONG_FROM)
        self.match.setToolTip(tr("Leave out hits that match less.") + " " + scale_text())

    def _make_start(self) -> None:
        self.start = QPushButton(QgsApplication.getThemeIcon("/mActionStart.svg"), tr("Start sca&n"), self)
        self.start.setObjectName("msaBatchStart")
        self.start.setToolTip(tr("Queue this scan; it goes on when QGIS or the machine went down"))
        self.problem = WrappedLabel("msaBatchProblem", self)
        self.problem.hide()
        self._warning = QLabel(self)
        self._warning.setTextFormat(Qt.TextFormat.PlainText)
        self._warning.setPixmap(QgsApplication.getThemeIcon("/mIconWarning.svg").pixmap(_ICON_PX, _ICON_PX))
        self._warning.hide()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(QLabel(tr("Rasters")), self.pair.on)
        form.addRow(self.rasters)
        form.addRow(self.pair)
        form.addRow(_label(tr("&Queries"), self.queries.text))
        form.addRow(self.queries)
        form.addRow(_label(tr("&Area"), self.area.choice), self.area)
        form.addRow(_label(tr("Resul&ts"), self.out.lineEdit()), self.out)
        form.addRow(self._choices())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(form)
        row = QHBoxLayout()
        row.addWidget(self._warning, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.problem, 1)
        column.addLayout(row)
        column.addWidget(self.start)  # above what the costs take, so that it stays where it is
        column.addWidget(self.cost)

    def _choices(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(self.hits, 0, 0)
        grid.addWidget(self.merge, 0, 1)
        grid.addWidget(self.match, 1, 0)
        grid.addWidget(self.report, 1, 1)
        return grid


def _label(text: str, buddy: QWidget) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setBuddy(buddy)
    return label
