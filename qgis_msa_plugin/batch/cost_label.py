"""What a batch scan will cost, beneath its button."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QLabel, QWidget

from qgis_msa_plugin.batch.cost_words import batch_cost, cost_details
from qgis_msa_plugin.batch.costs import BatchCosts
from qgis_msa_plugin.errors import error_line
from qgis_msa_plugin.plain_text import tip
from qgis_msa_plugin.translate import tr


class CostLabel(QLabel):
    """Hidden while there is nothing to tell."""

    def __init__(self, costs: BatchCosts, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("msaBatchCost")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self._costs = costs
        for signal in (costs.plan_changed, costs.refusal_changed, costs.busy_changed):
            signal.connect(self._update)
        self._update()

    def release(self) -> None:
        """Follow no more."""
        for signal in (self._costs.plan_changed, self._costs.refusal_changed, self._costs.busy_changed):
            signal.disconnect(self._update)

    def _update(self, _: object = None) -> None:
        costs, text = self._costs, ""
        if costs.busy:
            text = tr("Working out what the scan costs…")
        elif costs.plan is not None:
            text = batch_cost(costs.plan)
        elif costs.refusal is not None:
            text = error_line(costs.refusal)
        self.setText(text)
        self.setToolTip(tip(cost_details(costs.plan)) if costs.plan is not None else "")
        self.setVisible(bool(text))
