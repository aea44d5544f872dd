"""How far imagery may suffer before a model finds less: retrieval and short phrases on degraded images.

What imagery may suffer, done to single images: blur, compression, haze, pixel size, rotation, season.

What share of a tile an object must cover to be found: crops of objects pasted into tiles without them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from tqdm import tqdm

from msa_model.measure.dataset import DatasetImage, read_pixels
from msa_model.measure.evaluation import BATCH, TileTextEncoder, caption_numbers, encode_pictures, score
from msa_model.measure.metrics import precision_at
from msa_model.measure.subjects import Label, Phrases, class_name, known
from msa_model.protocol.errors import DatasetUnreadable
from msa_model.raster.grid import TILE

Pixels = NDArray[np.uint8]

_HAZE = np.array((214, 220, 228), np.float32)  # light that the air scatters
# Rows: what red, green and blue become of (red, green, blue, 1); vegetation is where green leads.
_SEASONS = {
    "autumn": ((1.1, 0.25, 0.0, 4), (0.1, 0.75, 0.05, 0), (0.0, 0.1, 0.75, 0)),
    "dry": ((0.95, 0.3, 0.0, 12), (0.25, 0.75, 0.0, 8), (0.15, 0.2, 0.6, 0)),
    "winter": ((0.5, 0.3, 0.1, 42), (0.2, 0.6, 0.1, 44), (0.2, 0.3, 0.5, 50)),
    "low sun": ((0.72, 0.0, 0.0, 6), (0.0, 0.66, 0.0, 3), (0.0, 0.0, 0.56, 0)),
}


@dataclass(frozen=True)
class Degradation:
    """One kind of change at one strength; `apply` takes and gives RGB uint8 [h, w, 3]."""

    kind: str
    strength: str
    apply: Callable[[Pixels], Pixels]


def degradations() -> tuple[Degradation, ...]:
    """All that are measured, "none" first."""
    return (
        Degradation("none", "", lambda pixels: pixels),
        *(Degradation("blur", f"σ {s:g} px", _blurred(s)) for s in (1, 2, 4)),
        *(Degradation("JPEG", f"quality {q}", _compressed(q)) for q in (50, 20, 10, 5)),
        *(Degradation("haze", f"{share:.0%}", _hazy(share)) for share in (0.2, 0.4, 0.6, 0.8)),
        Degradation("pixel size", "×0.5", _closer),
        *(Degradation("pixel size", f"×{factor}", _coarser(factor)) for factor in (2, 3, 4)),
        *(Degradation("rotation", f"{angle}°", _turned(angle)) for angle in (45, 90, 180)),
        *(Degradation("colour", name, _recoloured(name)) for name in _SEASONS),
    )


def _blurred(sigma: float) -> Callable[[Pixels], Pixels]:
    return lambda pixels: np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(sigma)))


def _compressed(quality: int) -> Callable[[Pixels], Pixels]:
    def apply(pixels: Pixels) -> Pixels:
        with BytesIO() as memory:
            Image.fromarray(pixels).save(memory, "JPEG", quality=quality)
            return np.asarray(Image.open(memory).convert("RGB"))

    return apply


def _hazy(share: float) -> Callable[[Pixels], Pixels]:
    return lambda pixels: _rounded((1 - share) * pixels + share * _HAZE)


def _closer(pixels: Pixels) -> Pixels:
    """Half the ground along a side, at half the pixel size: the middle, enlarged."""
    height, width = pixels.shape[:2]
    middle = (width // 4, height // 4, width - width // 4, height - height // 4)
    how = Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(pixels).resize((width, height), how, box=middle))


def _coarser(factor: int) -> Callable[[Pixels], Pixels]:
    """The same ground in fewer pixels: as small as a raster of coarser pixels gives it."""

    def apply(pixels: Pixels) -> Pixels:
        height, width = pixels.shape[:2]
        size = (max(1, round(width / factor)), max(1, round(height / factor)))
        return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BOX))

    return apply


def _turned(angle: int) -> Callable[[Pixels], Pixels]:
    """By right angles the whole; else the largest upright square of the turned image, which loses its rim."""

    def apply(pixels: Pixels) -> Pixels:
        turned = Image.fromarray(pixels).rotate(angle, Image.Resampling.BILINEAR, expand=angle % 90 == 0)
        if angle % 90 == 0:
            return np.asarray(turned)
        side = -2 + min(turned.size) / (abs(np.sin(np.radians(angle))) + abs(np.cos(np.radians(angle))))
        left, top = ((length - side) / 2 for length in turned.size)
        box = (left, top, left + side, top + side)
        return np.asarray(turned.resize(turned.size, Image.Resampling.BILINEAR, box=box))

    return apply


def _recoloured(season: str) -> Callable[[Pixels], Pixels]:
    matrix = np.array(_SEASONS[season], np.float32)
    return lambda pixels: _rounded(pixels @ matrix[:, :3].T + matrix[:, 3])


def _rounded(values: NDArray[np.float32]) -> Pixels:
    rounded: Pixels = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return rounded


_AMONG = 10


@dataclass(frozen=True)
class DegradedResult:
    """One change at one strength: mean recall, P@10 of short phrases, mean cosine to the image as it was.

    `cosine5`: that only one image in twenty falls below.
    """

    kind: str
    strength: str
    mr: float
    p10: float
    cosine: float
    cosine5: float


@dataclass(frozen=True)
class Robustness:
    """All changes, "none" first."""

    images: int
    captions: int
    phrases: int
    rows: tuple[DegradedResult, ...]


def measure_robustness(
    encoder: TileTextEncoder, rows: Sequence[DatasetImage], phrases: Mapping[str, Sequence[str]]
) -> Robustness:
    """Every image is degraded, the texts stay; classes without phrases are asked for by no phrase.

    Raises:
        DatasetUnreadable: no image is of a class that has phrases, or one cannot be decoded.
    """
    labels = np.array([row.label for row in rows])
    asked = [
        (label, phrase) for label in sorted(set(labels.tolist()) & set(phrases)) for phrase in phrases[label]
    ]
    if not asked:
        raise DatasetUnreadable("No image is of a class that has short phrases.")
    queries = encoder.encode_texts([phrase for _, phrase in asked])
    distinct, text_of, owner = caption_numbers(rows)
    texts = encoder.encode_texts(distinct)
    found, plain = [], None
    for change in tqdm(degradations(), desc="changes", leave=False):
        images = _encoded(encoder, rows, change)
        plain = images if plain is None else plain
        pairs = zip(asked, (images @ queries.T).T, strict=True)
        hits = [precision_at(column, labels == label, _AMONG) for (label, _), column in pairs]
        mr, cosines = score(images, texts, text_of, owner).mr, (images * plain).sum(axis=1)
        figures = (100 * float(np.mean(hits)), float(cosines.mean()), float(np.percentile(cosines, 5)))
        found.append(DegradedResult(change.kind, change.strength, mr, *figures))
    return Robustness(len(rows), len(owner), len(asked), tuple(found))


def _encoded(
    encoder: TileTextEncoder, rows: Sequence[DatasetImage], change: Degradation
) -> NDArray[np.float32]:
    return np.concatenate([encode_pictures(encoder, batch) for batch in _batches(rows, change)])


def _batches(rows: Sequence[DatasetImage], change: Degradation) -> Iterator[list[NDArray[np.uint8]]]:
    for start in range(0, len(rows), BATCH):
        yield [change.apply(read_pixels(row.path)) for row in rows[start : start + BATCH]]


SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)  # of the tile's area that the crop covers
_OBJECTS, _GROUNDS, _LEAST_GROUNDS = 20, 100, 10  # of each class
_FIRST = 0.1  # share of the tiles without it that an object may stand behind and still be found

Floats = NDArray[np.float32]


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
