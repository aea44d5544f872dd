"""What share of a tile an object must cover to be found: crops of objects pasted into tiles without them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from msa_model.measure.dataset import DatasetImage, read_pixels
from msa_model.measure.evaluation import TileTextEncoder, encode_pictures
from msa_model.measure.subjects import Label, Phrases, class_name, known
from msa_model.protocol.errors import DatasetUnreadable
from msa_model.raster.grid import TILE

SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)  # of the tile's area that the crop covers
_OBJECTS, _GROUNDS, _LEAST_GROUNDS = 20, 100, 10  # of each class
_FIRST = 0.1  # share of the tiles without it that an object may stand behind and still be found

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Smallest:
    """One class, for each of `SHARES`: percent found, and the AUROC of tiles with it against tiles without.

    Found: by its phrases, before nine tenths of the tiles without it; means over phrases and objects.
    """

    label: str
    objects: int
    found: tuple[float, ...]
    auroc: tuple[float, ...]


@dataclass(frozen=True)
class SmallObjects:
    """Every class of objects, and the means over classes."""

    classes: tuple[Smallest, ...]
    found: tuple[float, ...]
    auroc: tuple[float, ...]


def measure_small(
    encoder: TileTextEncoder,
    rows: Sequence[DatasetImage],
    phrases: Phrases,
    table: Mapping[str, Label],
    seed: int = 0,
) -> SmallObjects:
    """Objects and tiles are drawn with `seed`; an object lies wholly on its tile, anywhere.

    Raises:
        DatasetUnreadable: no class is one of objects, or one cannot be decoded.
    """
    labels = known({row.label for row in rows}, table)
    results = []
    for label in tqdm(sorted(name for name, own in labels.items() if own.is_object), leave=False):
        random = np.random.default_rng([seed, *label.encode()])
        own = [row for row in rows if row.label == label]
        without = [row for row in rows if labels[label].subject not in labels[row.label].shows]
        if len(without) >= _LEAST_GROUNDS:
            queries = encoder.encode_texts(phrases.get(label, (class_name(label),)))
            drawn = _drawn(own, _OBJECTS, random), _drawn(without, _GROUNDS, random)
            results.append(_Trial(encoder, queries, *drawn).smallest(label, random))
    if not results:
        raise DatasetUnreadable("No class of these images is one of objects beside images without them.")
    found = np.mean([result.found for result in results], axis=0).tolist()
    auroc = np.mean([result.auroc for result in results], axis=0).tolist()
    return SmallObjects(tuple(results), tuple(found), tuple(auroc))


def _drawn(rows: Sequence[DatasetImage], most: int, random: np.random.Generator) -> list[Pixels]:
    """Images as tiles uint8 [256, 256, 3]."""
    chosen = random.permutation(len(rows))[:most].tolist()
    return [_resized(read_pixels(rows[place].path), TILE) for place in chosen]


@dataclass(frozen=True)
class _Trial:
    """One class: its phrases' vectors, crops of its objects, and tiles without any."""

    encoder: TileTextEncoder
    queries: Floats
    objects: Sequence[Pixels]
    grounds: Sequence[Pixels]

    def smallest(self, label: str, random: np.random.Generator) -> Smallest:
        plain = encode_pictures(self.encoder, self.grounds) @ self.queries.T  # [grounds, phrases]
        found, auroc = [], []
        for share in SHARES:
            grounds = random.integers(len(self.grounds), size=len(self.objects)).tolist()
            pairs = zip(self.objects, grounds, strict=True)
            tiles = [pasted(crop, self.grounds[place], share, random) for crop, place in pairs]
            behind = _behind(encode_pictures(self.encoder, tiles) @ self.queries.T, plain)
            found.append(100 * float((behind <= _FIRST).mean()))
            auroc.append(1 - float(behind.mean()))
        return Smallest(label, len(self.objects), tuple(found), tuple(auroc))


def _behind(scores: Floats, plain: Floats) -> NDArray[np.float64]:
    """For tiles [n, phrases] the share of plain tiles that score higher, equal ones counting half."""
    higher = (plain[None] > scores[:, None]).mean(axis=1)
    equal = (plain[None] == scores[:, None]).mean(axis=1)
    behind: NDArray[np.float64] = higher + equal / 2
    return behind


def pasted(crop: Pixels, ground: Pixels, share: float, random: np.random.Generator) -> Pixels:
    """A tile whose area is to a `share` covered by a crop, at a random place."""
    side = max(1, round(TILE * share**0.5))
    y, x = random.integers(0, TILE - side + 1, 2)
    tile = ground.copy()
    tile[y : y + side, x : x + side] = _resized(crop, side)
    return tile


def _resized(pixels: Pixels, side: int) -> Pixels:
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.LANCZOS))
