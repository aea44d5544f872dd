"""Describing a place: the phrases whose embedding is nearest to that of one window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from msa_model.jobs.phrases import PhraseBank, PhraseBanks
from msa_model.jobs.sources import OpenSources
from msa_model.jobs.windows import window_at
from msa_model.protocol.describing import DescribePixels, DescribeReply, DescribeRequest, Phrase
from msa_model.protocol.errors import BadArgument, PointOutsideRaster
from msa_model.protocol.messages import Bounds
from msa_model.raster.grid import TILE
from msa_model.raster.tiles import ring_bounds, window_ring

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder

_CHANNELS = 3


def describe(
    encoder: DualEncoder, banks: PhraseBanks, sources: OpenSources, request: DescribeRequest
) -> DescribeReply:
    """The best phrases for a window of a raster: score = cosine - the phrase's mean cosine.

    The window is centred on the point, or is the square around the bounds; what lies beyond the raster's
    edge is invalid. Bounds and scale of the reply are those of the window, in the raster's CRS. An empty
    `crs` means the raster's own.

    Raises:
        PointOutsideRaster: the window has no valid pixel, or the point cannot be reprojected.
        BadArgument: neither or both of point and bounds, or a number that makes no sense.
    """
    bank = banks.bank(request.phrases)
    source = sources.source(request.raster)
    window = window_at(source, request)
    tile = source.read_window(*window.corner, window.side)
    if tile.valid <= 0:
        raise PointOutsideRaster(f"There are no pixels of {source.path} at the place to describe.")
    vector = encoder.encode_tiles(tile.rgb[None])[0]
    bounds = ring_bounds(window_ring(source.transform, *window.corner, window.side))
    phrases = rank_phrases(vector, bank, request.k)
    return DescribeReply(phrases, bounds, source.crs, window.side * source.gsd_m, float(tile.valid))


def describe_pixels(
    encoder: DualEncoder, banks: PhraseBanks, request: DescribePixels, pixels: bytes
) -> DescribeReply:
    """The best phrases for an RGB picture, height × width × 3 bytes; of an oblong one, its central square.

    Raises:
        BadArgument: the number of bytes is not what the size promises.
    """
    bank = banks.bank(request.phrases)
    picture, bounds = _central_square(_picture(request, pixels), request.bounds)
    tile = np.asarray(picture.resize((TILE, TILE), Image.Resampling.BILINEAR), np.uint8)
    phrases = rank_phrases(encoder.encode_tiles(tile[None])[0], bank, request.k)
    return DescribeReply(phrases, bounds, request.crs, request.scale_m, 1.0)


def rank_phrases(vector: NDArray[np.float32], bank: PhraseBank, k: int) -> tuple[Phrase, ...]:
    """The `k` phrases that fit a unit vector [d] best, hub phrases held back by their background.

    Raises:
        BadArgument: `k` is below 1.
    """
    if k < 1:
        raise BadArgument(f"The number of phrases must be at least 1, not {k}.")
    cosines = bank.vectors @ vector
    scores = cosines - bank.background
    best = np.argsort(-scores, kind="stable")[:k]
    return tuple(Phrase(bank.phrases[i], float(scores[i]), float(cosines[i])) for i in best)


def _picture(request: DescribePixels, pixels: bytes) -> Image.Image:
    width, height = request.width, request.height
    if min(width, height) < 1 or len(pixels) != width * height * _CHANNELS:
        raise BadArgument(f"A picture of {width} × {height} pixels does not have {len(pixels)} bytes.")
    return Image.frombytes("RGB", (width, height), pixels)


def _central_square(picture: Image.Image, bounds: Bounds) -> tuple[Image.Image, Bounds]:
    width, height = picture.size
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    x0, y0, x1, y1 = bounds
    dx, dy = (x1 - x0) / width, (y1 - y0) / height
    square = (x0 + left * dx, y1 - (top + side) * dy, x0 + (left + side) * dx, y1 - top * dy)
    return picture.crop((left, top, left + side, top + side)), square
