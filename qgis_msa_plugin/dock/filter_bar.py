"""What of an answer is shown: a threshold and other filters, behind a funnel.

The filters that are set once and then left alone.
A button whose menu lists things to tick; it stays open while they are ticked.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Callable, Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QEvent, QObject, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from msa_model.protocol.hit_filter import (
    DEPTH,
    Filters,
    ShownHits,
    categories_of,
    class_offers,
    cosine_of,
    scales_of,
)
from msa_model.protocol.hit_table import HitTable, VerdictReply
from msa_model.protocol.match import match_of
from qgis_msa_plugin.dock.fold_line import ElidedLabel
from qgis_msa_plugin.dock.score_slider import ScoreSlider
from qgis_msa_plugin.dock.tool_row import show_checked
from qgis_msa_plugin.plain_text import entry
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.widgets.match_words import match_text


class CheckMenu(QToolButton):
    """Nothing ticked means everything; `ticked` tells what is.

    `counts` tells how many each value has; it is asked as the menu opens.
    """

    ticked = pyqtSignal(object)  # frozenset

    def __init__(
        self,
        everything: str,
        parent: Optional[QWidget] = None,
        counts: Optional[Callable[[], Mapping[Hashable, str]]] = None,
    ) -> None:
        super().__init__(parent)
        self._everything, self._counts = everything, counts
        self._options: tuple[tuple[Hashable, str], ...] = ()
        self.setText(everything)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        menu = QMenu(self)
        menu.installEventFilter(self)
        menu.aboutToShow.connect(self.show_counts)
        self.setMenu(menu)

    def chosen(self) -> frozenset[Hashable]:
        """What is ticked."""
        return frozenset(action.data() for action in self.menu().actions() if action.isChecked())

    def offer(self, options: Sequence[tuple[Hashable, str]], chosen: frozenset[Hashable]) -> None:
        """List these values with their names; tick the chosen ones without telling."""
        if tuple(options) != self._options:
            self._options = tuple(options)
            self._fill()
        for action in self.menu().actions():
            action.setChecked(action.data() in chosen)
        self.setEnabled(len(options) > 1 or bool(chosen))
        self._name()

    def show_counts(self) -> None:
        """Tell beside each value how many it has now."""
        if self._counts is not None:
            counts, names = self._counts(), dict(self._options)
            for action in self.menu().actions():
                name = f"{names[action.data()]} ({counts.get(action.data(), '0')})"
                action.setText(entry(name))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tick without closing the menu."""
        menu = self.menu()
        clicked = event.type() == QEvent.Type.MouseButtonRelease
        spaced = event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Space
        action = menu.activeAction() if watched is menu and (clicked or spaced) else None
        if action is not None and action.isCheckable():
            action.trigger()
            return True
        return bool(super().eventFilter(watched, event))

    def _fill(self) -> None:
        self.menu().clear()
        for value, name in self._options:
            action = self.menu().addAction(entry(name))
            action.setCheckable(True)
            action.setData(value)
            action.triggered.connect(self._tell)

    def _tell(self) -> None:
        self._name()
        self.ticked.emit(self.chosen())

    def _name(self) -> None:
        names = [name for value, name in self._options if value in self.chosen()]
        self.setText(entry(", ".join(names)) if names else self._everything)


_LIMIT_STEP = 10
_PERCENT = 100


