"""Which layers are compared, when they were taken, and what kind of change is sought."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from qgis.core import QgsApplication, QgsMapLayer, QgsMapLayerProxyModel, QgsProject, QgsRasterLayer
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from msa_model.protocol.query import APPEARED, BECAME, CHANGED, VANISHED
from qgis_msa_plugin import plain_text
from qgis_msa_plugin.describe.describe_words import change_phrases, change_sentence
from qgis_msa_plugin.dock import change_words
from qgis_msa_plugin.dock.change_words import OVER_TIME
from qgis_msa_plugin.dock.stack_list import StackList
from qgis_msa_plugin.dock.tool_row import show_checked
from qgis_msa_plugin.gis.marks import is_heat_layer
from qgis_msa_plugin.plugin_files import resource
from qgis_msa_plugin.search.question import Dates
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.translate import tr

_NARROWEST_PX = 48  # of a choice
_DATE_CHARACTERS, _DATE_MARGIN_PX = "2020-08-31", 14


class CompareStrip(QWidget):
    """`written` tells the query of a form that was picked; words of the query go to `follow`.

    The form of many dates has a list of layers in place of before and after.
    """

    layers_chosen = pyqtSignal(object)  # tuple[QgsRasterLayer, ...]: before and after, or a series
    written = pyqtSignal(str)
    toggled = pyqtSignal()  # the map is to show the other date
    swipe_wanted = pyqtSignal(bool)  # the map is to show both dates beside a line
    here_wanted = pyqtSignal(bool)  # clicks on the map are to tell what changed there

    def __init__(self, state: SearchState, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state, self._query, self._by_hand = state, "", False
        self.layers_of = (self._layer_combo("msaBefore"), self._layer_combo("msaAfter"))
        self.dates_of = (self._date_field("msaDateBefore"), self._date_field("msaDateAfter"))
        self._told = [("", ""), ("", "")]  # layer and date that the fields were filled with
        self.stack = StackList(self)
        self.form = self._form_combo()
        self.flicker = self._button("msaFlicker", tr("Show the other date (T)"))
        self.flicker.setIcon(QgsApplication.getThemeIcon("/mActionShowAllLayers.svg"))
        self.swipe = self._button(
            "msaSwipe", tr("Both dates beside a line on the map: drag it, or press left and right (X)")
        )
        self.swipe.setIcon(QIcon(str(resource("icons/swipe.svg"))))
        self.swipe.setCheckable(True)
        self.swap = self._button("msaSwap", tr("Exchange before and after"))
        self.swap.setText("⇅")
        self.here = self._button("msaChangedHere", tr("Click on the map to read what changed there"))
        self.here.setIcon(QIcon(str(resource("icons/describe.svg"))))
        self.here.setCheckable(True)
        self.told = QLabel(self)
        self.told.setObjectName("msaToldHere")
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setWordWrap(True)
        self._lay_out()
        self._connect()
        self._leave_out_heat()

    def layers(self) -> tuple[QgsRasterLayer, ...]:
        """Before and after as far as they are chosen, or the series."""
        if self.is_series:
            return self.stack.layers()
        chosen = (combo.currentLayer() for combo in self.layers_of)
        return tuple(layer for layer in chosen if isinstance(layer, QgsRasterLayer))

    def dates(self) -> Dates:
        """The dates as they are in the fields."""
        if self.is_series:
            return Dates(many=self.stack.dates(), threshold=self.stack.threshold.value())
        before, after = (field.text().strip() for field in self.dates_of)
        return Dates(before, after)

    @property
    def is_series(self) -> bool:
        """Whether many dates are asked of."""
        return self.form.currentData() == OVER_TIME

    def title(self) -> str:
        """The layers in a few words."""
        if self.is_series:
            return tr("{n} layers over time").format(n=len(self.stack.layers()))
        return " → ".join(layer.name() for layer in self.layers())

    def asked(self, text: str) -> str:
        """The question that is asked with these words."""
        return change_words.asked(str(self.form.currentData()), text)

    def choose(self, layers: Sequence[QgsRasterLayer]) -> None:
        """Compare these two, or follow these."""
        if self.is_series:
            self.stack.choose(layers)
            return
        for combo, layer in zip(self.layers_of, layers):
            combo.setLayer(layer)

    def begin(self, layers: Sequence[QgsRasterLayer]) -> None:
        """Where no two are chosen yet, begin with these; where it is one, with another one beside it."""
        if self.is_series:
            self.stack.begin(layers)
            return
        if len({layer.id() for layer in self.layers()}) == len(self.layers_of):
            return
        combo = self.layers_of[1]
        offered = [combo.layer(at) for at in range(combo.count())]
        others = [layer for layer in offered if layer is not None and layer not in layers]
        self.choose([*layers, *others][: len(self.layers_of)])

    def follow(self, text: str) -> None:
        """Show the form of the words that are typed."""
        self._query = text
        query = change_words.read(text)
        if query is not None and self.form.findData(query.kind) >= 0:
            self.form.setCurrentIndex(self.form.findData(query.kind))
        elif text.strip() and self.form.currentData() == CHANGED:
            self.form.setCurrentIndex(self.form.findData(APPEARED))

    def set_tool_active(self, active: bool) -> None:
        """Show whether clicks on the map are about what changed."""
        show_checked(self.here, active)

    def set_swipe_active(self, active: bool) -> None:
        """Show whether the line is on the map."""
        show_checked(self.swipe, active)

    def update_here(self, _: object = None) -> None:
        """Say what changed at the place that was clicked; there has to be an answer about two dates."""
        results, told = self._state.results, self._state.changed_here
        compared = results is not None and results.change is not None
        self.here.setEnabled(compared)
        self.swipe.setEnabled(results is not None and bool(results.compared()))
        if not compared and self.here.isChecked():
            self.here.setChecked(False)
        self.told.setVisible(told is not None)
        self.told.setText(change_sentence(told) if told is not None else "")
        self.told.setToolTip(plain_text.tip(change_phrases(told)) if told is not None else "")

    def show_form(self, _: object = None) -> None:
        """Show what the form asks for: two layers or many; tell the layers that are chosen now."""
        many = self.is_series
        if many and not self.stack.isVisibleTo(self):
            self.stack.begin([layer for layer in (c.currentLayer() for c in self.layers_of) if layer])
        if many is not self.stack.isVisibleTo(self):
            self.stack.setVisible(many)
            for part in self._of_two:
                part.setVisible(not many)
            self.layers_chosen.emit(self.layers())

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        grid.setHorizontalSpacing(4)
        labels = [QLabel(text, self) for text in (tr("Before"), tr("After"))]
        for row, label in enumerate(labels):
            label.setBuddy(self.layers_of[row])
            grid.addWidget(label, row, 0)
            grid.addWidget(self.layers_of[row], row, 1)
            grid.addWidget(self.dates_of[row], row, 2)
        grid.addWidget(self.swap, 0, 3)
        grid.addWidget(self.flicker, 1, 3)
        grid.addWidget(QLabel(tr("Change"), self), 2, 0)
        kind = QHBoxLayout()
        kind.addWidget(self.form, 1)
        kind.addWidget(self.swipe)
        grid.addLayout(kind, 2, 1, 1, 2)
        grid.addWidget(self.here, 2, 3)
        grid.addWidget(self.told, 3, 0, 1, 4)
        grid.addWidget(self.stack, 4, 0, 1, 4)
        self._of_two = (*labels, *self.layers_of, *self.dates_of, self.swap, self.flicker, self.here)
        self.stack.hide()
        grid.setColumnStretch(1, 1)

    def _connect(self) -> None:
        for combo in self.layers_of:
            combo.layerChanged.connect(self._on_layer)
            combo.activated.connect(self._on_hand)
        self.form.activated.connect(self._on_form)
        self.form.currentIndexChanged.connect(self.show_form)
        self.stack.changed.connect(self._on_stack)
        self.swap.clicked.connect(self._swap)
        self.flicker.clicked.connect(self.toggled)
        self.here.toggled.connect(self.here_wanted)
        self.swipe.toggled.connect(self.swipe_wanted)
        self._state.told_dates_changed.connect(self._show_dates)
        for signal in (self._state.changed_here_changed, self._state.results_changed):
            signal.connect(self.update_here)
        self.update_here()
        QgsProject.instance().layersAdded.connect(self._leave_out_heat)

    def _layer_combo(self, name: str) -> QgsMapLayerComboBox:
        combo = QgsMapLayerComboBox(self)
        combo.setObjectName(name)
        combo.setFilters(QgsMapLayerProxyModel.Filter.RasterLayer)
        combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        combo.setMinimumWidth(_NARROWEST_PX)
        return combo

    def _date_field(self, name: str) -> QLineEdit:
        field = QLineEdit(self)
        field.setObjectName(name)
        field.setPlaceholderText(tr("date"))
        field.setToolTip(
            tr("When the layer was taken: 2020, 2020-08 or 2020-08-31.\nRead from the file where it tells")
        )
        field.setAccessibleName(tr("Date"))
        field.setFixedWidth(field.fontMetrics().horizontalAdvance(_DATE_CHARACTERS) + _DATE_MARGIN_PX)
        return field

    def _form_combo(self) -> QComboBox:
        combo = QComboBox(self)
        combo.setObjectName("msaForm")
        combo.setAccessibleName(tr("Kind of change"))
        combo.setToolTip(tr("What happened to what is sought; the query can be typed so, too"))
        for text, form in (
            (tr("appeared: was not there before"), APPEARED),
            (tr("vanished: is gone"), VANISHED),
            (tr("became: one thing -> another"), BECAME),
            (tr("changed: anything"), CHANGED),
            (tr("over time: a series of layers"), OVER_TIME),
        ):
            combo.addItem(text, form)
        combo.setMinimumWidth(_NARROWEST_PX)
        return combo

    def _button(self, name: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setAutoRaise(True)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button

    def _on_layer(self, _: Optional[QgsMapLayer] = None) -> None:
        self._show_dates()
        self.layers_chosen.emit(self.layers())

    def _on_stack(self) -> None:
        if self.is_series:
            self.layers_chosen.emit(self.layers())

    def _on_hand(self, _: object) -> None:
        """What the user has chosen stays in its order."""
        self._by_hand = True

    def _on_form(self, _: int) -> None:
        self.written.emit(change_words.written(str(self.form.currentData()), self._query))

    def _swap(self) -> None:
        """Dates that were typed go along with their layers."""
        self._by_hand = True
        layers, dates = self.layers(), [field.text() for field in self.dates_of]
        self.choose(layers[::-1])
        for field, date in zip(self.dates_of, reversed(dates)):
            field.setText(date)

    def _show_dates(self, _: object = None) -> None:
        """What the layers tell; what was typed stays as long as the layer does."""
        self.stack.tell(self._state.told_dates)
        layers = [combo.currentLayer() for combo in self.layers_of]
        told = [self._state.told_dates.get(layer.id(), "") if layer else "" for layer in layers]
        if all(told) and told[0] > told[1] and not self._by_hand:
            self.choose([layer for layer in reversed(layers) if isinstance(layer, QgsRasterLayer)])
            return
        for at, (layer, date) in enumerate(zip(layers, told)):
            known = (layer.id() if layer else "", date)
            if self._told[at] != known:
                self._told[at] = known
                self.dates_of[at].setText(date)

    def _leave_out_heat(self, _: object = None) -> None:
        heat = [layer for layer in QgsProject.instance().mapLayers().values() if is_heat_layer(layer)]
        for combo in self.layers_of:
            combo.setExceptedLayerList(heat)
