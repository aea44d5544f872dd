"""Coarse first: the coarsest scale of a raster, and finer tiles only where it matches a question."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from msa_model.jobs.questions import Questions
from msa_model.jobs.search import open_all, score_tiles
from msa_model.jobs.survey import ScanState, check_fair
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.messages import ScanRequest, SearchRequest
from msa_model.protocol.refining import Refine
from msa_model.raster.drawn import AnySource
from msa_model.raster.grid import LATTICE, TILE, Keys, packed
from msa_model.raster.tiles import TilePlan

Best = Callable[[Path, Refine, Keys], Keys]
_STEPS = TILE // LATTICE


def best_coarse(questions: Questions, index: Path, refine: Refine, coarse: Keys) -> Keys:
    """The tiles int32 [m, 3] of `coarse` [n, 3], as far as an index holds them, that match a question best.

    Raises:
        BadArgument: the share makes no sense, or the index holds none of the tiles.
        And what `search` raises.
    """
    if not 0 < refine.share <= 1:
        raise BadArgument(f"The share to refine lies above 0 and at most at 1, not at {refine.share}.")
    request = SearchRequest(refine.query, (str(index),))
    questions.check(request)
    (opened,) = open_all(questions, request)
    rows = np.flatnonzero(np.isin(packed(opened.table.keys), packed(coarse)))
    if not len(rows):
        raise BadArgument("No tile of the coarsest scale is indexed here: index it first (--coarse-first).")
    scores = score_tiles(questions, opened, request)[rows]
    order = np.argsort(-scores, kind="stable")[: math.ceil(refine.share * len(rows))]
    best: Keys = opened.table.keys[rows[order]]
    return best


def part_asked(found: ScanState, source: AnySource, request: ScanRequest, best: Best | None) -> ScanState:
    """The state of the part of a scan that is asked for: all of it, unless `coarse` or `refine` are given.

    Raises:
        BadArgument: both are, nobody can tell what is `best` here, or what is indexed is out of date.
        too_many_tiles: more of a server's layer are missing than may be fetched.
        And what `best` raises.
    """
    part = _part(found, request, best)
    if part is not found:
        check_fair(source, len(part.missing))
    return part


def _part(found: ScanState, request: ScanRequest, best: Best | None) -> ScanState:
    if request.coarse and request.refine:
        raise BadArgument("The coarsest scale alone, or finer tiles: not both in one scan.")
    if request.coarse:
        return coarsest(found)
    if request.refine is None:
        return found
    if best is None:
        raise BadArgument("Several machines cannot refine by a question: leave --scheduler out.")
    if found.stale or found.comparing:
        raise BadArgument("The raster has changed since it was indexed: index its coarsest scale anew first.")
    return refined(found, request.refine, best)


def refined(found: ScanState, refine: Refine, best: Best) -> ScanState:
    """The state of the finer tiles whose middle lies in one of the best coarsest; errors as of `best`."""
    keys = found.plan.keys
    coarse = keys[:, 0].max()
    places = best(found.index, refine, keys[keys[:, 0] == coarse])

    def wanted(tiles: Keys) -> Keys:
        """Those to encode."""
        chosen: Keys = tiles[(tiles[:, 0] < coarse) & _middle_inside(tiles, places)]
        return chosen

    return _of_part(found, wanted(keys), wanted(found.missing))


def coarsest(found: ScanState) -> ScanState:
    """The state of the coarsest scale alone."""
    factor = found.plan.keys[:, 0].max()
    parts = (keys[keys[:, 0] == factor] for keys in (found.plan.keys, found.missing))
    return _of_part(found, *parts)


def _of_part(found: ScanState, keys: Keys, missing: Keys) -> ScanState:
    counts = {factor: int((keys[:, 0] == factor).sum()) for factor in np.unique(keys[:, 0]).tolist()}
    scales = tuple(
        replace(scale, tiles=counts[scale.factor]) for scale in found.plan.scales if scale.factor in counts
    )
    return replace(found, plan=TilePlan(keys, scales), missing=missing)


def _middle_inside(keys: Keys, places: Keys) -> NDArray[np.bool_]:
    """Whether the middles of tiles [n, 3] lie in any of the places [m, 3], which are of one factor."""
    factor = int(places[0, 0])
    steps = int(places[:, 1:].max()) + _STEPS
    covered = np.zeros((steps + 1, steps + 1), bool)
    for row, col in places[:, 1:].tolist():
        covered[row : row + _STEPS, col : col + _STEPS] = True
    cells = (keys[:, 1:] + _STEPS // 2) * keys[:, :1].astype(np.int64) // factor
    inside: NDArray[np.bool_] = covered[tuple(np.minimum(cells, steps).T)]
    return inside