class FilterPanel(QWidget):
    """`filtered` tells the wanted filters."""

    filtered = pyqtSignal(object)  # Filters

    def __init__(self, state: SearchState, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state = state
        self._known: Optional[HitTable] = None
        self._sides: list[tuple[float, str]] = []
        self._kinds: list[tuple[str, str]] = []
        self._make_parts()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(self.merge, 0, 0, 1, 2)
        grid.addWidget(self.limit, 0, 2)
        grid.addWidget(self.scales, 1, 0)
        grid.addWidget(self.categories, 1, 1)
        grid.addWidget(self.valid, 1, 2)
        for column, share in enumerate((4, 4, 5)):
            grid.setColumnStretch(column, share)
        for spin in (self.limit, self.valid):
            spin.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._connect()
        self.update_choices()

    def update_choices(self) -> None:
        """Show the filters of the state, and what the hits leave to choose from."""
        filters = self._state.filters
        for spin, value in ((self.limit, filters.limit), (self.valid, round(_PERCENT * filters.min_valid))):
            was = spin.blockSignals(True)
            spin.setValue(value)
            spin.blockSignals(was)
        show_checked(self.merge, filters.merge)
        self._offer(filters)

    def _make_parts(self) -> None:
        self.merge = QCheckBox(tr("One hit per place"), self)
        self.merge.setObjectName("msaMerge")
        self.merge.setToolTip(tr("Show one hit for each place: the best of the tiles that overlap there"))
        self.limit = QSpinBox(self)
        self.limit.setObjectName("msaLimit")
        self.limit.setRange(1, DEPTH)
        self.limit.setSingleStep(_LIMIT_STEP)
        self.limit.setPrefix(tr("Best") + " ")
        self.limit.setAccessibleName(tr("Most hits shown"))
        self.limit.setToolTip(tr("How many hits are shown at most"))
        self.scales = CheckMenu(tr("All sizes"), self)
        self.scales.setObjectName("msaScales")
        self.scales.setToolTip(tr("Sides of the tiles on the ground"))
        self.categories = CheckMenu(tr("All kinds"), self, self._kinds_left)
        self.categories.setObjectName("msaCategories")
        self.categories.setToolTip(tr("What the tiles look like by the phrase that describes them best"))
        self.valid = QSpinBox(self)
        self.valid.setObjectName("msaMinValid")
        self.valid.setRange(0, _PERCENT)
        self.valid.setSingleStep(5)
        self.valid.setPrefix(tr("Data") + " ≥ ")
        self.valid.setSuffix(" %")
        self.valid.setAccessibleName(tr("Least share of data"))
        self.valid.setToolTip(tr("Least share of a tile's pixels that hold data"))

    def _connect(self) -> None:
        self.merge.toggled.connect(lambda on: self._tell(merge=on))
        self.limit.valueChanged.connect(lambda limit: self._tell(limit=limit))
        self.valid.valueChanged.connect(lambda share: self._tell(min_valid=share / _PERCENT))
        self.scales.ticked.connect(lambda scales: self._tell(scales_m=scales))
        self.categories.ticked.connect(lambda categories: self._tell(categories=categories))

    def _tell(self, **changed: Any) -> None:  # noqa: ANN401  (fields of Filters)
        self.filtered.emit(dataclasses.replace(self._state.filters, **changed))

    def _kinds_left(self) -> dict[Hashable, str]:
        """How many hits each kind alone would show."""
        results, filters = self._state.results, self._state.filters
        counts = class_offers(results.table, filters) if results is not None else {}
        return {name: wording.count(count) for name, count in counts.items()}

    def _offer(self, filters: Filters) -> None:
        results = self._state.results
        table = results.table if results is not None else None
        if table is not self._known:  # a slider on its way changes only the filters
            self._known = table
            scales = results.sides or scales_of(results.table) if results is not None else ()
            categories = results.kinds or categories_of(results.table) if results is not None else ()
            self._sides = [(side, wording.metres(side)) for side in scales]
            self._kinds = [(name, name) for name in categories]
        self.scales.offer(self._sides, filters.scales_m)
        self.categories.offer(self._kinds, filters.categories)


_VALUE_CHARACTERS = "≥ 0.000"


class FilterBar(QWidget):
    """`filtered` tells the wanted filters. Thresholds are cosines until a verdict gives match scores."""

    filtered = pyqtSignal(object)  # Filters

    def __init__(self, state: SearchState, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state = state
        self.slider = ScoreSlider(self)
        self.slider.slider.setToolTip(tr("Hide hits below this score; the search is not run again"))
        self.value = QLabel(self)
        self.value.setTextFormat(Qt.TextFormat.PlainText)
        self.value.setObjectName("msaThresholdValue")
        self.value.setMinimumWidth(self.value.fontMetrics().horizontalAdvance(_VALUE_CHARACTERS))
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.more = self._funnel()
        self.panel = FilterPanel(state, self)
        self.hidden = ElidedLabel(self, faint=True)
        self.hidden.setObjectName("msaHidden")
        self._lay_out()
        self.more.toggled.connect(self.show_filters)
        self.panel.filtered.connect(self.filtered)
        self.slider.threshold_moved.connect(self._on_threshold)
        state.results_changed.connect(self.update_results)
        state.filters_changed.connect(self.update_filters)
        state.shown_changed.connect(self._show_hidden)
        self.show_filters(False)
        self.update_results()

    def show_filters(self, shown: bool) -> None:
        """Open or fold them, and what they hide."""
        for part in (self.slider, self.value, self.panel):
            part.setVisible(shown)
        self._show_hidden()

    def update_results(self, _: object = None) -> None:
        """Other hits have other scores, sizes and categories."""
        results = self._state.results
        self.slider.set_scores(results.table.scores if results is not None else ())
        self.update_filters()

    def update_filters(self, _: object = None) -> None:
        """Show the filters of the state."""
        filters = self._state.filters
        results = self._state.results
        cosine = cosine_of(results.table, filters) if results is not None else None
        self.slider.set_threshold(cosine)
        self.value.setText(threshold_text(cosine, self._verdict()))
        self.panel.update_choices()
        plain = dataclasses.replace(Filters(), limit=filters.limit, matching=filters.matching)
        self.more.setChecked(self.more.isChecked() or filters != plain)
        self._show_hidden()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.slider, 1)
        row.addWidget(self.value, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.panel)
        column.addWidget(self.hidden)

    def _funnel(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("msaMoreFilters")
        button.setIcon(QgsApplication.getThemeIcon("/mActionFilter2.svg"))
        button.setCheckable(True)
        button.setToolTip(tr("Filters: score, overlaps, number, sizes, kinds, pixels with data"))
        button.setAccessibleName(tr("Filters"))
        return button

    def _verdict(self) -> Optional[VerdictReply]:
        table = self._state.results.table if self._state.results is not None else None
        return table.verdict.reply if table is not None and table.verdict is not None else None

    def _on_threshold(self, cosine: Optional[float]) -> None:
        verdict = self._verdict()
        score = cosine if verdict is None or cosine is None else as_match_score(cosine, verdict)
        self.value.setText(threshold_text(cosine, verdict))
        filters = dataclasses.replace(self._state.filters, min_score=score, by_match=verdict is not None)
        self.filtered.emit(filters)

    def _show_hidden(self, _: object = None) -> None:
        text = hidden_text(self._state.shown)
        self.hidden.say(text)
        self.hidden.setVisible(bool(text) and self.more.isChecked())


def as_match_score(cosine: float, verdict: VerdictReply) -> float:
    """A cosine in spreads above the background."""
    return (cosine - verdict.offset) / verdict.spread


def threshold_text(cosine: Optional[float], verdict: Optional[VerdictReply]) -> str:
    """'all', '≥ 0.412' or 'likely ≥ 1.3'."""
    if cosine is None:
        return tr("all")
    if verdict is None:
        return f"≥ {wording.decimal(cosine, 3)}"
    match_score = as_match_score(cosine, verdict)
    return f"{match_text(match_of(match_score))} ≥ {wording.decimal(match_score, 1)}"


def hidden_text(shown: ShownHits) -> str:
    """What the filters hide, and why; those that hardly match are told of with the verdict."""
    reasons = {
        "merged": tr("{n} at the same places"),
        "score": tr("{n} below the score"),
        "scale": tr("{n} of other sizes"),
        "category": tr("{n} of other kinds"),
        "valid": tr("{n} with too few pixels"),
        "limit": tr("{n} over the limit"),
    }
    parts = [
        text.format(n=wording.count(shown.hidden.get(why, 0)))
        for why, text in reasons.items()
        if shown.hidden.get(why, 0)
    ]
    return tr("Hidden: {parts}").format(parts=", ".join(parts)) if parts else ""
