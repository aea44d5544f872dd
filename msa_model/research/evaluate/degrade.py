"""What imagery may suffer, done to single images: blur, compression, haze, pixel size, rotation, season."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

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
