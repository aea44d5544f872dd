"""Describing the features of a polygon layer: a generator that looks at some of them at each step."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from msa_model.jobs.describe import Naming, WindowVectors, look_at_all, side_px
from msa_model.jobs.phrases import PhraseBank, PhraseBanks
from msa_model.jobs.steps import ProgressMeter, StepSize
from msa_model.jobs.windows import Window, area_on, fitting_sides, scan_sides, spread
from msa_model.protocol.describing import AreaDescription, DescribeManyReply, DescribeManyRequest
from msa_model.protocol.errors import AoiInvalid, BadArgument, PointOutsideRaster
from msa_model.protocol.frames import MAX_BODY, MAX_PIECES
from msa_model.protocol.messages import Progress
from msa_model.protocol.pixels import Draw
from msa_model.raster.aoi import geometry_of
from msa_model.raster.drawn import open_source, undrawn
from msa_model.raster.source import Readable

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder

MOST_AREAS = 100_000
MOST_WINDOWS = 64  # of an area
_BYTES_OF_AREA, _BYTES_OF_PHRASE = 160, 190  # of JSON, besides the words
_MOST_AT_ONCE = 64  # areas of a step; planning one takes a moment even where there is nothing to see

_AreaWindows = tuple[tuple[Window, ...], str]  # windows over an area, or why there are none


def describe_many(
    encoder: DualEncoder, banks: PhraseBanks, request: DescribeManyRequest, draw: Draw = undrawn
) -> Generator[Progress, None, DescribeManyReply]:
    """Describes areas one after the other; an area that cannot be described says why, and stops no other.

    Progress counts areas; its `id` is 0, for the caller to set.

    Raises:
        BadArgument: a number out of range, a CRS that is none, or more than one answer holds.
        PhrasesUnreadable: the phrase bank.
        RasterMissing and the other errors of `open_source` and of `look_at_all`.
    """
    _check(request)
    naming = Naming.of(encoder, banks, request.phrases, request.language)
    _check_answer(request, naming.bank)
    found: list[AreaDescription] = []
    with open_source(request.raster, draw) as source:
        meter, step = ProgressMeter(len(request.areas)), StepSize()
        yield meter.progress()
        areas = iter(_areas(source, request))
        while some := _take(areas, step.tiles):
            started = time.monotonic()
            found += yield from _describe(encoder, source, naming, some, request.k)
            step.adapt(sum(len(windows) for windows, _ in some) or 1, time.monotonic() - started)
            yield meter.advance(len(some))
    return DescribeManyReply(tuple(found), naming.calibrated)


def _check(request: DescribeManyRequest) -> None:
    count = len(request.areas)
    if count > MOST_AREAS:
        raise BadArgument(f"At most {MOST_AREAS:,} areas can be described in one go, not {count:,}.")
    if not 1 <= request.windows <= MOST_WINDOWS:
        raise BadArgument(f"An area can have 1 to {MOST_WINDOWS} windows, not {request.windows}.")
    if request.k < 1:
        raise BadArgument(f"The number of phrases must be at least 1, not {request.k}.")


def _check_answer(request: DescribeManyRequest, bank: PhraseBank) -> None:
    """An answer that would be too large is refused before hours are spent on it."""
    longest = max(len(phrase.encode("utf-8", "replace")) for phrase in bank.phrases)
    of_an_area = _BYTES_OF_AREA + min(request.k, len(bank.phrases)) * (_BYTES_OF_PHRASE + 2 * longest)
    most = MAX_PIECES * MAX_BODY // of_an_area
    if len(request.areas) > most:
        raise BadArgument(
            f"With {request.k} phrases each, at most {most:,} areas can be described in one go, "
            f"not {len(request.areas):,}."
        )


def _areas(source: Readable, request: DescribeManyRequest) -> Iterator[_AreaWindows]:
    side = side_px(source, request.scale_m)
    for area in request.areas:
        try:
            yield _windows(source, area, request, side), ""
        except (AoiInvalid, PointOutsideRaster) as error:
            yield (), error.sentence


def _windows(
    source: Readable, wkt: str, request: DescribeManyRequest, side: float | None
) -> tuple[Window, ...]:
    geometry = geometry_of(wkt)
    if geometry.geom_type == "Point" and not geometry.is_empty:
        x, y = source.pixel_of((geometry.x, geometry.y), request.crs or source.crs)
        return (Window(x, y, side or scan_sides(source)[0]),)
    area = area_on(source, wkt, request.crs)
    return spread(area, side or fitting_sides(source, area)[-1], request.windows)


def _take(areas: Iterator[_AreaWindows], windows: int) -> list[_AreaWindows]:
    """The next areas, until they have that many windows together; one at least while there are any."""
    taken: list[_AreaWindows] = []
    while sum(len(own) for own, _ in taken) < windows and len(taken) < _MOST_AT_ONCE:
        more = list(islice(areas, 1))
        if not more:
            break
        taken += more
    return taken


def _describe(
    encoder: DualEncoder, source: Readable, naming: Naming, areas: Sequence[_AreaWindows], k: int
) -> Generator[Progress, None, list[AreaDescription]]:
    """All windows of some areas are encoded together."""
    views = yield from look_at_all(encoder, source, [windows for windows, _ in areas])
    return [_in_words(source, naming, area, view, k) for area, view in zip(areas, views, strict=True)]


def _in_words(
    source: Readable, naming: Naming, area: _AreaWindows, view: WindowVectors | None, k: int
) -> AreaDescription:
    windows, problem = area
    if view is None:
        return AreaDescription(problem=problem or "The raster has no pixels at this place.")
    words = naming.told(view, k)
    return AreaDescription(words.phrases, words.keywords, windows[0].side * source.gsd_m, view.windows)
