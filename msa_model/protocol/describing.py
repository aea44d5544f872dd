"""Describing many places of a raster in one go: the features of a polygon layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from msa_model.protocol.messages import Keyword, Phrase, RasterRef


@dataclass(frozen=True)
class DescribeManyRequest:
    """`tile.describe_many`, a long job: `areas` are WKT polygons or points in `crs` (empty: the raster's own).

    Windows of `scale_m` metres are spread over each area, at most `windows` of them; without a scale each
    area has one that suits its size. `k` phrases and keywords are told for each.
    """

    raster: RasterRef
    areas: tuple[str, ...]
    crs: str = ""
    scale_m: Optional[float] = None
    phrases: Optional[str] = None
    k: int = 3
    windows: int = 9


@dataclass(frozen=True)
class AreaDescription:
    """What an area shows, the mean over `windows` windows of `scale_m`; `problem` says why there is nothing."""

    phrases: tuple[Phrase, ...] = ()
    keywords: tuple[Keyword, ...] = ()
    scale_m: float = 0.0
    windows: int = 0
    problem: str = ""


@dataclass(frozen=True)
class DescribeManyReply:
    """Reply to `tile.describe_many`: one description for each area, in their order."""

    descriptions: tuple[AreaDescription, ...]
