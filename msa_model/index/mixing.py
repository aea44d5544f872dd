"""One query vector out of texts and example tiles; the weights are measured (docs/experiments.md)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

AVOIDED_TEXT = 0.7  # of a term with a minus, beside what is sought
AVOIDED_TILES = 0.5  # of the mean of examples to avoid
EVERYDAY = ("buildings", "water", "trees", "fields", "roads", "bare ground", "vehicles", "an aerial image")
_TINY = 1e-6

Floats = NDArray[np.float32]


def joined(texts: list[str]) -> str:
    """Several things as one text: 'a, b and c'."""
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))


def sought(texts: Floats, weights: Floats, joint: Floats, everyday: Floats) -> Floats:
    """What several terms say together: texts [m, d] with weights [m] above 0 → a vector [d] of length 1.

    `joint` [d] is the text that names them all, which counts the less the more the weights differ; `everyday`
    [d] is the mean of everyday texts, what all texts share.
    """
    each = np.stack([unit(text - everyday) for text in texts])
    return unit(weights.min() / weights.max() * joint + weights / weights.sum() @ each)


def examples(tiles: Floats, weights: Floats, background: Floats) -> Floats:
    """What tiles [e, d] show beside the background [d], those with weights below 0 to be avoided → [d]."""
    shown = tiles - background
    good, bad = weights > 0, weights < 0
    return _mean(shown[good], weights[good]) + AVOIDED_TILES * _mean(shown[bad], weights[bad])


def avoided(texts: Floats, weights: Floats) -> Floats:
    """What terms with weights [m] below 0 take away: texts [m, d] → [d]."""
    return AVOIDED_TEXT * _mean(texts, weights)


def unit(vector: Floats) -> Floats:
    """The vector at length 1."""
    out: Floats = (vector / max(float(np.linalg.norm(vector)), _TINY)).astype(np.float32)
    return out


def _mean(vectors: Floats, weights: Floats) -> Floats:
    """Their sum by weight over their number, so that it does not matter how many there are; 0 of none."""
    mean: Floats = weights @ vectors / np.float32(max(len(weights), 1))
    return mean
