"""One query vector out of texts and example tiles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_TINY = 1e-6

Floats = NDArray[np.float32]


def mixed(
    texts: Floats, text_weights: Floats, tiles: Floats, tile_weights: Floats, background: Floats
) -> Floats:
    """The unit vector that tiles are compared with: texts [m, d], tiles [e, d], background [d] → [d].

    A single text with a positive weight stays as it is.
    """
    parts = text_weights @ texts + tile_weights @ (tiles - background)
    length = np.linalg.norm(parts)
    vector: Floats = (parts / max(float(length), _TINY)).astype(np.float32)
    return vector
