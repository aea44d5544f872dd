"""Honest scores of phrases at single places: each phrase beside the shipped ones at the same place.

A search compares its best tiles with the best tiles of other texts. Here there is one picture, and the other
texts' cosines with it say how high a phrase must stand. Constants are fitted by `msa calibrate --describe`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msa_model.index.background import BackgroundLevel, Constants, Floats
from msa_model.protocol.match import LIKELY_FROM

_UNSURE = np.nextafter(np.float32(LIKELY_FROM), np.float32(0))  # the most without constants: a weak match


@dataclass(frozen=True)
class PhraseGround:
    """The shipped phrases as unit vectors [m, d], and each one's mean cosine over images of anything [m]."""

    vectors: Floats
    means: Floats

    def honest(self, places: Floats, phrases: Floats, means: Floats, constants: Constants | None) -> Floats:
        """Honest scores [w, n] of phrases [n, d] with their means [n] at places [w, d].

        Without constants the rule of searches holds, and no phrase matches better than weakly.
        """
        own = 1.0 if constants is None else constants.own
        honest = places @ phrases.T - np.float32(own) * means
        centred = bool(self.means.any())
        fits = places @ self.vectors.T - self.means
        for i, (level, spread) in enumerate(zip(fits.mean(axis=1), fits.std(axis=1), strict=True)):
            scale = BackgroundLevel(float(level), float(spread), 1).scale(0.0, constants, centred=centred)
            honest[i] = (honest[i] - scale.offset) / scale.spread
        return honest if constants is not None else np.minimum(honest, _UNSURE)


def best_of_each_category(heights: Floats, categories: Sequence[str]) -> NDArray[np.int64]:
    """Positions of phrases by falling height [n], of each category the highest only.

    Phrases of one category tell of one thing in different ways; those without one compete with none.
    """
    falling = np.argsort(-heights, kind="stable").tolist()
    taken: dict[str | int, int] = {}
    for place in falling:
        taken.setdefault(categories[place] or place, place)
    return np.array(list(taken.values()), np.int64)
