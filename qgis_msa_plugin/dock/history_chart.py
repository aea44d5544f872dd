"""A tile's match score at each date, drawn as a line over time, with a picture of each date below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Callable, Optional

from qgis.PyQt.QtCore import QDate, QEvent, QPointF, QRect, QRectF, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import (
    QColor,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from qgis.PyQt.QtWidgets import QSizePolicy, QToolTip, QWidget

from msa_model.protocol.changing import day_of
from msa_model.protocol.match import LIKELY_FROM, WEAK_FROM, match_of
from qgis_msa_plugin.dock.change_words import date_text
from qgis_msa_plugin.dock.results_delegate import paint_image
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.widgets.match_words import match_colour

_PLOT_PX, _SMALLEST_PX, _LARGEST_PX = 110, 36, 64  # the plot's height; sides of a picture
_GAP, _DOT, _DOT_PICKED = 3, 4.0, 6.0
_MARGIN = 0.08  # of the range of scores, above and below
_GRID_ALPHA = 60


@dataclass(frozen=True)
class TileHistory:
    """Scores at dates in their order, None for gaps, and the threshold above which a date counts."""

    dates: tuple[str, ...] = ()
    scores: tuple[Optional[float], ...] = ()
    threshold: float = WEAK_FROM

    @property
    def days(self) -> list[int]:
        """The day on which each date begins, counted from any one."""
        days = (QDate.fromString(day_of(date), Qt.DateFormat.ISODate) for date in self.dates)
        return [int(day.toJulianDay()) for day in days]

    @property
    def range(self) -> tuple[float, float]:
        """What the score's axis reaches from and to: the scores, the threshold, weak and likely."""
        known = [score for score in self.scores if score is not None]
        low, high = min([*known, self.threshold, WEAK_FROM]), max([*known, self.threshold, LIKELY_FROM])
        more = _MARGIN * (high - low)
        return low - more, high + more

    def text(self) -> str:
        """All of it in words."""
        above = tr("Counts from match score {n} on.").format(n=wording.decimal(self.threshold, 1))
        return "; ".join([*map(date_text, self.dates, self.scores), above])


def columns_in(history: TileHistory, where: QRectF) -> list[float]:
    """Where each date is on the axis: time goes to the right."""
    days = history.days
    if len(days) == 1:
        return [where.center().x()]
    first, span = min(days, default=0), max(max(days, default=1) - min(days, default=0), 1)
    return [where.left() + where.width() * (day - first) / span for day in days]


def points_in(history: TileHistory, where: QRectF) -> list[Optional[QPointF]]:
    """Where each date's score is drawn; gaps have no point."""
    ends = history.range
    return [
        None if score is None else QPointF(x, height_of(score, ends, where))
        for x, score in zip(columns_in(history, where), history.scores)
    ]


def height_of(score: float, ends: tuple[float, float], where: QRectF) -> float:
    """Where a score lies on the axis."""
    low, high = ends
    return where.bottom() - where.height() * (score - low) / (high - low)


