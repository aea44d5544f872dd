"""Indexing what QGIS draws: the worker says which blocks it needs, the plugin sends their pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from msa_model.protocol.messages import Aoi, Bounds, ScaleInfo, ScanSettings
from msa_model.protocol.ranking import Transform


@dataclass(frozen=True)
class PixelGrid:
    """A raster that only QGIS can read: `source` names it for good, `transform` and size fix its pixels.

    Anchored to the layer and the GSD that the user picked, never to the view. `version` changes when
    the look of the pixels does (style, bands, source).
    """

    source: str
    title: str
    version: str
    crs: str
    transform: Transform
    width: int
    height: int


@dataclass(frozen=True)
class PixelPlanRequest:
    """`pixels.plan`: nothing is written. More than `most` missing tiles are refused; 0 sets no limit."""

    grid: PixelGrid
    aoi: Optional[Aoi] = None
    settings: ScanSettings = ScanSettings()  # noqa: RUF009  (frozen)
    index: Optional[str] = None
    most: int = 0


@dataclass(frozen=True)
class PixelBlock:
    """A block of one scale to be drawn at `width` × `height` px over `bounds`, in the grid's CRS."""

    factor: int
    row: int
    col: int
    width: int
    height: int
    bounds: Bounds
    tiles: int


@dataclass(frozen=True)
class PixelPlan:
    """Reply to `pixels.plan`: the blocks that hold missing tiles, coarse ones first."""

    index: str
    tiles: int
    missing: int
    seconds: float
    bytes: int
    gsd_m: float
    scales: tuple[ScaleInfo, ...]
    blocks: tuple[PixelBlock, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class PixelEncodeRequest:
    """`pixels.encode`, with progress: the attachment holds the block's height × width × 4 bytes (RGBA8888).

    Pixels of alpha 0 are empty; no attachment stands for a block that is all empty. Of a block that is not
    `complete` (the server left out a part) only tiles without any gap are encoded, and none counts as
    skipped, so that the rest can be asked for again.
    """

    request: PixelPlanRequest
    block: PixelBlock
    complete: bool = True


@dataclass(frozen=True)
class PixelEncoded:
    """Reply to `pixels.encode`: what was committed."""

    index: str
    encoded: int
    skipped: int
