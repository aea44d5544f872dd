"""What is in a raster: its indexed tiles in groups of their like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from msa_model.protocol.match import Match
from msa_model.protocol.messages import Bounds, TileRef

GROUPS = 12  # unless another number is asked for
MOST_GROUPS = 100


@dataclass(frozen=True)
class ExploreRequest:
    """`index.explore`: the tiles of indexes in at most `groups` groups, named by phrases in `language`."""

    indexes: tuple[str, ...]
    groups: int = GROUPS
    phrases: Optional[str] = None
    language: str = ""


@dataclass(frozen=True)
class GroupExample:
    """A tile that is typical of its group, with its box in `crs`."""

    tile: TileRef
    bounds: Bounds
    crs: str


@dataclass(frozen=True)
class TileGroup:
    """Tiles that are alike; `phrase` names them where `verdict` is strong or likely, else it is empty.

    `area_m2` counts the ground once, however tiles overlap; `shape` is multipolygon WKT in the reply's CRS.
    """

    id: int
    phrase: str
    verdict: Match
    tiles: int
    area_m2: float
    examples: tuple[GroupExample, ...]
    shape: str


@dataclass(frozen=True)
class ExploreReply:
    """Reply to `index.explore`: groups by falling area, of `tiles` tiles; each index counts at one scale.

    `crs` is that of the first index. Without constants of the model's own (not `calibrated`) no group is
    named.
    """

    groups: tuple[TileGroup, ...]
    tiles: int
    scales_m: tuple[float, ...]
    crs: str
    calibrated: bool = True


def group_name(group: TileGroup, unnamed: str = "group {n}") -> str:
    """What a group is called; `unnamed` says it of one that no phrase fits."""
    return group.phrase or unnamed.format(n=group.id)
