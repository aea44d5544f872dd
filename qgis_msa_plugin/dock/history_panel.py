"""How the selected place went over the dates of a series: the chart, a line of words, what to ask next."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QImage
from qgis.PyQt.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from msa_model.protocol.changing import SeriesHit
from qgis_msa_plugin.dock.change_words import history_details, history_text
from qgis_msa_plugin.dock.fold_line import ElidedLabel
from qgis_msa_plugin.dock.history_chart import HistoryChart, TileHistory
from qgis_msa_plugin.plain_text import tip
from qgis_msa_plugin.search.changed import tile_at
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.search.thumbnails import Thumbnails
from qgis_msa_plugin.translate import tr

_LEAST_DATES = 3  # of histories that are compared


class HistoryPanel(QWidget):
    """Hidden unless a hit of a series is selected; `date_wanted` tells the date that the map is to show."""

    date_wanted = pyqtSignal(int)
    alike_wanted = pyqtSignal(int)  # the rank of the place that others are to go like

    def __init__(self, state: SearchState, thumbnails: Thumbnails, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state, self._thumbnails = state, thumbnails
        self.told = ElidedLabel(self)
        self.told.setObjectName("msaHistoryText")
        self.alike = QPushButton(tr("Places that went like this one"), self)
        self.alike.setObjectName("msaAlike")
        self.alike.setToolTip(tr("Rank all places by how alike their scores go over the dates"))
        self.chart = HistoryChart(self._picture, self)
        row = QHBoxLayout()
        row.addWidget(self.told, 1)
        row.addWidget(self.alike, 0, Qt.AlignmentFlag.AlignRight)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.chart)
        column.addLayout(row)
        self.chart.picked.connect(self.date_wanted)
        self.alike.clicked.connect(self._ask_alike)
        thumbnails.arrived.connect(self.chart.update)
        for signal in (state.results_changed, state.selected_rank_changed):
            signal.connect(self.update_history)
        self.update_history()

    def update_history(self, _: object = None) -> None:
        """Show what the state says of the selected hit."""
        results, hit = self._state.results, self._hit()
        self.setVisible(hit is not None)
        if results is None or results.series is None or hit is None:
            return
        self.alike.setEnabled(len(results.series.dates) >= _LEAST_DATES)
        dates = results.question.dates
        threshold = dates.threshold if dates is not None else 0.0
        self.chart.show_history(TileHistory(results.series.dates, hit.scores, threshold))
        self.told.say(history_text(hit, results.series))
        self.told.setToolTip(tip(history_details(hit, results.series)))

    def _hit(self) -> Optional[SeriesHit]:
        results, rank = self._state.results, self._state.selected_rank
        if results is None or rank is None or not 0 < rank <= len(results.table):
            return None
        return results.history(rank - 1)

    def _picture(self, date: int) -> Optional[QImage]:
        results, hit = self._state.results, self._hit()
        if results is None or results.series is None or hit is None:
            return None
        return self._thumbnails.of_tile(tile_at(results.series, hit, date))

    def _ask_alike(self) -> None:
        if self._state.selected_rank is not None:
            self.alike_wanted.emit(self._state.selected_rank)
