"""Places in words: the phrases of a bank that fit best, and how well each matches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from msa_model.index.background import Constants
from msa_model.index.phrase_scores import PhraseGround, best_of_each_category
from msa_model.jobs.phrases import PhraseBank, PhraseBanks
from msa_model.protocol.describing import Keyword, Phrase
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.match import LIKELY_FROM, match_of

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class PlaceWords:
    """What is seen in words, best first."""

    phrases: tuple[Phrase, ...]
    keywords: tuple[Keyword, ...]


@dataclass(frozen=True)
class Naming:
    """A `bank` that names places; its phrases are compared with those of `ground`, the shipped ones.

    `constants` are the model's own, None where it has none.
    """

    bank: PhraseBank
    ground: PhraseBank
    constants: Constants | None

    @classmethod
    def of(cls, encoder: DualEncoder, banks: PhraseBanks, phrases: str | None, language: str = "") -> Naming:
        """Of a phrase file (None: the shipped one), told in a language.

        Raises:
            PhrasesUnreadable: as of `PhraseBanks.bank`.
        """
        return cls(banks.bank(phrases, language), banks.bank(None), encoder.describing)

    @property
    def calibrated(self) -> bool:
        """Whether the model has constants of its own; else no phrase matches better than weakly."""
        return self.constants is not None

    def honest(self, vectors: Floats) -> Floats:
        """Each phrase's honest score [n] at a place: the mean over windows of unit vectors [w, d]."""
        mean: Floats = self.each(vectors).mean(axis=0)
        return mean

    def each(self, vectors: Floats) -> Floats:
        """Each phrase's honest score at each of several places [w, d]: [w, n]."""
        ground = PhraseGround(self.ground.vectors, self.ground.background)
        return ground.honest(vectors, self.bank.vectors, self.bank.background, self.constants)

    def words(self, vectors: Floats, k: int) -> PlaceWords:
        """The `k` phrases that fit windows [w, d] best, one of each category, and `k` keywords.

        Raises:
            BadArgument: `k` is below 1.
        """
        if k < 1:
            raise BadArgument(f"The number of phrases must be at least 1, not {k}.")
        honest, scores = self.honest(vectors), self.bank.fits(vectors.mean(axis=0))
        heights = honest if self.calibrated else scores
        best = best_of_each_category(heights, self.bank.categories)[:k]
        matching = honest >= LIKELY_FROM if self.calibrated else np.ones(len(scores), bool)
        return PlaceWords(
            tuple(self._phrase(i, scores, honest) for i in best.tolist()),
            self.bank.words.keywords(np.where(matching, scores, -np.inf), k) if matching.any() else (),
        )

    def _phrase(self, i: int, scores: Floats, honest: Floats) -> Phrase:
        score, worth = float(scores[i]), float(honest[i])
        cosine = float(scores[i] + self.bank.background[i])
        return Phrase(self.bank.phrases[i], score, cosine, worth, match_of(worth))
