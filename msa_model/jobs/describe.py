"""Describing a place: the phrases whose embedding is nearest to that of what is seen there.

Places in words: the phrases of a bank that fit best, and how well each matches.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from msa_model.index.background import Constants, PhraseBackground, best_of_each_category
from msa_model.jobs.open_files import OpenSources
from msa_model.jobs.phrases import PhraseBank, PhraseBanks
from msa_model.jobs.steps import reading
from msa_model.jobs.windows import Window, area_on, check_side, fitting_sides, scan_sides, spread, window_at
from msa_model.protocol.describing import (
    DescribeReply,
    DescribeRequest,
    Keyword,
    Phrase,
    ScaleDescription,
)
from msa_model.protocol.errors import BadArgument, PointOutsideRaster
from msa_model.protocol.match import LIKELY_FROM, match_of
from msa_model.protocol.messages import Bounds, Progress, ScanSettings
from msa_model.protocol.pixels import Draw
from msa_model.raster.drawn import undrawn
from msa_model.raster.source import Readable, TilePixels
from msa_model.raster.tiles import mapped, prefetched, ring_bounds, window_ring

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder

Floats = NDArray[np.float32]
_LEAST_VALID = ScanSettings().min_valid


@dataclass(frozen=True)
class PlaceWords:
    """What is seen in words, best first."""

    phrases: tuple[Phrase, ...]
    keywords: tuple[Keyword, ...]

    def doubted(self) -> PlaceWords:
        """The same phrases, none of which is believed."""
        return PlaceWords(tuple(replace(phrase, match="none") for phrase in self.phrases), ())


@dataclass(frozen=True)
class Naming:
    """A `bank` that names places; its phrases are compared with those of `ground`, the shipped ones.

    `constants` are the model's own, None where it has none.
    """

    bank: PhraseBank
    ground: PhraseBank
    constants: Constants | None

    @classmethod
    def of(cls, encoder: DualEncoder, banks: PhraseBanks, phrases: str | None, language: str = "") -> Naming:
        """Of a phrase file (None: the shipped one), told in a language.

        Raises:
            PhrasesUnreadable: as of `PhraseBanks.bank`.
        """
        return cls(banks.bank(phrases, language), banks.bank(None), encoder.describing)

    @property
    def calibrated(self) -> bool:
        """Whether the model has constants of its own; else no phrase matches better than weakly."""
        return self.constants is not None

    def match_score(self, vectors: Floats) -> Floats:
        """Each phrase's match score [n] at a place: the mean over windows of unit vectors [w, d]."""
        mean: Floats = self.each(vectors).mean(axis=0)
        return mean

    def each(self, vectors: Floats) -> Floats:
        """Each phrase's match score at each of several places [w, d]: [w, n]."""
        ground = PhraseBackground(self.ground.vectors, self.ground.background)
        return ground.match_score(vectors, self.bank.vectors, self.bank.background, self.constants)

    def told(self, view: WindowVectors, k: int) -> PlaceWords:
        """The words of a view; of one that a scan would leave out, as mostly without data, none is believed.

        The model takes the missing pixels for dark water.
        """
        words = self.words(view.vectors, k)
        return words if view.valid >= _LEAST_VALID else words.doubted()

    def words(self, vectors: Floats, k: int) -> PlaceWords:
        """The `k` phrases that fit windows [w, d] best, one of each category, and `k` keywords.

        Raises:
            BadArgument: `k` is below 1.
        """
        if k < 1:
            raise BadArgument(f"The number of phrases must be at least 1, not {k}.")
        match_score, scores = self.match_score(vectors), self.bank.fits(vectors.mean(axis=0))
        heights = match_score if self.calibrated else scores
        best = best_of_each_category(heights, self.bank.categories)[:k]
        matching = match_score >= LIKELY_FROM if self.calibrated else np.ones(len(scores), bool)
        return PlaceWords(
            tuple(self._phrase(i, scores, match_score) for i in best.tolist()),
            self.bank.words.keywords(np.where(matching, scores, -np.inf), k) if matching.any() else (),
        )

    def _phrase(self, i: int, scores: Floats, match_score: Floats) -> Phrase:
        score, worth = float(scores[i]), float(match_score[i])
        cosine = float(scores[i] + self.bank.background[i])
        return Phrase(self.bank.phrases[i], score, cosine, worth, match_of(worth))


@dataclass(frozen=True)
class WindowVectors:
    """What windows of a raster show together: their unit vectors [w, d], and their mean valid share."""

    vectors: Floats
    valid: float

    @property
    def windows(self) -> int:
        """How many were seen."""
        return len(self.vectors)


