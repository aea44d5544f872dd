"""The filters that are set once and then left alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable
from typing import Any, Optional

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QCheckBox, QGridLayout, QSizePolicy, QSpinBox, QWidget

from msa_model.protocol.hit_filter import DEPTH, Filters, categories_of, class_offers, scales_of
from msa_model.protocol.hit_table import HitTable
from qgis_msa_plugin.dock.check_menu import CheckMenu
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording

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
        was = self.merge.blockSignals(True)
        self.merge.setChecked(filters.merge)
        self.merge.blockSignals(was)
        self._offer(filters)

    def _make_parts(self) -> None:
        self.merge = QCheckBox(tr("One hit per &place"), self)
        self.merge.setObjectName("msaMerge")
        self.merge.setToolTip(tr("Show one hit for each place: the best of the tiles that overlap there"))
        self.limit = QSpinBox(self)
        self.limit.setObjectName("msaLimit")
        self.limit.setRange(1, DEPTH)
        self.limit.setSingleStep(_LIMIT_STEP)
        self.limit.setPrefix(tr("Best") + " ")
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
        self.valid.setPrefix(tr("Data in") + " ≥ ")
        self.valid.setSuffix(" %")
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
        table = self._state.results.table if self._state.results is not None else None
        if table is not self._known:  # a slider on its way changes only the filters
            self._known = table
            scales = scales_of(table) if table is not None else ()
            categories = categories_of(table) if table is not None else ()
            self._sides = [(side, wording.metres(side)) for side in scales]
            self._kinds = [(name, name) for name in categories]
        self.scales.offer(self._sides, filters.scales_m)
        self.categories.offer(self._kinds, filters.categories)
