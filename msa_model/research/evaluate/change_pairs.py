"""Pairs of images of one place at two dates, and what is known to have changed between them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from msa_model.index.changing import COARSE_M
from msa_model.measure.dataset import read_pixels
from msa_model.protocol.errors import DatasetUnreadable
from msa_model.raster.grid import TILE

CELL = 2 * TILE
UNCHANGED = "unchanged"
_NOT_PLACE = 2  # last parts of a pair's name: a quarter of a picture, or two years

Flags = NDArray[np.bool_]
Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class RealPair:
    """Two images uint8 [h, w, 3] of one `place`, and bool [h, w] where it changed as `words` say.

    `coarse`: of pixels so large that it is drawn twice as large, so that a tile is half of it.
    """

    place: str
    words: str
    before: Picture
    after: Picture
    changed: Flags
    coarse: bool


def is_list_of_pairs(file: Path) -> bool:
    """Whether a file looks like a list of pairs, and not like a data set."""
    try:
        return file.is_file() and file.read_text(encoding="utf-8").lstrip().startswith("[")
    except (OSError, UnicodeDecodeError):
        return False


def read_pairs(file: Path) -> list[RealPair]:
    """The pairs that a JSON list names: a, b, mask (or null), query ('appeared: X' or 'unchanged'), gsd.

    Changed pairs without a mask and those of other questions are left out.

    Raises:
        DatasetUnreadable: the list or one of the images cannot be read.
    """
    try:
        rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
        chosen = [row for row in rows if row["query"] == UNCHANGED or _sought(row)]
        return [_pair(file.parent, row) for row in chosen]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetUnreadable(f"{file} is no list of pairs: {error!r:.200}.") from error


def _sought(row: dict[str, Any]) -> bool:
    return row["mask"] is not None and str(row["query"]).startswith("appeared: ")


def _pair(folder: Path, row: dict[str, Any]) -> RealPair:
    coarse = float(row["gsd"]) >= COARSE_M
    before, after = (_sized(read_pixels(folder / row[name]), coarse) for name in ("a", "b"))
    changed = np.zeros(before.shape[:2], bool)
    if row["query"] != UNCHANGED:
        changed = _sized(read_pixels(folder / row["mask"]), coarse)[..., 0] > np.iinfo(np.uint8).max // 2
    words = str(row["query"]).removeprefix("appeared: ")
    place = "_".join(str(row["pair"]).split("_")[:-_NOT_PLACE])
    return RealPair(f"{row['set']}/{place}", words, before, after, changed, coarse)


def _sized(pixels: Picture, coarse: bool) -> Picture:
    """Squares that fill a cell, or a quarter of one."""
    side = CELL if coarse or min(pixels.shape[:2]) >= CELL else TILE
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC))


def in_halves(pairs: Sequence[RealPair], seed: int) -> tuple[list[RealPair], list[RealPair]]:
    """Pairs of a place stay together; places where something changed are dealt first."""
    places = sorted({pair.place for pair in pairs})
    drawn = [places[at] for at in np.random.default_rng(seed).permutation(len(places))]
    busy = {pair.place for pair in pairs if pair.changed.any()}
    dealt = [place for place in drawn if place in busy] + [place for place in drawn if place not in busy]
    first = set(dealt[::2])
    return [pair for pair in pairs if pair.place in first], [
        pair for pair in pairs if pair.place not in first
    ]
