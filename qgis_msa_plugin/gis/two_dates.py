"""Two layers of one place, before and after, with the dates when they were taken, to be chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qgis.core import QgsMapLayer, QgsMapLayerProxyModel, QgsProject, QgsRasterLayer
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtWidgets import QGridLayout, QLabel, QLineEdit, QSizePolicy, QToolButton, QWidget

from qgis_msa_plugin.gis.marks import is_heat_layer
from qgis_msa_plugin.translate import tr

NARROWEST_PX = 48  # of a choice
_DATE_CHARACTERS, _DATE_MARGIN_PX = "2020-08-31", 14


class TwoDates(QObject):
    """Makes the fields, named after `name`, for whoever lays them out; `told` dates fill them.

    The earlier layer comes first as soon as both dates are told, unless somebody has chosen an order.
    """

    changed = pyqtSignal()  # other layers are chosen

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._by_hand = False
        self._known: Mapping[str, str] = {}
        self._told = [("", ""), ("", "")]  # layer and date that the fields were filled with
        self.labels = tuple(QLabel(text, parent) for text in (tr("Before"), tr("After")))
        self.layers_of = (_layer_combo(f"{name}Before", parent), _layer_combo(f"{name}After", parent))
        self.dates_of = (
            _date_field(f"{name}DateBefore", tr("Date before"), parent),
            _date_field(f"{name}DateAfter", tr("Date after"), parent),
        )
        self.swap = _swap_button(f"{name}Swap", parent)
        self.parts: tuple[QWidget, ...] = (*self.labels, *self.layers_of, *self.dates_of, self.swap)
        for label, combo in zip(self.labels, self.layers_of):
            label.setBuddy(combo)
            combo.layerChanged.connect(self._on_layer)
            combo.activated.connect(self._on_hand)
        self.swap.clicked.connect(self.exchange)
        QgsProject.instance().layersAdded.connect(self._leave_out_heat)
        self._leave_out_heat()

    def add_to(self, grid: QGridLayout) -> None:
        """Lay the fields into the first two rows."""
        for row, parts in enumerate(zip(self.labels, self.layers_of, self.dates_of)):
            for column, part in enumerate(parts):
                grid.addWidget(part, row, column)
        grid.addWidget(self.swap, 0, 3)
        grid.setColumnStretch(1, 1)

    def layers(self) -> tuple[QgsRasterLayer, ...]:
        """Before and after as far as they are chosen."""
        chosen = (combo.currentLayer() for combo in self.layers_of)
        return tuple(layer for layer in chosen if isinstance(layer, QgsRasterLayer))

    def dates(self) -> tuple[str, str]:
        """The dates as they are in the fields."""
        before, after = (field.text().strip() for field in self.dates_of)
        return before, after

    def choose(self, layers: Sequence[QgsRasterLayer]) -> None:
        """Choose these two."""
        for combo, layer in zip(self.layers_of, layers):
            combo.setLayer(layer)

    def begin(self, layers: Sequence[QgsRasterLayer]) -> None:
        """Where no two are chosen yet, begin with these; where it is one, with another one beside it."""
        if len({layer.id() for layer in self.layers()}) == len(self.layers_of):
            return
        combo = self.layers_of[1]
        offered = [combo.layer(at) for at in range(combo.count())]
        others = [layer for layer in offered if layer is not None and layer not in layers]
        self.choose([*layers, *others][: len(self.layers_of)])

    def tell(self, told: Mapping[str, str]) -> None:
        """Fill in dates by layer; what was typed stays as long as the layer does."""
        self._known = told
        layers = [combo.currentLayer() for combo in self.layers_of]
        dates = [told.get(layer.id(), "") if layer else "" for layer in layers]
        if all(dates) and dates[0] > dates[1] and not self._by_hand:
            self.choose([layer for layer in reversed(layers) if isinstance(layer, QgsRasterLayer)])
            return
        for at, (layer, date) in enumerate(zip(layers, dates)):
            known = (layer.id() if layer else "", date)
            if self._told[at] != known:
                self._told[at] = known
                self.dates_of[at].setText(date)

    def exchange(self) -> None:
        """Before becomes after; dates that were typed go along with their layers."""
        self._by_hand = True
        layers, dates = self.layers(), self.dates()
        self.choose(layers[::-1])
        for field, date in zip(self.dates_of, reversed(dates)):
            field.setText(date)

    def release(self) -> None:
        """Follow the project no more."""
        QgsProject.instance().layersAdded.disconnect(self._leave_out_heat)

    def _on_layer(self, _: object = None) -> None:
        self.tell(self._known)
        self.changed.emit()

    def _on_hand(self, _: object) -> None:
        """What the user has chosen stays in its order."""
        self._by_hand = True

    def _leave_out_heat(self, _: object = None) -> None:
        heat: list[QgsMapLayer] = list(filter(is_heat_layer, QgsProject.instance().mapLayers().values()))
        for combo in self.layers_of:
            combo.setExceptedLayerList(heat)


def _layer_combo(name: str, parent: QWidget) -> QgsMapLayerComboBox:
    combo = QgsMapLayerComboBox(parent)
    combo.setObjectName(name)
    combo.setFilters(QgsMapLayerProxyModel.Filter.RasterLayer)
    combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    combo.setMinimumWidth(NARROWEST_PX)
    return combo


def _date_field(name: str, called: str, parent: QWidget) -> QLineEdit:
    field = QLineEdit(parent)
    field.setObjectName(name)
    field.setPlaceholderText(tr("date"))
    field.setToolTip(
        tr("When the layer was taken: 2020, 2020-08 or 2020-08-31.\nRead from the file where it tells")
    )
    field.setAccessibleName(called)
    field.setFixedWidth(field.fontMetrics().horizontalAdvance(_DATE_CHARACTERS) + _DATE_MARGIN_PX)
    return field


def _swap_button(name: str, parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setObjectName(name)
    button.setAutoRaise(True)
    button.setText("⇅")
    button.setToolTip(tr("Exchange before and after"))
    button.setAccessibleName(button.toolTip())
    return button
