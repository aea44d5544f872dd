"""The cost of a batch scan in words."""

from __future__ import annotations

from pathlib import PurePath
from typing import Union

from msa_model.protocol.batch import BatchCost, BatchPlan
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording

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
        parts += [_told(cost, f"{cost.path}: "), *cost.warnings]
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
