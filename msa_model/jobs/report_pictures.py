"""The pictures of a report, as markup that carries its pixels."""

from __future__ import annotations

import base64
import io
import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import shapely
from affine import Affine
from markupsafe import Markup
from numpy.typing import NDArray
from PIL import Image

from msa_model.index.batch_file import BatchHit
from msa_model.index.drawn import cropped
from msa_model.index.store import TileIndex
from msa_model.jobs.thumbnails import Kept, OpenRaster, kept_pictures, tile_picture
from msa_model.protocol.errors import MsaError
from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.messages import Source
from msa_model.raster.coordinates import moved
from msa_model.raster.source import RasterSource
from msa_model.raster.tiles import mapped

_log = logging.getLogger(__name__)
_SIDE, _MAP_SIDE = 160, 260
_QUALITY = 80
_MOST_DECODED = 64_000_000  # pixels that are decoded for a map of the whole raster: a second or so


@dataclass(frozen=True)
class _BaseMap:
    """What a map shows below the hits: a grid on Earth, and its picture where one can be had quickly."""

    crs: str
    transform: Affine
    width: int
    height: int
    picture: NDArray[np.uint8] | None = None


def thumbnails(open_raster: OpenRaster, raster: Source, hits: Sequence[BatchHit]) -> list[Markup]:
    """An `img` of each hit's tile; empty where the raster cannot be read any more."""
    if not hits:
        return []
    try:
        with ExitStack() as stack:
            if isinstance(raster, DrawnLayer):
                read = partial(_kept, stack.enter_context(kept_pictures(Path(hits[0].index))))
            else:
                read = partial(_read, open_raster(raster))
            return [_thumbnail(hit, read) for hit in hits]
    except MsaError as error:
        return [_none(error)] * len(hits)


def _thumbnail(hit: BatchHit, read: Callable[[BatchHit], NDArray[np.uint8]]) -> Markup:
    try:
        rgb = read(hit)
    except MsaError as error:
        return _none(error)
    return Markup('<img alt="tile {}" src="{}">').format(hit.rank, _data_url(rgb))


def _none(error: MsaError) -> Markup:
    _log.warning("No picture for the report: %s", error.sentence)
    return Markup()


def outline_map(open_raster: OpenRaster, raster: Source, crs: str, hits: Sequence[BatchHit]) -> Markup:
    """A `svg` of the raster with the outlines of the hits, whose polygons are in `crs`.

    Of a drawn layer, which may have no end, what is indexed of it.
    """
    try:
        ground = _indexed(hits) if isinstance(raster, DrawnLayer) else _whole(open_raster(raster))
    except MsaError as error:
        _log.warning("No map for the report: %s", error.sentence)
        return Markup()
    if ground is None:
        return Markup()
    scale = _MAP_SIDE / max(ground.width, ground.height)
    width, height = ground.width * scale, ground.height * scale
    shapes = Markup().join(_polygon(ground, crs, scale, hit) for hit in hits)
    return Markup(
        '<svg class="map" viewBox="0 0 {side} {side}" role="img" aria-label="where the hits are">'
        '{image}<rect class="raster" width="{width:.1f}" height="{height:.1f}"/>{shapes}</svg>'
    ).format(
        side=_MAP_SIDE,
        image=_image(ground.picture, width, height),
        width=width,
        height=height,
        shapes=shapes,
    )


def _read(source: RasterSource, hit: BatchHit) -> NDArray[np.uint8]:
    return tile_picture(source, (hit.factor, hit.row, hit.col), _SIDE)


def _kept(pictures: Kept, hit: BatchHit) -> NDArray[np.uint8]:
    return np.asarray(pictures((hit.factor, hit.row, hit.col)))


def _whole(source: RasterSource) -> _BaseMap:
    return _BaseMap(source.crs, source.transform, source.width, source.height, _overview(source))


def _indexed(hits: Sequence[BatchHit]) -> _BaseMap | None:
    if not hits:
        return None
    with TileIndex.open_for_reading(Path(hits[0].index)) as index:
        part, _ = cropped(index.manifest, index.done_keys())
    return _BaseMap(part.crs, part.affine, part.width, part.height)


def _polygon(ground: _BaseMap, crs: str, scale: float, hit: BatchHit) -> Markup:
    ring = shapely.get_coordinates(hit.polygon)[:-1]
    middle, _ = ground.transform @ (ground.width / 2, ground.height / 2)
    corners = mapped(~ground.transform, moved(ring, crs, ground.crs, around=middle)) * scale
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners.tolist())
    return Markup('<polygon class="hit" points="{}"><title>{}</title></polygon>').format(points, hit.rank)


def _overview(source: RasterSource) -> NDArray[np.uint8] | None:
    """The whole raster in small; None where that would mean to decode much."""
    step = max(1.0, max(source.width, source.height) / _MAP_SIDE)
    fine = max((level for level in source.overviews if level <= step), default=1)
    if source.width * source.height / fine**2 > _MOST_DECODED:
        return None
    width, height = max(1, int(source.width / step)), max(1, int(source.height / step))
    return source.read_region(0, 0, step, width, height).rgb


def _image(picture: NDArray[np.uint8] | None, width: float, height: float) -> Markup:
    if picture is None:
        return Markup()
    shape = Markup('<image width="{:.1f}" height="{:.1f}" xlink:href="{}"/>')
    return shape.format(width, height, _data_url(picture))


def _data_url(rgb: NDArray[np.uint8]) -> str:
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, "JPEG", quality=_QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode()}"
