"""Which layers are compared, when they were taken, and what kind of change is sought."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from qgis.core import QgsApplication, QgsRasterLayer
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QWidget,
)

from msa_model.protocol.change_forms import APPEARED, BECAME, CHANGED, VANISHED
from qgis_msa_plugin import plain_text
from qgis_msa_plugin.describe.describe_words import change_phrases, change_sentence
from qgis_msa_plugin.dock import change_words
from qgis_msa_plugin.dock.change_words import OVER_TIME
from qgis_msa_plugin.dock.stack_list import StackList
from qgis_msa_plugin.dock.tool_row import show_checked
from qgis_msa_plugin.gis.two_dates import NARROWEST_PX, TwoDates
from qgis_msa_plugin.plugin_files import resource
from qgis_msa_plugin.search.question import Dates
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets.wrapped_label import WrappedLabel


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
        self._state, self._query = state, ""
        self.two = TwoDates("msa", self)
        self.stack = StackList(self)
        self.form = self._form_combo()
        self.flicker = self._button("msaFlicker", tr("Show the other date (T)"))
        self.flicker.setIcon(QgsApplication.getThemeIcon("/mActionShowAllLayers.svg"))
        self.swipe = self._button(
            "msaSwipe", tr("Both dates beside a line on the map: drag it, or press left and right (X)")
        )
        self.swipe.setIcon(QIcon(str(resource("icons/swipe.svg"))))
        self.swipe.setCheckable(True)
        self.here = self._button("msaChangedHere", tr("Click on the map to read what changed there"))
        self.here.setIcon(QIcon(str(resource("icons/describe.svg"))))
        self.here.setCheckable(True)
        self.told = WrappedLabel("msaToldHere", self)
        self._lay_out()
        self._connect()

    def layers(self) -> tuple[QgsRasterLayer, ...]:
        """Before and after as far as they are chosen, or the series."""
        if self.is_series:
            return self.stack.layers()
        return self.two.layers()

    def dates(self) -> Dates:
        """The dates as they are in the fields."""
        if self.is_series:
            return Dates(many=self.stack.dates(), threshold=self.stack.threshold.value())
        return Dates(*self.two.dates())

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
        self.two.choose(layers)

    def begin(self, layers: Sequence[QgsRasterLayer]) -> None:
        """Where no two are chosen yet, begin with these; where it is one, with another one beside it."""
        if self.is_series:
            self.stack.begin(layers)
            return
        self.two.begin(layers)

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
            self.stack.begin(self.two.layers())
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
        self.two.add_to(grid)
        grid.addWidget(self.flicker, 1, 3)
        grid.addWidget(QLabel(tr("Change"), self), 2, 0)
        kind = QHBoxLayout()
        kind.addWidget(self.form, 1)
        kind.addWidget(self.swipe)
        grid.addLayout(kind, 2, 1, 1, 2)
        grid.addWidget(self.here, 2, 3)
        grid.addWidget(self.told, 3, 0, 1, 4)
        grid.addWidget(self.stack, 4, 0, 1, 4)
        self._of_two = (*self.two.parts, self.flicker, self.here)
        self.stack.hide()

    def _connect(self) -> None:
        self.two.changed.connect(self._on_layers)
        self.form.activated.connect(self._on_form)
        self.form.currentIndexChanged.connect(self.show_form)
        self.stack.changed.connect(self._on_stack)
        self.flicker.clicked.connect(self.toggled)
        self.here.toggled.connect(self.here_wanted)
        self.swipe.toggled.connect(self.swipe_wanted)
        self._state.told_dates_changed.connect(self._show_dates)
        for signal in (self._state.changed_here_changed, self._state.results_changed):
            signal.connect(self.update_here)
        self.update_here()

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
        combo.setMinimumWidth(NARROWEST_PX)
        return combo

    def _button(self, name: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setAutoRaise(True)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button

    def _on_layers(self) -> None:
        self.layers_chosen.emit(self.layers())

    def _on_stack(self) -> None:
        if self.is_series:
            self.layers_chosen.emit(self.layers())

    def _on_form(self, _: int) -> None:
        self.written.emit(change_words.written(str(self.form.currentData()), self._query))

    def _show_dates(self, _: object = None) -> None:
        """What the layers tell."""
        self.stack.tell(self._state.told_dates)
        self.two.tell(self._state.told_dates)
