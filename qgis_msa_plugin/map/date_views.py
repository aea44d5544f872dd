"""Two dates beside each other on the map: the earlier one left of a line that is moved, the later right.

The map between dates: one layer shown and the others hidden, by turns.
"""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsMapLayer, QgsMapRendererParallelJob, QgsMapSettings, QgsProject
from qgis.gui import QgsMapCanvas, QgsMapCanvasItem, QgsMapMouseEvent, QgsMapTool
from qgis.PyQt.QtCore import QEvent, QObject, QRectF, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QColor, QImage, QPainter, QPen
from qgis.PyQt.QtWidgets import QWidget

from qgis_msa_plugin.gis.map_tools import MapToolUse, take_off
from qgis_msa_plugin.gis.marks import set_visible

BEAT_MS = 900  # long enough for the map to be drawn and looked at
_ROUNDS_OF_TWO = 2  # of more dates, one


class DateFlicker(QObject):
    """Shows the layers of a question by turns, the earliest first; `release` leaves them as they were."""

    turned = pyqtSignal(int)  # the position of the date that is shown

    def __init__(self, project: QgsProject, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._project = project
        self._layers: tuple[str, ...] = ()
        self._were: dict[str, bool] = {}
        self._left: dict[str, bool] = {}
        self._turns = 0
        self._beat = QTimer(self)
        self._beat.setInterval(BEAT_MS)
        self._beat.timeout.connect(self._turn)

    @property
    def running(self) -> bool:
        """Whether the map changes by itself."""
        return self._beat.isActive()

    @property
    def layers(self) -> tuple[str, ...]:
        """The ids of the layers that are shown by turns."""
        return self._layers

    def between(self, layers: tuple[str, ...]) -> None:
        """Change between these from now on, the earliest first; none leaves the map as it was."""
        if layers == self._layers:
            return
        self.stop()
        for layer, left in self._left.items():
            if self._is_shown(layer) is left:  # else the user has said otherwise
                self._show(layer, self._were[layer])
        self._layers, self._left = layers, {}
        self._were = {layer: self._is_shown(layer) for layer in layers}

    def start(self) -> None:
        """Show each date by turns, two of them again, and rest at the last."""
        if self._layers:
            rounds = _ROUNDS_OF_TWO if len(self._layers) == 2 else 1  # noqa: PLR2004  (before and after)
            self._turns = rounds * len(self._layers)
            self._show_date(0)
            self._beat.start()

    def toggle(self) -> None:
        """Show the next date, after the last the first, and stay there."""
        self.stop()
        self._go_on()

    def pick(self, date: int) -> None:
        """Show that date, and stay there."""
        self.stop()
        if 0 <= date < len(self._layers):
            self._show_date(date)

    def stop(self) -> None:
        """Stay at the date that is shown."""
        self._beat.stop()

    def release(self) -> None:
        """Leave the layers as they were."""
        self.between(())

    def _show_date(self, date: int) -> None:
        """Show the layer in that position, and hide the others."""
        for at, layer in enumerate(self._layers):
            self._left[layer] = at == date
            self._show(layer, at == date)
        self.turned.emit(date)

    def _turn(self) -> None:
        self._go_on()
        self._turns -= 1
        if self._turns <= 1:
            self.stop()

    def _go_on(self) -> None:
        """From the first date that is shown to the next."""
        if self._layers:
            shown = (at for at, layer in enumerate(self._layers) if self._is_shown(layer))
            self._show_date((next(shown, -1) + 1) % len(self._layers))

    def _show(self, layer_id: str, visible: bool) -> None:
        layer = self._project.mapLayer(layer_id)
        if layer is not None:
            set_visible(self._project, layer, visible)

    def _is_shown(self, layer_id: str) -> bool:
        node = self._project.layerTreeRoot().findLayer(layer_id)
        return node is not None and bool(node.itemVisibilityChecked())


_STEP = 0.02  # of the map's width, by a key
_LINE, _EDGE = QColor("#ffffff"), QColor(0, 0, 0, 200)


class DateSwipe(QObject):
    """Drag, or left and right, move the line; escape, or another map tool, ends it.

    The later layer is shown by the map itself; the earlier one is drawn beside the line whenever the map is.
    """

    active = pyqtSignal(bool)

    def __init__(
        self, canvas: QgsMapCanvas, project: QgsProject, dates: DateFlicker, parent: Optional[QObject] = None
    ) -> None:
        super().__init__(parent)
        self._canvas, self._project, self._dates = canvas, project, dates
        self.tool = SwipeTool(canvas)
        self._turns = MapToolUse(canvas, self.tool)
        self._half: Optional[EarlierHalf] = None
        self._job: Optional[QgsMapRendererParallelJob] = None
        self.tool.moved.connect(self._move)
        canvas.mapToolSet.connect(self._on_tool)

    @property
    def running(self) -> bool:
        """Whether there is a line on the map."""
        return self._half is not None

    @property
    def share(self) -> float:
        """Where the line is, from 0 at the map's left to 1."""
        return self._half.share if self._half is not None else 0.0

    def use(self, wanted: bool) -> None:
        """Put the line on the map, if two dates are asked of, or take it away."""
        if wanted and self._earlier() is not None:
            self._turns.use(self.tool, True)
        else:
            self._turns.use(self.tool, False)
            self.active.emit(self.running)

    def toggle(self) -> None:
        """The other of both."""
        self.use(not self.running)

    def release(self) -> None:
        """Take everything off the map."""
        self.use(False)
        self._canvas.mapToolSet.disconnect(self._on_tool)
        self.tool.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys move the line while it is there."""
        if event.type() == QEvent.Type.KeyPress and self._half is not None:
            steps = {Qt.Key.Key_Left: -_STEP, Qt.Key.Key_Right: _STEP}
            key = Qt.Key(event.key())
            if key in steps:
                self._half.move(self._half.share + steps[key])
                return True
            if key == Qt.Key.Key_Escape:
                self.use(False)
                return True
        return bool(super().eventFilter(watched, event))

    def _earlier(self) -> Optional[QgsMapLayer]:
        layers = self._dates.layers
        return self._project.mapLayer(layers[0]) if len(layers) > 1 else None

    def _on_tool(self, tool: Optional[QgsMapTool], _: object = None) -> None:
        if tool is self.tool and self._half is None:
            self._begin()
        elif tool is not self.tool and self._half is not None:
            self._end()

    def _begin(self) -> None:
        self._dates.pick(len(self._dates.layers) - 1)
        self._half = EarlierHalf(self._canvas)
        self._canvas.installEventFilter(self)
        self._canvas.mapCanvasRefreshed.connect(self._draw)
        self._canvas.setFocus()
        self._draw()
        self.active.emit(True)

    def _end(self) -> None:
        self._canvas.mapCanvasRefreshed.disconnect(self._draw)
        self._canvas.removeEventFilter(self)
        self._stop_drawing()
        if self._half is not None:
            take_off(self._canvas, self._half)
        self._half = None
        self.active.emit(False)

    def _move(self, x: float) -> None:
        if self._half is not None:
            self._half.move(x / max(self._canvas.width(), 1))

    def _draw(self) -> None:
        """Have the earlier layer drawn as the map is now, in threads of QGIS."""
        layer = self._earlier()
        if layer is None:
            self.use(False)
            return
        self._stop_drawing()
        settings = QgsMapSettings(self._canvas.mapSettings())
        settings.setLayers([layer])
        self._job = QgsMapRendererParallelJob(settings)
        self._job.finished.connect(self._show)
        self._job.start()

    def _stop_drawing(self) -> None:
        if self._job is not None:
            self._job.finished.disconnect(self._show)
            self._job.cancelWithoutBlocking()
            self._job.deleteLater()
        self._job = None

    def _show(self) -> None:
        if self._job is not None and self._half is not None:
            self._half.show_image(self._job.renderedImage())


class EarlierHalf(QgsMapCanvasItem):
    """The picture of the earlier date, as far as the line, and the line."""

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._image = QImage()
        self.share = 0.5
        self.setZValue(-1)  # below outlines of tiles

    def move(self, share: float) -> None:
        """Have the line there, from 0 at the left to 1."""
        self.share = min(max(share, 0.0), 1.0)
        self.update()

    def show_image(self, image: QImage) -> None:
        """Show this picture of the whole map."""
        self._image = image
        self.update()

    def boundingRect(self) -> QRectF:
        """All of the map."""
        return QRectF(0, 0, self._canvas.width(), self._canvas.height())

    def paint(self, painter: QPainter, option: object = None, widget: Optional[QWidget] = None) -> None:
        """Draw what is left of the line."""
        whole = self.boundingRect()
        left = QRectF(0, 0, whole.width() * self.share, whole.height())
        painter.save()
        painter.setClipRect(left, Qt.ClipOperation.IntersectClip)
        if not self._image.isNull():
            painter.drawImage(whole, self._image)
        painter.restore()
        for colour, width in ((_EDGE, 4), (_LINE, 2)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(left.topRight(), left.bottomRight())


class SwipeTool(QgsMapTool):
    """`moved` tells where the mouse is pressed or dragged to, in pixels from the map's left."""

    moved = pyqtSignal(float)

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self.setCursor(Qt.CursorShape.SplitHCursor)

    def canvasPressEvent(self, event: QgsMapMouseEvent) -> None:
        """The line comes to the mouse."""
        self.moved.emit(float(event.pos().x()))

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        """And follows it."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.moved.emit(float(event.pos().x()))
