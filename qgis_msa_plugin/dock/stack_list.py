"""The layers of a series: those that are ticked, each with its date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Optional

from qgis.core import QgsLayerTreeGroup, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QEvent, QModelIndex, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QDoubleSpinBox,
    QGridLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from msa_model.protocol.match import STRONG_FROM, WEAK_FROM
from qgis_msa_plugin.gis.hit_form import date_of_layer
from qgis_msa_plugin.gis.marks import is_heat_layer
from qgis_msa_plugin.plain_text import entry, tip
from qgis_msa_plugin.translate import tr

_LAYER, _DATE = 0, 1
_FEWEST, _MOST = 3, 6  # rows that are seen at once
_ID = int(Qt.ItemDataRole.UserRole)
_LEAST = 2  # dates of a series
_ROW_MARGIN_PX = 4
_TRIGGERS = QAbstractItemView.EditTrigger


class StackList(QWidget):
    """`changed` tells that others are ticked. Dates that layers or files tell can be typed over."""

    changed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._told: Mapping[str, str] = {}
        self._typed: dict[str, str] = {}
        self._filling = False
        self.list = self._tree()
        self.source = self._source_button()
        self.threshold = self._threshold_spin()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        grid.addWidget(self.list, 0, 0, 1, 3)
        grid.addWidget(self.source, 1, 0)
        grid.addWidget(QLabel(tr("Counts from"), self), 1, 1, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self.threshold, 1, 2)
        grid.setColumnStretch(0, 1)
        self.list.itemChanged.connect(self._on_item)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.update_layers)
        root = QgsProject.instance().layerTreeRoot()
        for signal in (root.addedChildren, root.removedChildren, root.nameChanged):
            signal.connect(self._on_tree)
        self.update_layers()

    def layers(self) -> tuple[QgsRasterLayer, ...]:
        """Those that are ticked, as the layer panel has them."""
        self._look()
        found = (QgsProject.instance().mapLayer(layer_id) for layer_id in self._ticked())
        return tuple(layer for layer in found if isinstance(layer, QgsRasterLayer))

    def dates(self) -> tuple[str, ...]:
        """The dates of these layers; empty where none is known."""
        return tuple(self._date_of(layer.id()) for layer in self.layers())

    def choose(self, layers: Iterable[QgsRasterLayer]) -> None:
        """Tick these, and no others."""
        self._look()
        wanted = {layer.id() for layer in layers}
        self._filling = True
        for item in self._items():
            _tick(item, item.data(_LAYER, _ID) in wanted)
        self._filling = False
        self.changed.emit()

    def begin(self, layers: Sequence[QgsRasterLayer]) -> None:
        """Where no two are ticked yet, begin with these and the rasters of their group."""
        if len(self.layers()) >= _LEAST:
            return
        nodes = (QgsProject.instance().layerTreeRoot().findLayer(layer.id()) for layer in layers)
        groups = [node.parent() for node in nodes if node is not None and node.parent().parent() is not None]
        self.choose([*layers, *(layer for group in groups for layer in rasters_of(group))])

    def tell(self, dates: Mapping[str, str]) -> None:
        """Show these dates, by id of the layer, where none is typed."""
        self._told = dates
        self._filling = True
        for item in self._items():
            item.setText(_DATE, self._date_of(item.data(_LAYER, _ID)))
        self._filling = False

    def update_layers(self) -> None:
        """List the rasters of the project; ticks stay."""
        self._soon.stop()
        ticked = set(self._ticked())
        self._filling = True
        self.list.clear()
        for layer in rasters_of(QgsProject.instance().layerTreeRoot()):
            self.list.addTopLevelItem(self._item(layer, layer.id() in ticked))
        self._filling = False
        self._fit_rows()
        if ticked != set(self._ticked()):
            self.changed.emit()

    def _on_tree(self, *_: object) -> None:
        """Once for many layers that come or go together."""
        self._soon.start()

    def _look(self) -> None:
        if self._soon.isActive():
            self.update_layers()

    def _item(self, layer: QgsRasterLayer, ticked: bool) -> QTreeWidgetItem:
        item = QTreeWidgetItem([layer.name(), self._date_of(layer.id())])
        item.setData(_LAYER, _ID, layer.id())
        flags = Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEditable
        item.setFlags(item.flags() | flags)
        _tick(item, ticked)
        item.setToolTip(_LAYER, tip(layer.name()))
        return item

    def _tree(self) -> QTreeWidget:
        tree = _DatedLayers(self)
        tree.setObjectName("msaStack")
        tree.setHeaderLabels([tr("Layer"), tr("Date")])
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setEditTriggers(_TRIGGERS.DoubleClicked | _TRIGGERS.EditKeyPressed)
        tree.header().setStretchLastSection(False)
        tree.header().setSectionResizeMode(_LAYER, QHeaderView.ResizeMode.Stretch)
        tree.header().setSectionResizeMode(_DATE, QHeaderView.ResizeMode.ResizeToContents)
        tree.setAccessibleName(tr("Layers of the series"))
        tree.setToolTip(
            tr(
                "Tick the layers to follow. Double-click a layer, or press F2, to type its date: "
                "2020, 2020-08 or 2020-08-31"
            )
        )
        return tree

    def _fit_rows(self) -> None:
        """As high as its layers, but for a scroll bar where there are many."""
        rows = min(max(self.list.topLevelItemCount(), _FEWEST), _MOST) + 1  # and the heading
        self.list.setFixedHeight(rows * (self.list.fontMetrics().height() + _ROW_MARGIN_PX))

    def _source_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("msaStackFrom")
        button.setText(tr("Tick a group"))
        button.setToolTip(tr("Tick the rasters of a group of layers, or those that have a time in QGIS"))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        menu.aboutToShow.connect(lambda: self.fill(menu))
        button.setMenu(menu)
        return button

    def fill(self, menu: QMenu) -> None:
        """List the groups as they are now."""
        menu.clear()
        rasters = rasters_of(QgsProject.instance().layerTreeRoot())
        timed = [layer for layer in rasters if date_of_layer(layer)]
        groups = QgsProject.instance().layerTreeRoot().findGroups(True)
        offers = [(group.name(), rasters_of(group)) for group in groups]
        offers += [(tr("Layers with a time"), timed), (tr("All rasters"), rasters)]
        for name, layers in offers:
            if len(layers) >= _LEAST:
                action = menu.addAction(entry(f"{name} ({len(layers)})"))
                action.triggered.connect(lambda _, layers=layers: self.choose(layers))

    def _threshold_spin(self) -> QDoubleSpinBox:
        spin = QDoubleSpinBox(self)
        spin.setObjectName("msaSeriesThreshold")
        spin.setRange(-STRONG_FROM, 2 * STRONG_FROM)
        spin.setSingleStep(0.5)
        spin.setDecimals(1)
        spin.setValue(WEAK_FROM)
        spin.setToolTip(tr("The least match score at which a date counts: first date, last date, number"))
        spin.setAccessibleName(tr("Least match score of a date"))
        return spin

    def _on_item(self, item: QTreeWidgetItem, column: int) -> None:
        if self._filling:
            return
        if column == _DATE:
            self._typed[item.data(_LAYER, _ID)] = item.text(_DATE).strip()
        self.changed.emit()

    def _date_of(self, layer_id: str) -> str:
        return self._typed.get(layer_id) or self._told.get(layer_id, "")

    def _items(self) -> list[QTreeWidgetItem]:
        return [self.list.topLevelItem(row) for row in range(self.list.topLevelItemCount())]

    def _ticked(self) -> list[str]:
        checked = (item for item in self._items() if item.checkState(_LAYER) == Qt.CheckState.Checked)
        return [str(item.data(_LAYER, _ID)) for item in checked]


class _DatedLayers(QTreeWidget):
    """What is edited of a row is its date; other keys and clicks tick it."""

    def edit(self, index: QModelIndex, trigger: QAbstractItemView.EditTrigger, event: QEvent) -> bool:
        edited = trigger in (_TRIGGERS.DoubleClicked, _TRIGGERS.EditKeyPressed)
        return bool(super().edit(index.siblingAtColumn(_DATE) if edited else index, trigger, event))


def _tick(item: QTreeWidgetItem, ticked: bool) -> None:
    item.setCheckState(_LAYER, Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)


def rasters_of(group: QgsLayerTreeGroup) -> list[QgsRasterLayer]:
    """The rasters of a group and of those within, besides heat maps."""
    layers = (node.layer() for node in group.findLayers())
    return [layer for layer in layers if isinstance(layer, QgsRasterLayer) and not is_heat_layer(layer)]
