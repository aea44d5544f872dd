"""What a scan would do and cost, without doing it.

Coarse first: the coarsest scale of a raster, and finer tiles only where it matches a question.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from msa_model.jobs.questions import Questions
from msa_model.jobs.scan_work import ScanState, check_fair, opened_scan
from msa_model.jobs.search import open_all, score_tiles
from msa_model.jobs.steps import looking
from msa_model.jobs.warnings import empty_warnings, gap_warnings, overview_gain, pixel_warnings
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.messages import Progress, ScanPlan, ScanRequest, SearchRequest
from msa_model.protocol.pixels import Draw
from msa_model.protocol.plan_parts import OverviewGain, PartCost, Refine
from msa_model.protocol.warning_table import EngineWarning
from msa_model.raster.drawn import AnySource, DrawnSource, undrawn
from msa_model.raster.grid import STEPS, Keys, TileBlock, packed
from msa_model.raster.handles import Accuracy
from msa_model.raster.pixels import Mask
from msa_model.raster.source import RasterSource, Readable
from msa_model.raster.tiles import TilePlan, blocks_to_read, tile_boxes

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder

Best = Callable[[Path, Refine, Keys], Keys]


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
    promising = best(found.index, refine, keys[keys[:, 0] == coarse])

    def wanted(tiles: Keys) -> Keys:
        """Those to encode."""
        chosen: Keys = tiles[(tiles[:, 0] < coarse) & _middle_inside(tiles, promising)]
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


def _middle_inside(keys: Keys, others: Keys) -> NDArray[np.bool_]:
    """Whether the middles of tiles [n, 3] lie in any of the others [m, 3], which are of one factor."""
    factor = int(others[0, 0])
    steps = int(others[:, 1:].max()) + STEPS
    covered = np.zeros((steps + 1, steps + 1), bool)
    for row, col in others[:, 1:].tolist():
        covered[row : row + STEPS, col : col + STEPS] = True
    cells = (keys[:, 1:] + STEPS // 2) * keys[:, :1].astype(np.int64) // factor
    inside: NDArray[np.bool_] = covered[tuple(np.minimum(cells, steps).T)]
    return inside


_BYTES_OF_TABLES = 160_000
_BYTES_BESIDE_VECTOR = 250  # key, valid share and coverage of a tile, as measured on finished indexes
_BYTES_OF_PICTURE = 5_750  # of a tile of a drawn layer
_DRAWING_SECONDS = 1.0  # per block, as a server at some distance takes
_FEW_PICTURES, _PICTURE_OF_SERVER_PX = 100, 256
_READING_SHARE = 0.9  # of the bare model's rate remains when tiles are read and stored as well


def planning(
    encoder: DualEncoder,
    request: ScanRequest,
    cache_folder: str | None,
    draw: Draw = undrawn,
    best: Best | None = None,
) -> Generator[Progress, None, ScanPlan]:
    """The cost of a scan: tiles, seconds, bytes on disk, and what a user should know before.

    Raises:
        RasterMissing and the other errors of `open_source`, `scan_state` and `part_asked`.
    """
    source, found = yield from looking(lambda: opened_scan(encoder, request, cache_folder, draw))
    with source:
        part = part_asked(found, source, request, best)
        if isinstance(source, RasterSource):
            plan = _of_a_file(source, part, encoder, request)
        else:
            plan = _of_a_layer(source, part, encoder)
        return with_parts(plan, found, request)


def with_parts(plan: ScanPlan, found: ScanState, request: ScanRequest) -> ScanPlan:
    """Beside the cost of a whole raster, that of its coarsest scale, and of refining where a question is.

    The best tiles cover most ground where none overlap, each 1 / hop² of what it stands for.
    """
    factors = found.plan.keys[:, 0]
    if request.coarse or request.refine or len(np.unique(factors)) == 1:
        return plan
    coarse = int((found.missing[:, 0] == factors.max()).sum())
    covered = min(1.0, Refine.share / (1 - request.settings.overlap) ** 2)
    finer = math.ceil((len(found.missing) - coarse) * covered)
    return replace(plan, coarse=_cost(plan, coarse), refined=_cost(plan, finer))


def _cost(plan: ScanPlan, missing: int) -> PartCost:
    """In proportion to the whole."""
    share = missing / plan.missing if plan.missing else 0.0
    return PartCost(missing, plan.seconds * share, round(plan.bytes * share))


def _of_a_file(
    source: RasterSource, found: ScanState, encoder: DualEncoder, request: ScanRequest
) -> ScanPlan:
    empty = _empty_share(source, found.missing, request.settings.min_valid)
    encoding = _seconds(encoder, len(found.missing) * (1 - empty))
    gain = overview_gain(source, found, encoding)
    return _plan(
        source,
        found,
        seconds=max(encoding, gain.read_seconds if gain else 0.0),
        overviews=gain,
        bytes_of_tile=_BYTES_BESIDE_VECTOR,
        warnings=tuple(_warnings(source, found, empty)),
    )


def _of_a_layer(source: DrawnSource, found: ScanState, encoder: DualEncoder) -> ScanPlan:
    """Drawing and encoding go on side by side."""
    blocks, missing = blocks_to_read(source, found.missing), len(found.missing)
    seconds = max(missing / encoder.tiles_per_second(), len(blocks) * _DRAWING_SECONDS) if missing else 0.0
    return _plan(
        source,
        found,
        seconds=seconds,
        bytes_of_tile=_BYTES_BESIDE_VECTOR + _BYTES_OF_PICTURE,
        warnings=tuple(_layer_warnings(source, found, blocks)),
        blocks=len(blocks),
    )


def _plan(
    source: Readable,
    found: ScanState,
    *,
    seconds: float,
    bytes_of_tile: int,
    warnings: tuple[EngineWarning, ...],
    blocks: int = 0,
    overviews: OverviewGain | None = None,
) -> ScanPlan:
    return ScanPlan(
        index=str(found.index),
        tiles=len(found.plan.keys),
        missing=len(found.missing),
        seconds=seconds,
        bytes=_bytes(found, bytes_of_tile),
        gsd_m=source.gsd_m,
        scales=found.plan.scales,
        warnings=warnings,
        blocks=blocks,
        overviews=overviews,
    )


def _bytes(found: ScanState, beside_vector: int) -> int:
    """How much the index would grow."""
    tables = 0 if len(found.missing) < len(found.plan.keys) else _BYTES_OF_TABLES
    return tables + len(found.missing) * (2 * found.manifest.dimension + beside_vector)


def _seconds(encoder: DualEncoder, tiles: float) -> float:
    """The rate is measured only where there is something to encode: it takes a moment."""
    return tiles / (encoder.tiles_per_second() * _READING_SHARE) if tiles else 0.0


def _empty_share(source: RasterSource, keys: Keys, min_valid: float) -> float:
    """Share of the finest tiles with too few valid pixels, from the one sample that is taken anyway."""
    if len(keys) == 0:
        return 0.0
    boxes = tile_boxes(keys[keys[:, 0] == keys[:, 0].min()])
    shares = _valid_shares(source.sample.valid, boxes, (source.width, source.height))
    return float(((shares < min_valid) | (shares == 0)).mean())


def _valid_shares(valid: Mask, boxes: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.float64]:
    """Of the part of each box (x0, y0, x1, y1) [n, 4] on the raster whose sample is bool [h, w]."""
    sums = np.pad(valid.astype(np.int64).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    height, width = valid.shape
    cells = boxes * np.tile((width / size[0], height / size[1]), 2)
    x0, y0 = (
        np.clip(np.floor(cells[:, i]), 0, side - 1).astype(int) for i, side in ((0, width), (1, height))
    )
    x1, y1 = (np.clip(np.ceil(cells[:, i]), 1, side).astype(int) for i, side in ((2, width), (3, height)))
    inside = sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0]
    shares: NDArray[np.float64] = inside / ((x1 - x0) * (y1 - y0))
    return shares


def _warnings(source: RasterSource, found: ScanState, empty: float) -> Iterator[EngineWarning]:
    yield from pixel_warnings([scale.scale_m for scale in found.plan.scales])
    if source.grey:
        yield EngineWarning("grey")
    elif source.guessed:
        bands = ", ".join(map(str, source.bands))
        yield EngineWarning("bands_guessed", texts=(bands,))
    if source.accuracy is not None:
        yield _placed(source.accuracy)
    yield from empty_warnings(empty)
    yield from gap_warnings(source.sample.gaps)
    if found.unsure:
        yield EngineWarning("file_changed")
    if found.stale:
        yield EngineWarning("raster_changed")


def _placed(by: Accuracy) -> EngineWarning:
    if not by.points:
        return EngineWarning("placed_by_rpcs")
    if by.residual_px is None:
        return EngineWarning("placed_by_points", (by.points,))
    return EngineWarning("placed_by_points_to", (by.points, by.residual_px))


def _layer_warnings(
    source: DrawnSource, found: ScanState, blocks: Sequence[TileBlock]
) -> Iterator[EngineWarning]:
    yield from pixel_warnings([scale.scale_m for scale in found.plan.scales])
    if found.stale:
        yield EngineWarning("layer_looks_otherwise")
    fetched = _pictures(blocks) if source.layer.most else 0
    if fetched > _FEW_PICTURES:
        yield EngineWarning("many_pictures", (fetched,))


def _pictures(blocks: Sequence[TileBlock]) -> int:
    """How many map tiles of the usual size lie under the blocks."""
    return sum(math.prod(side // _PICTURE_OF_SERVER_PX + 1 for side in block.size_px) for block in blocks)
