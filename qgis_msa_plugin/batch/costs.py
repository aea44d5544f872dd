"""What a batch scan would cost, asked of the worker while its form is filled in.

The cost of a batch scan in words.
What a batch scan will cost, beneath its button.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Optional, Union

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtWidgets import QWidget

from msa_model.protocol import methods
from msa_model.protocol.batch import BatchCost, BatchPlan, BatchRequest
from msa_model.protocol.errors import Cancelled, MsaError
from qgis_msa_plugin.batch.remote import sendable
from qgis_msa_plugin.errors import error_line
from qgis_msa_plugin.plain_text import tip
from qgis_msa_plugin.render.feeder import Feeder
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.widgets.observed import Observed
from qgis_msa_plugin.widgets.wording import warning_texts
from qgis_msa_plugin.widgets.wrapped_label import WrappedLabel
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.newest import NewestCall


class BatchCosts(QObject):
    """The plan of the request made last; the same request again is not asked twice."""

    plan_changed = pyqtSignal(object)
    refusal_changed = pyqtSignal(object)
    busy_changed = pyqtSignal(object)

    plan: Observed[Optional[BatchPlan]] = Observed(None)
    refusal: Observed[Optional[MsaError]] = Observed(None)
    busy: Observed[bool] = Observed(False)

    def __init__(self, client: WorkerClient, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._client, self._call = client, NewestCall(client)
        self._feeder = Feeder(parent=self)
        self._request: Optional[BatchRequest] = None

    def ask(self, request: BatchRequest) -> None:
        """Have the request planned, whatever was asked before.

        Raises:
            MsaError: a worker elsewhere cannot do it, see `sendable`.
        """
        if request == self._request and (self.busy or self.plan is not None):
            return
        self.forget()
        asked = sendable(request, QgsProject.instance(), self._client.shares_files)
        self._request, self.busy = request, True
        self._call.ask(
            methods.BATCH_PLAN,
            asked,
            lambda plan, _: self._take(plan),
            lambda error: self._refuse(request, error),
            draw=self._feeder.draw,
        )

    def forget(self) -> None:
        """The plan holds no more."""
        self._call.drop()
        self._feeder.rest()
        self._request = None
        self.plan, self.refusal, self.busy = None, None, False

    def _take(self, plan: BatchPlan) -> None:
        self._feeder.rest()
        self.plan, self.busy = plan, False

    def _refuse(self, request: BatchRequest, error: MsaError) -> None:
        self._feeder.rest()
        self.busy = False
        if isinstance(error, Cancelled):
            return
        if not self._call.named_unseen(error):
            self.refusal = error
            return
        try:
            self.ask(request)
        except MsaError as impossible:
            self.refusal = impossible


Cost = Union[BatchPlan, BatchCost]

_FEW = 5  # rasters that are told one by one


def batch_cost(plan: BatchPlan) -> str:
    """All rasters together, and the first of them one by one."""
    if len(plan.rasters) == 1:
        return " · ".join([_told(plan.rasters[0], ""), *_disk(plan)])
    lines = [_told(cost, _name(cost) + ": ") for cost in plan.rasters[:_FEW]]
    more = len(plan.rasters) - _FEW
    if more > 0:
        lines.append(tr("and {n} more").format(n=wording.count(more)))
    return "\n".join([_whole(plan), *lines])


def cost_details(plan: BatchPlan) -> str:
    """Every raster, with what one should know of it, for a tool tip or a log."""
    parts = [_whole(plan)] if len(plan.rasters) > 1 else []
    for cost in plan.rasters:
        parts += [_told(cost, f"{cost.path}: "), *warning_texts(cost.warnings)]
    return "\n".join(parts)


def _whole(plan: BatchPlan) -> str:
    tiles, *rest = _scan(plan)
    text = tr("{rasters} rasters, {tiles}")
    whole = text.format(rasters=wording.count(len(plan.rasters)), tiles=tiles)
    return " · ".join([whole, *rest, *_disk(plan)])


def _told(cost: BatchCost, name: str) -> str:
    if cost.sentence:
        return name + cost.sentence
    return name + " · ".join(_scan(cost))


def _scan(cost: Cost) -> list[str]:
    """How many tiles there are, what of them is indexed, what is not, and how long that takes."""
    tiles = tr("{tiles} tiles").format(tiles=wording.count(cost.tiles))
    if cost.missing == 0:
        return [tiles, tr("all indexed")]
    time = wording.about(cost.seconds)
    if cost.missing == cost.tiles:
        return [tr("{n} tiles to scan").format(n=wording.count(cost.tiles)), time]
    indexed = tr("{n} indexed").format(n=wording.count(cost.tiles - cost.missing))
    return [tiles, indexed, tr("{n} to scan").format(n=wording.count(cost.missing)), time]


def _disk(cost: Cost) -> list[str]:
    return [tr("{disk} on disk").format(disk=wording.disk(cost.bytes))] if cost.missing else []


def _name(cost: BatchCost) -> str:
    return PurePath(cost.path).name


class CostLabel(WrappedLabel):
    """Hidden while there is nothing to tell."""

    def __init__(self, costs: BatchCosts, parent: Optional[QWidget] = None) -> None:
        super().__init__("msaBatchCost", parent)
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