def pictures_in(count: int, current: int, where: QRect) -> dict[int, QRect]:
    """Where the pictures of dates are, side by side; of more than fit, those around the current one."""
    if not count:
        return {}
    side = max(min((where.width() + _GAP) // count - _GAP, _LARGEST_PX), _SMALLEST_PX)
    fitting = max(min((where.width() + _GAP) // (side + _GAP), count), 1)
    first = min(max(current - fitting // 2, 0), count - fitting)
    return {
        first + at: QRect(where.left() + at * (side + _GAP), where.top(), side, side) for at in range(fitting)
    }


class HistoryChart(QWidget):
    """Left and right go from date to date, as a click on a point or picture does; `picked` tells which."""

    picked = pyqtSignal(int)

    def __init__(self, picture: Callable[[int], Optional[QImage]], parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("msaHistory")
        self._picture, self._history, self._current = picture, TileHistory(), 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Match score over time"))

    @property
    def current(self) -> int:
        """The position of the date that is marked."""
        return self._current

    def show_history(self, history: TileHistory) -> None:
        """Draw this one; the date that is marked stays where it can."""
        self._history = history
        self.mark(min(self._current, max(len(history.dates) - 1, 0)))

    def mark(self, date: int) -> None:
        """Mark a date without telling."""
        self._current = date
        self.setAccessibleDescription(f"{self._told(date)}. {self._history.text()}")
        self.update()

    def sizeHint(self) -> QSize:
        """Room for plot, axis and pictures."""
        return QSize(200, _PLOT_PX + 2 * self.fontMetrics().height() + _LARGEST_PX + 2 * _GAP)

    def minimumSizeHint(self) -> QSize:
        """As narrow as a few dates."""
        return QSize(120, self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left, right, home and end go to a date."""
        last = len(self._history.dates) - 1
        steps = {
            Qt.Key.Key_Left: self._current - 1,
            Qt.Key.Key_Right: self._current + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        date = steps.get(Qt.Key(event.key()))
        if date is None:
            super().keyPressEvent(event)
        elif 0 <= date <= last:
            self._pick(date)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The date of the picture that is clicked, else the nearest in time."""
        date = self._date_at(event.pos())
        if date is not None and event.button() == Qt.MouseButton.LeftButton:
            self._pick(date)

    def event(self, event: QEvent) -> bool:
        """The date under the mouse in words."""
        if event.type() == QEvent.Type.ToolTip:
            date = self._date_at(event.pos())
            QToolTip.showText(event.globalPos(), self._told(date) if date is not None else "", self)
            return True
        return bool(super().event(event))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw axis, threshold, line and pictures in the palette's colours."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._history.dates:
            self._paint_axis(painter)
            self._paint_line(painter)
            self._paint_pictures(painter)
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 1, Qt.PenStyle.DotLine))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _plot(self) -> QRectF:
        """Left of it stand the scores, below it the dates."""
        metrics = self.fontMetrics()
        left = metrics.horizontalAdvance(wording.decimal(-0.5, 1)) + 2 * _GAP
        right = metrics.horizontalAdvance("2020") / 2 + _GAP
        top = metrics.height() / 2
        return QRectF(left, top, max(self.width() - left - right, 1), _PLOT_PX - top)

    def _paint_axis(self, painter: QPainter) -> None:
        plot, ends = self._plot(), self._history.range
        ink = self.palette().color(QPalette.ColorRole.WindowText)
        faint = QColor(ink)
        faint.setAlpha(_GRID_ALPHA)
        threshold = self._history.threshold
        for score in sorted({WEAK_FROM, LIKELY_FROM, threshold}):
            y = height_of(score, ends, plot)
            style = Qt.PenStyle.DashLine if score == threshold else Qt.PenStyle.SolidLine
            painter.setPen(QPen(ink if score == threshold else faint, 1, style))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(ink)
            height = self.fontMetrics().height()
            room = QRectF(0, y - height / 2, plot.left() - _GAP, height)
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, _axis(score))
        columns, top = columns_in(self._history, plot), plot.bottom() + _GAP
        for text, room in labels_in(self._history, columns, self.fontMetrics(), top):
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_line(self, painter: QPainter) -> None:
        plot = self._plot()
        columns, points = columns_in(self._history, plot), points_in(self._history, plot)
        accent = self.palette().color(QPalette.ColorRole.Highlight)
        ink = self.palette().color(QPalette.ColorRole.WindowText)
        painter.setPen(QPen(accent, 1))
        x = columns[self._current]
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        painter.setPen(QPen(ink, 2))
        for one, other in zip(points, points[1:]):
            if one is not None and other is not None:
                painter.drawLine(one, other)
        for at, (point, score) in enumerate(zip(points, self._history.scores)):
            painter.setPen(QPen(accent if at == self._current else ink, 1))
            if point is None or score is None:
                self._paint_gap(painter, columns[at], plot.bottom())
            else:
                painter.setBrush(match_colour(match_of(score)))
                radius = _DOT_PICKED if at == self._current else _DOT
                painter.drawEllipse(point, radius, radius)

    def _paint_gap(self, painter: QPainter, x: float, bottom: float) -> None:
        """A cross on the axis: at this date there is no data."""
        for sign in (-1, 1):
            arm = QPointF(_DOT, sign * _DOT)
            painter.drawLine(QPointF(x, bottom - _DOT) - arm, QPointF(x, bottom - _DOT) + arm)

    def _pictures(self) -> dict[int, QRect]:
        top = _PLOT_PX + self.fontMetrics().height() + 2 * _GAP
        room = QRect(_GAP, top, self.width() - 2 * _GAP, _LARGEST_PX)
        return pictures_in(len(self._history.dates), self._current, room)

    def _paint_pictures(self, painter: QPainter) -> None:
        palette = self.palette()
        for date, where in self._pictures().items():
            gap = self._history.scores[date] is None
            paint_image(painter, where, None if gap else self._picture(date), palette)
            if gap:
                painter.fillRect(where, Qt.BrushStyle.BDiagPattern)
            picked = date == self._current
            role = QPalette.ColorRole.Highlight if picked else QPalette.ColorRole.Mid
            painter.setPen(QPen(palette.color(role), 3 if picked else 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(where.adjusted(1, 1, -1, -1))

    def _date_at(self, place: QPointF) -> Optional[int]:
        for date, where in self._pictures().items():
            if where.contains(place):
                return date
        columns = columns_in(self._history, self._plot())
        if not columns or place.y() > _PLOT_PX + self.fontMetrics().height():
            return None
        return min(range(len(columns)), key=lambda at: abs(columns[at] - place.x()))

    def _told(self, date: int) -> str:
        history = self._history
        return date_text(history.dates[date], history.scores[date]) if date < len(history.dates) else ""

    def _pick(self, date: int) -> None:
        self.mark(date)
        self.picked.emit(date)


def labels_in(
    history: TileHistory, columns: Sequence[float], metrics: QFontMetrics, top: float
) -> Iterator[tuple[str, QRectF]]:
    """The years below the axis, as many as have room: the first, the last, and what fits between."""
    width, height = metrics.horizontalAdvance("2020") + 2 * _GAP, metrics.height()
    taken: list[float] = []
    last = len(columns) - 1
    for at in (0, last, *range(1, last)):
        if all(abs(columns[at] - other) >= width for other in taken):
            taken.append(columns[at])
            yield history.dates[at][:4], QRectF(columns[at] - width / 2, top, width, height)


def _axis(score: float) -> str:
    return wording.decimal(score, 0 if score == round(score) else 1)
