"""Small pictures of tiles, as the map shows them or else as the model saw them.

Rasters in the colours in which a map shows them.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from msa_model.index.store import TileIndex
from msa_model.jobs.open_files import OpenIndex, OpenIndexes, OpenSources
from msa_model.protocol.errors import BadArgument, RasterUnreadable
from msa_model.protocol.frames import MAX_ATTACHMENT
from msa_model.protocol.messages import MapStyle, RasterRef, ThumbnailReply, ThumbnailRequest, TileRef
from msa_model.raster.colours import Stretch
from msa_model.raster.grid import LATTICE, TILE
from msa_model.raster.source import RasterSource

_CHANNELS = 3

OpenRaster = Callable[[RasterRef], RasterSource]


def shown(sources: OpenSources, raster: RasterRef, styles: Sequence[MapStyle]) -> RasterSource:
    """The raster as the first look at it says, else as the model sees it; valid as `OpenSources.raster`.

    Raises:
        BadArgument: the look has other bands than the raster, or no stretch for each.
        RasterMissing and the other errors of `RasterSource.open`.
    """
    style = next((style for style in styles if style.source == raster.address), None)
    if style is None:
        return sources.raster(raster)
    stretch = _stretch_of(style)
    return sources.raster(RasterRef(raster.path, style.bands)).stretched(stretch)


def _stretch_of(style: MapStyle) -> Stretch:
    fitting = len(style.bands) == len(style.low) == len(style.high) and len(style.bands) in (1, _CHANNELS)
    if not fitting or any(low == high for low, high in zip(style.low, style.high, strict=True)):
        raise BadArgument(
            f"The look of {style.source} needs a low and a high value, not the same, of each band."
        )
    repeated = _CHANNELS // len(style.bands)
    return Stretch(style.low * repeated, style.high * repeated)


_LARGEST_SIDE = 1024

Kept = Callable[[tuple[int, int, int]], Image.Image]


def thumbnails(
    indexes: OpenIndexes, sources: OpenSources, request: ThumbnailRequest
) -> tuple[ThumbnailReply, bytes]:
    """Count × side × side × 3 bytes, in the order asked for.

    Raises:
        BadArgument: a side out of range, more pixels than one message holds, or a look that does not fit.
        IndexMissing, IndexStale, RasterMissing, RasterUnreadable: the index or its raster; one on another
            machine, which nobody but an index from elsewhere names, is not asked for.
    """
    side, count = request.side, len(request.tiles)
    if not 1 <= side <= _LARGEST_SIDE:
        raise BadArgument(f"A thumbnail's side must lie in 1 … {_LARGEST_SIDE} px, not at {side}.")
    if count * side * side * _CHANNELS > MAX_ATTACHMENT:
        raise BadArgument(f"{count} thumbnails of {side} px are more than one message holds.")
    with ExitStack() as stack:
        kept = {path: stack.enter_context(kept_pictures(path)) for path in _drawn(indexes, request.tiles)}
        read = partial(_picture, indexes, partial(_behind, sources, request.styles), kept, side)
        pictures = [read(tile) for tile in request.tiles]
    return ThumbnailReply(count, side), b"".join(pictures)


def _drawn(indexes: OpenIndexes, tiles: Sequence[TileRef]) -> set[Path]:
    """The indexes of drawn layers among those of the tiles."""
    opened = [indexes.get(path) for path in dict.fromkeys(tile.index for tile in tiles)]
    return {index.path for index in opened if index.manifest.drawn}


def _picture(
    indexes: OpenIndexes,
    behind: Callable[[OpenIndex], RasterSource],
    kept: Mapping[Path, Kept],
    side: int,
    tile: TileRef,
) -> bytes:
    if tile.factor < 1:
        raise BadArgument(f"A tile's decimation factor must be at least 1, not {tile.factor}.")
    index = indexes.get(tile.index)
    if index.path in kept:
        picture = kept[index.path]((tile.factor, tile.row, tile.col))
        return picture.resize((side, side), Image.Resampling.BILINEAR).tobytes()
    return tile_picture(behind(index), (tile.factor, tile.row, tile.col), side).tobytes()


def _behind(sources: OpenSources, styles: Sequence[MapStyle], index: OpenIndex) -> RasterSource:
    raster = index.raster
    if not index.may_be_opened and raster.address not in {style.source for style in styles}:
        raise RasterUnreadable(f"{raster.address} is named by {index.path} alone, so it is not asked for.")
    return shown(sources, raster, styles)


def tile_picture(source: RasterSource, key: tuple[int, int, int], side: int) -> NDArray[np.uint8]:
    """The RGB pixels [side, side, 3] of a tile by factor, row and column; errors as of `read_window`."""
    factor, row, col = key
    unit = LATTICE * factor
    return source.read_window(col * unit, row * unit, TILE * factor, side).rgb


@contextmanager
def kept_pictures(index: Path) -> Iterator[Kept]:
    """The pictures in RGB that the index of a drawn layer keeps of its tiles, each by factor, row and column.

    Raises:
        BadArgument: it holds no such tile.
        IndexMissing, IndexUnreadable: the index.
    """
    with TileIndex.open_for_reading(index) as file:
        yield partial(_read, file)


def _read(file: TileIndex, key: tuple[int, int, int]) -> Image.Image:
    jpeg = file.picture(key)
    if jpeg is None:
        factor, row, col = key
        raise BadArgument(f"{file.path} holds no tile {row}, {col} at 1:{factor}.")
    return Image.open(io.BytesIO(jpeg)).convert("RGB")
