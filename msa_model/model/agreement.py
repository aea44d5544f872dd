"""How far two models agree on which texts fit which pictures better than others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
