"""How far the best tiles of a text stand out from those of other texts on the same tiles.

The best of many scores is always high, so it says nothing by itself. What it says beside the best scores of
a few hundred background phrases, found on the same tiles in the same way, is whether the text is special.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BEST = 5  # tiles whose mean score is compared
_CHUNK = 8192  # rows whose scores with all phrases are held at once
_TINY = 1e-6

Floats = NDArray[np.float32]


class BestScores:
    """The highest scores of each of m texts over tiles that come bit by bit: `scores` [m, BEST], falling."""

    def __init__(self, texts: Floats) -> None:
        self._texts = texts
        self.scores: Floats = np.full((len(texts), BEST), -np.inf, np.float32)
        self.tiles = 0

    def add(self, vectors: Floats) -> None:
        """Tiles' unit vectors [n, d]."""
        for start in range(0, len(vectors), _CHUNK):
            self._keep(self._texts @ vectors[start : start + _CHUNK].T)
        self.tiles += len(vectors)

    def join(self, other: BestScores) -> None:
        """Tiles that another one has seen, with the same texts."""
        self._keep(other.scores)
        self.tiles += other.tiles

    def means(self) -> Floats:
        """The mean of each text's best scores [m]; of fewer than BEST tiles, of all."""
        seen = max(1, min(self.tiles, BEST))
        means: Floats = self.scores[:, :seen].mean(axis=1)
        return means

    def _keep(self, scores: Floats) -> None:
        both = np.concatenate([self.scores, scores], axis=1)
        self.scores = -np.sort(-np.partition(both, -BEST, axis=1)[:, -BEST:], axis=1)


@dataclass(frozen=True)
class Scale:
    """Turns a text's cosines on some tiles into honest scores: (cosine - offset) / spread."""

    offset: float
    spread: float

    def honest(self, cosine: float) -> float:
        """In deviations of background phrases from their mean."""
        return (cosine - self.offset) / self.spread


@dataclass(frozen=True)
class Background:
    """Where the best tiles of background phrases stand: mean best score less the phrase's own mean, [m]."""

    standings: Floats

    @classmethod
    def of(cls, best: BestScores, means: Floats) -> Background:
        """`means` [m]: each phrase's mean cosine over background images."""
        return cls(best.means() - means)

    def scale(self, mean: float) -> Scale:
        """For a text whose mean cosine over background images is `mean`."""
        return Scale(mean + float(self.standings.mean()), max(float(self.standings.std()), _TINY))

    def percentile(self, standing: float) -> float:
        """Share of the phrases that stand lower; `standing` as an honest score."""
        plain = standing * max(float(self.standings.std()), _TINY) + float(self.standings.mean())
        return float((self.standings < plain).mean())
