"""How well changes are found among unchanged ground: real pairs of images laid out as two rasters.

Each half of the pairs is a mosaic of its own, so that numbers chosen on one can be tried on the other.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from msa_model.index.background import BEST
from msa_model.index.changing import Differences, Floats, direction, standing
from msa_model.measure.dataset import read_pixels
from msa_model.measure.evaluation import TileTextEncoder
from msa_model.measure.tables import Table
from msa_model.protocol.errors import DatasetUnreadable
from msa_model.raster.grid import TILE, Keys, TileGrid
from msa_model.raster.tiles import tile_boxes

CELL = 2 * TILE
COARSE_M = 5.0  # pixels from which images are drawn twice as large, so that a tile is half of one
FACTORS = (1, 2)
CHANGED_SHARE = 0.1  # of a tile, for a hit to be right
COARSE_SHARE = 0.03  # the same for masks of single buildings in pixels of 10 m
FIRST = 20
CAST = ((1.15, 12.0), (1.0, 0.0), (0.8, -5.0))  # gain and offset of red, green and blue

Flags = NDArray[np.bool_]
Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class RealPair:
    """Two images uint8 [h, w, 3] of one place, and bool [h, w] where it changed as `words` say."""

    name: str
    words: str
    before: Picture
    after: Picture
    changed: Flags
    coarse: bool


@dataclass(frozen=True)
class Way:
    """One way to rank: average precision and precision of the first hits, 0 to 1."""

    name: str
    ap: float
    first: float


@dataclass(frozen=True)
class ChangeFound:
    """A mosaic: `chance` is the share of tiles that changed; `ways` of ranking them."""

    mosaic: str
    question: str
    tiles: int
    chance: float
    ways: tuple[Way, ...]


@dataclass(frozen=True)
class ChangeEvaluation:
    """`calm`: the share of unchanged pairs, each asked alone, of which the verdict says that nothing changed.

    `seen`: the share of changed pairs of which it says that something may have.
    """

    pairs: int
    found: tuple[ChangeFound, ...]
    calm: float
    seen: float


def read_pairs(file: Path) -> list[RealPair]:
    """The pairs that a JSON list names: a, b, mask (or null), query ('appeared: X' or 'unchanged'), gsd.

    Changed pairs without a mask and those of other questions are left out.

    Raises:
        DatasetUnreadable: the list or one of the images cannot be read.
    """
    try:
        rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
        chosen = [row for row in rows if row["query"] == "unchanged" or _sought(row)]
        return [_pair(file.parent, row) for row in chosen]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetUnreadable(f"{file} is no list of pairs: {error!r:.200}.") from error


def _sought(row: dict[str, Any]) -> bool:
    return row["mask"] is not None and str(row["query"]).startswith("appeared: ")


def _pair(folder: Path, row: dict[str, Any]) -> RealPair:
    coarse = float(row["gsd"]) >= COARSE_M
    before, after = (_sized(read_pixels(folder / row[name]), coarse) for name in ("a", "b"))
    changed = np.zeros(before.shape[:2], bool)
    if row["query"] != "unchanged":
        changed = _sized(read_pixels(folder / row["mask"]), coarse)[..., 0] > np.iinfo(np.uint8).max // 2
    words = str(row["query"]).removeprefix("appeared: ")
    return RealPair(str(row["pair"]), words, before, after, changed, coarse)


def _sized(pixels: Picture, coarse: bool) -> Picture:
    """Squares that fill a cell, or a quarter of one."""
    side = CELL if coarse or min(pixels.shape[:2]) >= CELL else TILE
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC))


def evaluate_change(
    encoder: TileTextEncoder, pairs: Sequence[RealPair], phrases: Sequence[str], seed: int
) -> ChangeEvaluation:
    """Mosaics of fine and of coarse pairs in halves, as they are and with a colour cast; each pair alone."""
    bank = encoder.encode_texts(phrases)
    order = np.random.default_rng(seed).permutation(len(pairs))
    found: list[ChangeFound] = []
    for coarse, kind in ((False, "fine"), (True, "10 m")):
        own = [pairs[place] for place in order if pairs[place].coarse is coarse]
        for half in (0, 1):
            if any(pair.changed.any() for pair in own[half::2]):
                found += _mosaic(encoder, own[half::2], bank, f"{kind}, half {half + 1}")
    alone = np.array([_alone(encoder, pair, bank) for pair in pairs])
    changed = np.array([pair.changed.any() for pair in pairs])
    calm, seen = (alone[~changed] < 0), (alone[changed] >= 0)
    return ChangeEvaluation(len(pairs), tuple(found), _share(calm), _share(seen))


def _share(flags: Flags) -> float:
    return float(flags.mean()) if len(flags) else 0.0


def _mosaic(
    encoder: TileTextEncoder, pairs: Sequence[RealPair], bank: Floats, name: str
) -> list[ChangeFound]:
    asked = [pair.words for pair in pairs if pair.changed.any()]
    words = max(sorted(set(asked)), key=asked.count)
    before, after, changed = (_laid_out([getattr(p, part) for p in pairs]) for part in _PARTS)
    keys = _keys(changed.shape)
    first, second, cast = (_encoded(encoder, image, keys) for image in (before, after, _cast(after)))
    least = COARSE_SHARE if pairs[0].coarse else CHANGED_SHARE
    boxes = tile_boxes(keys).astype(int)
    right = np.array([changed[y0:y1, x0:x1].mean() >= least for x0, y0, x1, y1 in boxes])
    text = encoder.encode_texts([words])[0]
    return [
        ChangeFound(kind, words, len(keys), float(right.mean()), _ways(keys, first, other, text, bank, right))
        for kind, other in ((name, second), (f"{name}, colour cast", cast))
    ]


_PARTS = ("before", "after", "changed")


def _laid_out(images: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Images in a square of cells, four small ones in a cell; cells without one are black."""
    small = [image for image in images if len(image) < CELL]
    cells = [image for image in images if len(image) >= CELL]
    for start in range(0, len(small), 4):
        four = [*small[start : start + 4], *[np.zeros_like(small[0])] * 3][:4]
        cells.append(np.concatenate([np.concatenate(four[:2], axis=1), np.concatenate(four[2:], axis=1)]))
    side = int(np.ceil(np.sqrt(len(cells))))
    cells += [np.zeros_like(cells[0])] * (side**2 - len(cells))
    shuffled = [cells[place] for place in np.random.default_rng(0).permutation(len(cells))]
    rows = [np.concatenate(shuffled[start : start + side], axis=1) for start in range(0, side**2, side)]
    return np.concatenate(rows)


