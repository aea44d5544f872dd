"""An encoder without a network: it sees mean colours, and reads the first colour named in a text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from msa_model.model.calibration import Calibration

COLOURS = {
    "red": (230, 30, 30),
    "green": (30, 200, 30),
    "blue": (30, 30, 230),
    "yellow": (220, 220, 30),
    "violet": (200, 30, 200),
}
BANK = tuple(
    f"{tone} {name}"
    for tone in ("", "light", "dark", "dull")
    for name in ("red", "green", "blue", "yellow", "violet", "grey", "black")
)
PHRASES = {name: (name, f"something {name}") for name in COLOURS}


class ColourEncoder:
    """Sees mean colours, and reads the first colour named in a text."""

    dimension = 3
    sha256 = "ab" * 32
    calibration: Calibration | None = None

    def __init__(self) -> None:
        self.background = np.full(3, 1e-4, np.float32)

    def encode_tiles(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        return self._unit(pixels.mean(axis=(1, 2)))

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._unit(
            [next((COLOURS[w] for w in text.split() if w in COLOURS), (9, 9, 8)) for text in texts]
        )

    @staticmethod
    def _unit(colours: object) -> NDArray[np.float32]:
        vectors = np.array(colours, np.float32)
        unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit
