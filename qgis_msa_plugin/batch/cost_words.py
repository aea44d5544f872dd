"""The cost of a batch scan in words."""

from __future__ import annotations

from pathlib import PurePath

from msa_model.protocol.batch import BatchCost, BatchPlan
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording

_FEW = 5  # rasters that are told one by one


def batch_cost(plan: BatchPlan) -> str:
    """All rasters together, and the first of them one by one."""
    if len(plan.rasters) == 1:
        return _told(plan.rasters[0], "")
    lines = [_told(cost, _name(cost) + ": ") for cost in plan.rasters[:_FEW]]
    more = len(plan.rasters) - _FEW
    if more > 0:
        lines.append(tr("and {n} more").format(n=wording.count(more)))
    return "\n".join([_whole(plan), *lines])


def cost_details(plan: BatchPlan) -> str:
    """Every raster, with what one should know of it, for a tool tip or a log."""
    parts = [_whole(plan)]
    for cost in plan.rasters:
        parts += [_told(cost, f"{cost.path}: "), *cost.warnings]
    return "\n".join(parts)


def _whole(plan: BatchPlan) -> str:
    return _line(len(plan.rasters), plan.tiles, plan.missing, plan.seconds, plan.bytes)


def _told(cost: BatchCost, name: str) -> str:
    return name + (cost.sentence or _line(1, cost.tiles, cost.missing, cost.seconds, cost.bytes))


def _line(rasters: int, tiles: int, missing: int, seconds: float, size: int) -> str:
    text = tr("{rasters} rasters, {tiles} tiles") if rasters > 1 else tr("{tiles} tiles")
    parts = [text.format(rasters=wording.count(rasters), tiles=wording.count(tiles))]
    if missing == 0:
        return " · ".join([*parts, tr("all indexed")])
    if missing < tiles:
        parts.append(tr("{n} indexed").format(n=wording.count(tiles - missing)))
    parts.append(tr("{n} to scan").format(n=wording.count(missing)))
    price = tr("about {time}, {disk} on disk")
    return " · ".join([*parts, price.format(time=wording.duration(seconds), disk=wording.disk(size))])


def _name(cost: BatchCost) -> str:
    return PurePath(cost.path).name