def _keys(shape: tuple[int, ...]) -> Keys:
    grids = [(factor, TileGrid(shape[1], shape[0], factor).keys()) for factor in FACTORS]
    return np.concatenate([np.column_stack((np.full(len(own), f, np.int32), own)) for f, own in grids])


def _encoded(encoder: TileTextEncoder, image: Picture, keys: Keys) -> Floats:
    tiles = [
        np.asarray(Image.fromarray(image[y0:y1, x0:x1]).resize((TILE, TILE), Image.Resampling.BOX))
        for x0, y0, x1, y1 in tile_boxes(keys).astype(int)
    ]
    return np.concatenate(
        [encoder.encode_tiles(np.stack(tiles[at : at + 32])) for at in range(0, len(tiles), 32)]
    )


def _cast(image: Picture) -> Picture:
    gains, offsets = np.array(CAST).T
    cast: Picture = np.clip(image * gains + offsets, 0, 255).astype(np.uint8)
    return cast


def _ways(  # noqa: PLR0917  (a mosaic)
    keys: Keys, before: Floats, after: Floats, text: Floats, bank: Floats, right: Flags
) -> tuple[Way, ...]:
    moves = after - before
    scores = {
        "cosine": moves @ text,
        "cosine less phrases": moves @ (text - bank.mean(axis=0)),
        "change": Differences.of(keys, before, after).along(direction(text, bank)),
    }
    return tuple(_way(name, own, right) for name, own in scores.items())


def _way(name: str, scores: Floats, right: Flags) -> Way:
    hits = right[np.argsort(-scores, kind="stable")]
    precisions = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return Way(name, float(precisions[hits].mean()) if hits.any() else 0.0, float(hits[:FIRST].mean()))


def _alone(encoder: TileTextEncoder, pair: RealPair, bank: Floats) -> float:
    """The verdict's standing of a pair as two rasters; an unchanged one is asked for houses."""
    keys = _keys(pair.changed.shape)
    before, after = _encoded(encoder, pair.before, keys), _encoded(encoder, pair.after, keys)
    words = "houses" if pair.words == "unchanged" else pair.words
    way = direction(encoder.encode_texts([words])[0], bank)
    changes = standing(Differences.of(keys, before, after).along(way), len(keys))
    return float(np.sort(changes)[-BEST:].mean())


def change_tables(result: ChangeEvaluation) -> list[Table]:
    """Each mosaic and way of ranking."""
    rows = [
        (own.mosaic, own.question, way.name, f"{own.chance:.2f}", f"{way.first:.2f}", f"{way.ap:.3f}")
        for own in result.found
        for way in own.ways
    ]
    return [Table(("mosaic", "appeared", "ranked by", "chance", f"p@{FIRST}", "AP"), tuple(rows), words=3)]
