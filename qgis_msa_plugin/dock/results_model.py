"""The hits that are shown, as rows."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Optional, Union

from qgis.PyQt.QtCore import QAbstractListModel, QModelIndex, QObject, Qt

from msa_model.protocol.changing import ChangeHit, SeriesHit, SeriesReply
from msa_model.protocol.hit_table import HitTable
from msa_model.protocol.messages import Hit
from qgis_msa_plugin.dock.change_words import change_details, change_text, history_details, history_text
from qgis_msa_plugin.plain_text import tip
from qgis_msa_plugin.search.changed import tile_after, tile_at
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.search.thumbnails import Thumbnails
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.widgets.match_words import match_share, match_text, scale_text

HIT_ROLE = int(Qt.ItemDataRole.UserRole)
SHARE_ROLE = HIT_ROLE + 1  # 0 to 1: how long the score's bar is
SCORE_ROLE = HIT_ROLE + 2  # the score in words
PLACE_ROLE = HIT_ROLE + 3  # size and kind in words
JUDGEMENT_ROLE = HIT_ROLE + 4
NUMBER_ROLE = HIT_ROLE + 5  # by place or by rank, as on the map
MATCH_ROLE = HIT_ROLE + 6  # how well it matches; None before there is a verdict
AFTER_ROLE = HIT_ROLE + 7  # of two dates, the picture of the later one
DATES_ROLE = HIT_ROLE + 8  # 1 or 2: how many dates a row shows


class ResultsModel(QAbstractListModel):
    """One row per shown hit, by rank; a picture is asked for when its row is first painted."""

    def __init__(self, state: SearchState, thumbnails: Thumbnails, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._state = state
        self._thumbnails = thumbnails
        self._table: Optional[HitTable] = None
        self._rows: Sequence[int] = ()
        thumbnails.arrived.connect(self._repaint)
        state.results_changed.connect(self.update_rows)
        state.shown_changed.connect(self.update_rows)
        state.judgements_changed.connect(self._repaint)
        self.update_rows()

    def update_rows(self, _: object = None) -> None:
        """Take over what is shown; rows that stay keep their place on screen."""
        results = self._state.results
        table = results.table if results is not None else None
        rows = self._state.shown.rows
        if table is None or (len(rows) and rows[-1] >= len(table)):  # answer and filter come one by one
            rows = ()
        before, after = len(self._rows), len(rows)
        if after < before:
            self.beginRemoveRows(QModelIndex(), after, before - 1)
            self._table, self._rows = table, rows
            self.endRemoveRows()
        elif after > before:
            self.beginInsertRows(QModelIndex(), before, after - 1)
            self._table, self._rows = table, rows
            self.endInsertRows()
        self._table, self._rows = table, rows
        self._repaint()

    def rank(self, row: int) -> int:
        """The rank of the hit in that row."""
        return self._rows[row] + 1

    def row_of(self, rank: Optional[int]) -> int:
        """The row of a rank; -1 where it is not shown."""
        if rank is None:
            return -1
        row = bisect_left(self._rows, rank - 1)
        return row if row < len(self._rows) and self._rows[row] == rank - 1 else -1

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        """How many hits are shown."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """What views and screen readers show of a hit."""
        if not index.isValid() or self._table is None or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role in (HIT_ROLE, Qt.ItemDataRole.DecorationRole):
            hit = self._table.hit(row)
            return hit if role == HIT_ROLE else self._thumbnails.image(hit)
        if role in (AFTER_ROLE, DATES_ROLE):
            return self._of_dates(row, role)
        if role in (SHARE_ROLE, MATCH_ROLE):
            table = self._table
            return table.match(row) if role == MATCH_ROLE else bar_share(table, row, self._rows[0])
        if role in (JUDGEMENT_ROLE, NUMBER_ROLE):
            tell = self._state.number if role == NUMBER_ROLE else self._state.judgement
            return tell(row + 1)
        return self._text(self._table, row, role)

    def _text(self, table: HitTable, row: int, role: int) -> Optional[str]:
        if role == SCORE_ROLE:
            return score_text(table, row)
        place = self._place(table, row)
        if role == PLACE_ROLE:
            return place
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{self._state.number(row + 1)} · {score_text(table, row)} · {place}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(self._details(table, row))
        return None

    def _place(self, table: HitTable, row: int) -> str:
        told = self._of_several(row)
        if isinstance(told, ChangeHit):
            return change_text(told)
        return place_text(table, row) if told is None else history_text(told, self._series())

    def _details(self, table: HitTable, row: int) -> str:
        told = self._of_several(row)
        if isinstance(told, ChangeHit):
            return change_details(told)
        return _tool_tip(table.hit(row), table) if told is None else history_details(told, self._series())

    def _of_dates(self, row: int, role: int) -> object:
        """Of many dates, a row shows the first and the last."""
        told = self._of_several(row)
        if role == DATES_ROLE:
            return 1 if told is None else 2
        if told is None:
            return None
        tile = tile_after(told) if isinstance(told, ChangeHit) else tile_at(self._series(), told, -1)
        return self._thumbnails.of_tile(tile)

    def _of_several(self, row: int) -> Union[ChangeHit, SeriesHit, None]:
        """What the row says of several dates; an answer and its rows come one by one."""
        results = self._state.results
        if results is None or results.table is not self._table:
            return None
        return results.changed(row) or results.history(row)

    def _series(self) -> SeriesReply:
        results = self._state.results
        if results is None or results.series is None:
            raise RuntimeError("The answer is about no series.")
        return results.series

    def _repaint(self, _: object = None) -> None:
        if len(self._rows):
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))


def bar_share(table: HitTable, row: int, best: int) -> float:
    """How well a hit matches, whatever else is shown; before a verdict, beside the best cosine shown."""
    match_score = table.match_score(row)
    if match_score is not None:
        return match_share(match_score)
    highest = table.scores[best]
    return min(max(table.scores[row] / highest, 0.0), 1.0) if highest > 0 else 0.0


def score_text(table: HitTable, row: int) -> str:
    """'likely match'; that nothing is said where there is no verdict."""
    return match_text(table.match(row)) or tr("not judged yet")


def place_text(table: HitTable, row: int) -> str:
    """The tile's size, and what it looks like where that is known."""
    size, phrase = wording.metres(table.scale_m(row)), table.phrase(row)
    return f"{size} · {phrase}" if phrase else tr("{scale} wide").format(scale=size)


def _tool_tip(hit: Hit, table: HitTable) -> str:
    lines = [
        tr("Rank {rank} of all tiles: cosine {score} between query and tile.").format(
            rank=wording.count(hit.rank), score=wording.decimal(hit.score, 4)
        )
    ]
    if hit.match_score is not None:
        text = tr(
            "Match score {score}: how far the tile stands above what other phrases reach on this raster."
        )
        lines += [text.format(score=wording.decimal(hit.match_score, 2)), scale_text()]
    if hit.phrase:
        lines.append(tr("Described best by “{phrase}”.").format(phrase=hit.phrase))
    text = tr("The tile is {scale} wide on the ground; {share} % of its pixels hold data.")
    share = wording.decimal(100 * hit.valid, 0)
    lines.append(text.format(scale=wording.metres(hit.scale_m), share=share))
    lines.append(
        tr("Click to go there. Keys: A accepts, R rejects, U takes back, J and K move, S finds similar.")
    )
    return "\n".join(lines)
