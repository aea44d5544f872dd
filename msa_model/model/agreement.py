"""How far two models agree on which texts fit which pictures better than others.

Simple pictures of what is seen from above, drawn by rule: something for two models to look at.

They are no imagery, and no figure measured on them says how good a model is.

The smoke test of a model from elsewhere: do its towers agree, and what does it cost?
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msa_model.model.dual_encoder import TILE, DualEncoder
from msa_model.protocol.models import ModelChecked

LEAST_AGREEMENT = 0.1  # two that were trained apart reach 0.35, wrong towers 0.09 (docs/experiments.md)
_DRAWS = 199

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Agreement:
    """A correlation of two models' scores, and the highest one that chance gives."""

    found: float
    chance: float

    @property
    def sound(self) -> bool:
        """Whether both look at the same thing."""
        return self.found > max(self.chance, LEAST_AGREEMENT)


def centred(scores: Floats) -> Floats:
    """Scores [n, m] of pictures and texts, less the mean of each picture and of each text."""
    found: Floats = scores - scores.mean(axis=0) - scores.mean(axis=1, keepdims=True) + scores.mean()
    return found


def agree(one: Floats, other: Floats) -> Agreement:
    """Of centred scores [n, m]; by chance: the best of 199 orders of the pictures of one of them."""
    draw = np.random.default_rng(0)
    orders = (draw.permutation(len(one)) for _ in range(_DRAWS))
    return Agreement(correlation(one, other), max(correlation(one[order], other) for order in orders))


def correlation(one: Floats, other: Floats) -> float:
    """Of centred scores [n, m]; 0 where one of them is the same everywhere."""
    norm = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float((one * other).sum()) / norm if norm > 0 else 0.0


Colour = tuple[int, int, int]
Canvas = NDArray[np.float64]  # [TILE, TILE, 3]
Mask = NDArray[np.bool_]  # [TILE, TILE]

_SEA, _LAKE, _SHALLOW = (20, 50, 95), (40, 75, 90), (90, 180, 185)
_WOOD, _GRASS, _CROP = (30, 60, 30), (95, 135, 70), (130, 150, 60)
_SAND, _SOIL, _SNOW = (215, 190, 145), (130, 95, 65), (240, 242, 245)
_ASPHALT, _WHITE, _RED, _BLUE = (105, 105, 108), (235, 235, 235), (165, 80, 60), (70, 100, 160)
_CREST = 0.4  # of a dune
_ROWS, _COLUMNS = np.mgrid[:TILE, :TILE].astype(np.float64)


def drawn_pictures() -> NDArray[np.uint8]:
    """RGB [25, TILE, TILE, 3], always the same."""
    return np.stack([_finished(canvas, number) for number, canvas in enumerate(_canvases())])


def _canvases() -> Iterator[Canvas]:
    yield from (_ground(colour, rough) for colour, rough in _PLAIN)
    yield _on(_ground(_SHALLOW, 5), 120 + 20 * np.sin(_ROWS / 40) < _COLUMNS, _SAND)  # a beach
    yield _on(_ground(_SAND, 8), np.sin((_ROWS + _COLUMNS / 3) / 7) > _CREST, (190, 160, 115))  # dunes
    yield _fields()
    yield _blocks(_GRASS, 34, 0.55, (_RED, _ASPHALT, (150, 140, 130)))  # houses with gardens
    yield _blocks(_ASPHALT, 20, 0.8, (_RED, (170, 165, 160), (140, 120, 110)))  # dense houses
    yield _blocks(_ASPHALT, 62, 0.7, (_WHITE, (180, 180, 185), _BLUE))  # halls
    yield _blocks(_ASPHALT, 9, 0.55, (_WHITE, _RED, _BLUE, (30, 30, 35)))  # a car park
    yield _on(_ground(_GRASS, 10), abs(_ROWS - 128) < 14, _ASPHALT)  # noqa: PLR2004  (a road)
    yield _on(_ground(_GRASS, 10), abs(_ROWS - 128 - 50 * np.sin(_COLUMNS / 45)) < 26, _LAKE)  # noqa: PLR2004
    yield _on(_ground(_GRASS, 10), _ellipse(128, 128, 90, 60), _LAKE)
    yield _on(_ground(_SEA, 5), _ellipse(128, 128, 80, 70), _WOOD)  # an island
    yield _discs(_ASPHALT, 64, 24, _WHITE)  # storage tanks
    yield _discs(_SOIL, 16, 5, _WOOD)  # an orchard
    yield _discs(_SOIL, 128, 60, _CROP)  # pivot irrigation
    yield _on(_ground(_GRASS, 5), _COLUMNS % 24 < 16, _WHITE)  # noqa: PLR2004  (greenhouses)
    yield _on(_on(_ground(_GRASS, 5), _ellipse(128, 128, 110, 75), _RED), _ellipse(128, 128, 90, 55), _GRASS)
    yield _runway()