@dataclass(frozen=True)
class DescribedWindows:
    """Where to look: `windows` for the description itself; `area` in (column, row), None around a point."""

    windows: tuple[Window, ...]
    area: shapely.Geometry | None
    bounds: Bounds

    @classmethod
    def of(cls, source: Readable, request: DescribeRequest) -> DescribedWindows:
        """The place that a request means; a polygon has windows of a scan spread over it.

        Raises:
            PointOutsideRaster, AoiInvalid, BadArgument: see `window_at` and `area_on`.
        """
        if request.polygon is not None and request.point is None and request.bounds is None:
            area = area_on(source, request.polygon, request.crs)
            side = side_px(source, request.scale_m) or fitting_sides(source, area)[-1]
            corners = mapped(source.transform, shapely.get_coordinates(area))
            low, high = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
            return cls(spread(area, side), area, (low[0], low[1], high[0], high[1]))
        if request.polygon is not None:
            raise BadArgument("A place needs a point, bounds or a polygon, not two of them.")
        window = window_at(source, request)
        x, y = window.corner
        box = None if request.bounds is None else shapely.box(x, y, x + window.side, y + window.side)
        return cls((window,), box, ring_bounds(window_ring(source.transform, x, y, window.side)))

    def at_scales(self, source: Readable) -> Iterator[tuple[Window, ...]]:
        """Windows of every scale of a scan that is no larger than the place, finest first."""
        if self.area is None:
            (window,) = self.windows
            yield from ((Window(window.x, window.y, side),) for side in scan_sides(source))
        else:
            most = math.sqrt(self.area.area)
            yield from (spread(self.area, side) for side in scan_sides(source) if side <= most)


def describe(
    encoder: DualEncoder,
    banks: PhraseBanks,
    sources: OpenSources,
    request: DescribeRequest,
    draw: Draw = undrawn,
) -> Generator[Progress, None, DescribeReply]:
    """The best phrases and keywords for a place, with what each phrase is worth there.

    A point has a window around it, bounds have the square around them; what lies beyond the raster's edge
    is invalid. Bounds and scale of the reply are those of the place and of its windows, in the raster's
    CRS. An empty `crs` means the raster's own.

    Raises:
        PointOutsideRaster: the place has no valid pixel, or cannot be reprojected.
        AoiInvalid: the polygon is none.
        BadArgument: not one of point, bounds and polygon, or a number that makes no sense.
        PhrasesUnreadable: the phrase bank.
        layer_unavailable, layer_silent, layer_changed, layer_gone: QGIS does not draw the place.
    """
    naming = Naming.of(encoder, banks, request.phrases, request.language)
    source = sources.source(request.raster, draw)
    place = DescribedWindows.of(source, request)
    scales = [own for own in place.at_scales(source) if own != place.windows] if request.every_scale else []
    view, *views = yield from look_at_all(encoder, source, [place.windows, *scales])
    if view is None:
        raise PointOutsideRaster(f"There are no pixels of {source.path} at the place to describe.")
    words = naming.told(view, request.k)
    return DescribeReply(
        words.phrases,
        place.bounds,
        source.crs,
        place.windows[0].side * source.gsd_m,
        view.valid,
        words.keywords,
        tuple(_scales(source, naming, request.k, zip(scales, views, strict=True))),
        naming.calibrated,
    )


def look_at_all(
    encoder: DualEncoder, source: Readable, places: Sequence[Sequence[Window]]
) -> Generator[Progress, None, list[WindowVectors | None]]:
    """What is seen at places, each through windows; those without data are left out, None where all are.

    Raises:
        RasterUnreadable, layer_unavailable, layer_silent: a window cannot be read.
    """
    windows = list(dict.fromkeys(window for windows in places for window in windows))
    read = dict(zip(windows, (yield from reading(source, lambda: _read(source, windows))), strict=True))
    source.check()
    tiles = [read[window] for windows in places for window in windows]
    seen = [tile.rgb for tile in tiles if tile.valid > 0]
    vectors = iter(encoder.encode_tiles(np.stack(seen)) if seen else ())
    left = iter(tiles)
    return [_view([tile.valid for tile in islice(left, len(windows))], vectors) for windows in places]


def _read(source: Readable, windows: Sequence[Window]) -> list[TilePixels]:
    with closing(prefetched(windows, lambda w: source.read_window(*w.corner, w.side))) as tiles:
        return list(tiles)


def _view(valid: Sequence[float], vectors: Iterator[Floats]) -> WindowVectors | None:
    own = list(islice(vectors, sum(share > 0 for share in valid)))
    return WindowVectors(np.stack(own), float(np.mean(valid))) if own else None


def side_px(source: Readable, scale_m: float | None) -> float | None:
    """A window's side in pixels; None of None.

    Raises:
        BadArgument: no positive number of metres.
    """
    if scale_m is None:
        return None
    check_side(scale_m)
    return scale_m / source.gsd_m


def _scales(
    source: Readable, naming: Naming, k: int, seen: Iterable[tuple[Sequence[Window], WindowVectors | None]]
) -> Iterator[ScaleDescription]:
    for windows, view in seen:
        if view is not None:
            words = naming.told(view, k)
            scale_m = windows[0].side * source.gsd_m
            yield ScaleDescription(scale_m, words.phrases, words.keywords, view.valid, view.windows)
