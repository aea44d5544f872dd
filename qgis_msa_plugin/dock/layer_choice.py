"""A combo box of raster layers of which one or several are chosen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from qgis.core import QgsMapLayerModel, QgsMapLayerProxyModel, QgsRasterLayer
from qgis.PyQt.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, pyqtSignal
from qgis.PyQt.QtGui import QFontMetrics, QPaintEvent
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from msa_model.protocol.redaction import without_secrets
from qgis_msa_plugin.gis.marks import is_heat_layer
from qgis_msa_plugin.plain_text import tip
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording

_BOX_MARGIN_PX = 6


class LayerChoice(QComboBox):
    """A name chooses that layer alone; its box, or the space bar, adds it or takes it away.

    `chosen` tells the layers whenever they have become others.
    """

    chosen = pyqtSignal(object)  # tuple[QgsRasterLayer, ...]

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._rasters = _Rasters(self)
        self._rasters.setFilters(QgsMapLayerProxyModel.Filter.RasterLayer)
        self._source: QgsMapLayerModel = self._rasters.sourceLayerModel()
        self._source.setItemsCheckable(True)
        self._told: tuple[str, ...] = ()
        self._choosing = False
        self.setModel(self._rasters)
        view = QListView(self)
        self.setView(view)
        self.setItemDelegate(QStyledItemDelegate(view))  # the popup of a style may leave the boxes out
        view.viewport().installEventFilter(self)
        view.installEventFilter(self)
        self.activated.connect(self._choose_row)
        self._rasters.rowsInserted.connect(self.update_choice)
        self._rasters.rowsRemoved.connect(self.update_choice)
        self._rasters.dataChanged.connect(self.update_choice)
        self.update_choice()

    def layers(self) -> tuple[QgsRasterLayer, ...]:
        """The chosen layers, in the list's order."""
        rows = (self._rasters.index(row, 0) for row in range(self._rasters.rowCount()))
        chosen = (self._layer(index) for index in rows if _is_checked(index))
        return tuple(layer for layer in chosen if layer is not None)

    def choose(self, layers: Iterable[QgsRasterLayer]) -> None:
        """Choose these, and no others."""
        wanted = {layer.id() for layer in layers}
        self._choosing = True
        for row in range(self._rasters.rowCount()):
            index = self._rasters.index(row, 0)
            layer = self._layer(index)
            self._check(index, layer is not None and layer.id() in wanted)
        self._choosing = False
        self.update_choice()

    def update_choice(self) -> None:
        """Choose the first layer where none is; tell of another choice."""
        if self._choosing:
            return
        layers = self.layers()
        if not layers and self._rasters.rowCount():
            self._check(self._rasters.index(0, 0), checked=True)  # comes back here
            return
        if layers and self._layer(self._rasters.index(self.currentIndex(), 0)) not in layers:
            self.setCurrentIndex(self._row_of(layers[0]))
        self.setAccessibleDescription(self.currentText())
        self.update()
        ids = tuple(layer.id() for layer in layers)
        if ids != self._told:
            self._told = ids
            self.chosen.emit(layers)

    def currentText(self) -> str:
        """The choice in a few words."""
        names = [layer.name() for layer in self.layers()]
        if len(names) > 2:  # noqa: PLR2004  (more have no room)
            return tr("{n} layers").format(n=wording.count(len(names)))
        return ", ".join(names)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A click on a box leaves the list open."""
        view = self.view()
        released = event.type() == QEvent.Type.MouseButtonRelease and watched is view.viewport()
        if released and self._toggle_at(event.pos()):
            return True
        spaced = event.type() == QEvent.Type.KeyPress and watched is view
        if spaced and event.key() == Qt.Key.Key_Space:
            self._toggle(view.currentIndex())
            return True
        return bool(super().eventFilter(watched, event))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Show the whole choice, as much of it as there is room for."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        edit = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, edit, self).width()
        room -= 0 if option.currentIcon.isNull() else option.iconSize.width() + _BOX_MARGIN_PX
        elide = Qt.TextElideMode.ElideRight
        option.currentText = QFontMetrics(self.font()).elidedText(self.currentText(), elide, room)
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()

    def _choose_row(self, row: int) -> None:
        layer = self._layer(self._rasters.index(row, 0))
        if layer is not None:
            self.choose([layer])

    def _toggle_at(self, place: QPoint) -> bool:
        """Toggle the row whose box is there, if there is one."""
        index = self.view().indexAt(place)
        width = self.style().pixelMetric(QStyle.PixelMetric.PM_IndicatorWidth)
        if not index.isValid() or place.x() > width + _BOX_MARGIN_PX:
            return False
        self._toggle(index)
        return True

    def _toggle(self, index: QModelIndex) -> None:
        checked = _is_checked(index)
        if index.isValid() and not (checked and len(self.layers()) == 1):
            self._check(index, not checked)

    def _check(self, index: QModelIndex, checked: bool) -> None:
        if index.isValid() and _is_checked(index) != checked:
            state = Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked
            self._rasters.setData(index, state, Qt.ItemDataRole.CheckStateRole)

    def _layer(self, index: QModelIndex) -> Optional[QgsRasterLayer]:
        layer = self._source.layerFromIndex(self._rasters.mapToSource(index)) if index.isValid() else None
        return layer if isinstance(layer, QgsRasterLayer) else None

    def _row_of(self, layer: QgsRasterLayer) -> int:
        rows = range(self._rasters.rowCount())
        return next((row for row in rows if self._layer(self._rasters.index(row, 0)) is layer), -1)


class _Rasters(QgsMapLayerProxyModel):
    """Raster layers besides those that show what a search found."""

    def filterAcceptsRow(self, row: int, parent: QModelIndex) -> bool:
        layer = self.sourceLayerModel().layerFromIndex(self.sourceModel().index(row, 0, parent))
        return not is_heat_layer(layer) and bool(super().filterAcceptsRow(row, parent))

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """QGIS's tool tip would take a layer's name for HTML."""
        if role == Qt.ItemDataRole.ToolTipRole:
            layer = self.sourceLayerModel().layerFromIndex(self.mapToSource(index))
            return tip(f"{layer.name()}\n{without_secrets(layer.source())}") if layer is not None else None
        return super().data(index, role)


def _is_checked(index: QModelIndex) -> bool:
    state = index.data(Qt.ItemDataRole.CheckStateRole)
    return state is not None and Qt.CheckState(state) == Qt.CheckState.Checked