_PLAIN: tuple[tuple[Colour, float], ...] = (
    (_SEA, 5),
    (_WOOD, 45),
    (_GRASS, 8),
    (_SAND, 8),
    (_SNOW, 4),
    (_SOIL, 14),
    (_ASPHALT, 5),
    ((205, 208, 212), 40),
)


def _ground(colour: Colour, rough: float) -> Canvas:
    """Noise of that deviation in brightness, coarse and fine."""
    draw = np.random.default_rng(int(sum(colour)) + int(rough))
    coarse = np.kron(draw.normal(size=(TILE // 16, TILE // 16)), np.ones((16, 16)))
    noise = draw.normal(size=(TILE // 4, TILE // 4)).repeat(4, axis=0).repeat(4, axis=1) + coarse
    return np.array(colour, np.float64) + rough / 2 * noise[..., None]


def _on(canvas: Canvas, mask: Mask, colour: Colour) -> Canvas:
    return np.where(mask[..., None], np.array(colour, np.float64), canvas)


def _ellipse(row: float, column: float, height: float, width: float) -> Mask:
    inside: Mask = ((_ROWS - row) / height) ** 2 + ((_COLUMNS - column) / width) ** 2 < 1
    return inside


def _fields() -> Canvas:
    canvas = _ground(_CROP, 6)
    for number, colour in enumerate((_SOIL, _GRASS, (170, 150, 90), _WOOD, _CROP, (150, 120, 80))):
        row, column = divmod(number, 3)
        block = (row == _ROWS // 128) & (column == _COLUMNS // 90)
        canvas = _on(canvas, block & (_ROWS % 8 < 6), colour)  # noqa: PLR2004
    return canvas


def _blocks(ground: Colour, step: int, share: float, colours: tuple[Colour, ...]) -> Canvas:
    """Rectangles in rows, on a lattice of `step` px."""
    canvas = _ground(ground, 8)
    inside = (_ROWS % step < step * share) & (_COLUMNS % step < step * share)
    kind = (_ROWS // step * 7 + _COLUMNS // step * 3) % len(colours)
    for number, colour in enumerate(colours):
        canvas = _on(canvas, inside & (kind == number), colour)
    return canvas


def _discs(ground: Colour, step: int, radius: int, colour: Colour) -> Canvas:
    square = (_ROWS % step - step / 2) ** 2 + (_COLUMNS % step - step / 2) ** 2
    return _on(_ground(ground, 8), square < radius**2, colour)


def _runway() -> Canvas:
    canvas = _on(_ground(_GRASS, 6), abs(_ROWS - _COLUMNS) < 30, _ASPHALT)  # noqa: PLR2004
    return _on(canvas, (abs(_ROWS - _COLUMNS) < 3) & (_COLUMNS % 32 < 16), _WHITE)  # noqa: PLR2004


def _finished(canvas: Canvas, number: int) -> NDArray[np.uint8]:
    grain = np.random.default_rng(number).normal(scale=4, size=canvas.shape)
    return np.clip(canvas + grain, 0, 255).astype(np.uint8)


_BYTES = 2  # a number of a vector in an index


def check_model(
    model: DualEncoder,
    shipped: DualEncoder,
    phrases: Sequence[str],
    pictures: NDArray[np.uint8] | None = None,
) -> ModelChecked:
    """Look with both at RGB pictures uint8 [n, s, s, 3] (None: drawn ones), and measure their rates."""
    shown = drawn_pictures() if pictures is None else pictures
    agreement = agree(*(fits(encoder, shown, phrases) for encoder in (model, shipped)))
    return ModelChecked(
        agreement=agreement.found,
        by_chance=agreement.chance,
        sound=agreement.sound,
        tiles_per_second=model.tiles_per_second(),
        shipped_tiles_per_second=shipped.tiles_per_second(),
        bytes_per_tile=_BYTES * model.dimension,
        shipped_bytes_per_tile=_BYTES * shipped.dimension,
        knows_background=bool(model.background.any()),
        calibrated=model.calibration is not None,
    )


def fits(encoder: DualEncoder, pictures: NDArray[np.uint8], phrases: Sequence[str]) -> Floats:
    """Cosines [n, m] of pictures and phrases, less the mean of each picture and of each phrase."""
    return centred(encoder.encode_tiles(pictures) @ encoder.encode_english(list(phrases)).T)
