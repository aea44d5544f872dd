"""What is in a raster: its indexed tiles in groups of their like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
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


# Twelve that nobody takes for one another (after Kelly 1965), each darker where there are more groups.
_COLOURS = (
    (0, 117, 220),
    (255, 164, 5),
    (43, 206, 72),
    (240, 163, 255),
    (255, 0, 16),
    (94, 241, 242),
    (255, 225, 0),
    (153, 63, 0),
    (116, 10, 255),
    (0, 92, 49),
    (194, 0, 136),
    (128, 128, 128),
)
_SHADES = 9  # of each
_SMALL_HA = 100
_HECTARE, _SQUARE_KILOMETRE = 1e4, 1e6
_HEAD = """<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
{mark}<qgis styleCategories="Symbology|MapTips" version="3.22.16">
 <renderer-v2 type="categorizedSymbol" attr="id" symbollevels="0" forceraster="0">
  <categories>
"""
_CATEGORY = '   <category label="{label}" value="{id}" type="long" render="true" symbol="{number}" />\n'
_SYMBOL = """   <symbol alpha="0.6" type="fill" force_rhr="0" name="{number}" clip_to_extent="1">
    <layer enabled="1" locked="0" class="SimpleFill" pass="0">
     <Option type="Map">
      <Option type="QString" name="color" value="{colour},255" />
      <Option type="QString" name="outline_color" value="{colour},255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.2" />
      <Option type="QString" name="outline_width_unit" value="MM" />
      <Option type="QString" name="style" value="solid" />
     </Option>
    </layer>
   </symbol>
"""
_FOOT = """  </symbols>
 </renderer-v2>
 <mapTip>[% replace(replace("name", '&amp;', '&amp;amp;'), '&lt;', '&amp;lt;') %]</mapTip>
</qgis>
"""


def group_style(labels: Sequence[tuple[int, str]], mark: str = "") -> str:
    """A QML style of a layer whose field `id` tells the group; `labels` are of the legend, by id.

    `mark`: a comment near the beginning.
    """
    categories = [
        _CATEGORY.format(label=escape(label), id=group, number=number)
        for number, (group, label) in enumerate(labels)
    ]
    symbols = [
        _SYMBOL.format(number=number, colour="{},{},{}".format(*group_colour(group)))
        for number, (group, _) in enumerate(labels)
    ]
    return "".join((_HEAD.format(mark=mark), *categories, "  </categories>\n  <symbols>\n", *symbols, _FOOT))


def group_colour(group: int) -> tuple[int, int, int]:
    """Red, green and blue (0 to 255) of a group, by its number from 1."""
    turn, colour = divmod(group - 1, len(_COLOURS))
    shade = 1 - (turn % _SHADES) / (_SHADES + 2)
    red, green, blue = (round(shade * part) for part in _COLOURS[colour])
    return red, green, blue


def area_text(area_m2: float) -> str:
    """Square metres as a person says them: '850 m²', '3.2 ha', '4.1 km²'."""
    if area_m2 < _HECTARE:
        return f"{area_m2:.0f} m²"
    if area_m2 < _SMALL_HA * _HECTARE:
        return f"{area_m2 / _HECTARE:.1f} ha"
    return f"{area_m2 / _SQUARE_KILOMETRE:.1f} km²"
