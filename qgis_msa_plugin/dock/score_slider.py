"""A slider over the scores of an answer, at the foot of their histogram."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from qgis.PyQt.QtCore import QRect, QRectF, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from qgis.PyQt.QtWidgets import QSlider, QStyle, QStyleOptionSlider, QVBoxLayout, QWidget

from qgis_msa_plugin.translate import tr

STEPS = 200
BINS = 40
_HISTOGRAM_PX = 18
_GROOVE_PX, _HANDLE_PX = 3, 12
_RIM_PX = 1.5
_FAINT = 70


class ScoreSlider(QWidget):
    """`threshold_moved` tells the least score that is wanted, None at the left end: all of them."""

    threshold_moved = pyqtSignal(object)  # Optional[float]

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._low, self._high = 0.0, 1.0
        self.slider = _Slider(Qt.Orientation.Horizontal, self)
        self.slider.setObjectName("msaThreshold")
        self.slider.setAccessibleName(tr("Least score"))
        self.slider.setRange(0, STEPS)
        self.slider.setPageStep(STEPS // 10)
        self._histogram = _Histogram(self.slider, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._histogram)
        column.addWidget(self.slider)
        self.slider.valueChanged.connect(self._on_moved)

    def set_scores(self, scores: Sequence[float]) -> None:
        """Span these scores; the handle keeps its place until `set_threshold` puts it elsewhere."""
        self._low, self._high = (min(scores), max(scores)) if len(scores) else (0.0, 1.0)
        self._histogram.show_bins(histogram(scores, self._low, self._high, BINS))

    def threshold(self) -> Optional[float]:
        """The score under the handle."""
        if self.slider.value() == 0:
            return None
        return self._low + (self._high - self._low) * self.slider.value() / STEPS

    def set_threshold(self, threshold: Optional[float]) -> None:
        """Put the handle there, without telling."""
        span = self._high - self._low
        share = (threshold - self._low) / span if threshold is not None and span > 0 else 0.0
        was = self.slider.blockSignals(True)
        self.slider.setValue(round(STEPS * min(max(share, 0.0), 1.0)))
        self.slider.blockSignals(was)
        self._histogram.update()

    def _on_moved(self) -> None:
        self._histogram.update()
        self.threshold_moved.emit(self.threshold())


class _Slider(QSlider):
    """The groove is coloured where scores pass: right of the handle, as above it, in every theme."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        handle = QRectF(self._handle())
        groove = QRectF(0, handle.center().y() - _GROOVE_PX / 2, self.width(), _GROOVE_PX)
        groove.adjust(handle.width() / 2, 0, -handle.width() / 2, 0)
        colours, on = self.palette(), self.isEnabled()
        passing = colours.color(QPalette.ColorRole.Highlight if on else QPalette.ColorRole.Mid)
        painter.fillRect(groove, faint(colours))
        groove.setLeft(handle.center().x())
        painter.fillRect(groove, passing)
        rim = QPalette.ColorRole.WindowText if self.hasFocus() else QPalette.ColorRole.Window
        painter.setPen(QPen(colours.color(rim), _RIM_PX))
        painter.setBrush(passing)
        middle = QRectF(0, 0, _HANDLE_PX, _HANDLE_PX)
        middle.moveCenter(handle.center())
        painter.drawEllipse(middle)
        painter.end()

    def _handle(self) -> QRect:
        """Where the style looks for the mouse."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        part = QStyle.SubControl.SC_SliderHandle
        return self.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, part, self)


class _Histogram(QWidget):
    """Bars of what passes in full colour, of the rest faintly; a click or drag moves the slider."""

    def __init__(self, slider: QSlider, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedHeight(_HISTOGRAM_PX)
        self._slider = slider
        self._bins: tuple[float, ...] = ()

    def show_bins(self, bins: tuple[float, ...]) -> None:
        self._bins = bins
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._move_to(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._move_to(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        margin = self._margin()
        width = (self.width() - 2 * margin) / max(len(self._bins), 1)
        hidden = faint(self.palette())
        passing = self.palette().color(QPalette.ColorRole.Highlight)
        for place, share in enumerate(self._bins):
            passes = (place + 1) * STEPS / len(self._bins) > self._slider.value()
            height = max(share * self.height(), 1.0 if share else 0.0)
            bar = QRectF(margin + place * width, self.height() - height, max(width - 1, 1), height)
            painter.fillRect(bar, passing if passes else hidden)
        painter.end()

    def _margin(self) -> float:
        """Half a handle: its middle never reaches the ends."""
        return self._slider.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength) / 2

    def _move_to(self, event: QMouseEvent) -> None:
        span = max(round(self.width() - 2 * self._margin()), 1)
        place = round(event.pos().x() - self._margin())
        self._slider.setValue(QStyle.sliderValueFromPosition(0, STEPS, place, span))


def faint(palette: QPalette) -> QColor:
    """The text's colour, hardly there."""
    colour = QColor(palette.color(QPalette.ColorRole.WindowText))
    colour.setAlpha(_FAINT)
    return colour


def histogram(scores: Sequence[float], low: float, high: float, bins: int) -> tuple[float, ...]:
    """How many scores there are in each of `bins` equal parts of [low, high], the fullest being 1."""
    if high <= low or not len(scores):
        return ()
    counts = [0] * (bins + 1)
    scale = bins / (high - low)
    for score in scores:
        counts[int((score - low) * scale)] += 1
    counts[bins - 1] += counts.pop()
    fullest = max(counts)
    return tuple(count / fullest for count in counts)
