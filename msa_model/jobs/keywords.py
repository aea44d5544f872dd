"""Keywords: the words of those phrases of a bank that fit a picture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msa_model.jobs.words import MINOR
from msa_model.protocol.describing import Keyword

_TEMPERATURE = 0.1  # of the phrases' scores; chosen on validation captions (docs/experiments.md)
_WORD = re.compile(r"[^\W\d_]+(?:[-'][^\W\d_]+)*")
_MINOR_ELSEWHERE = frozenset(  # of the languages that phrases are translated into
    (
        *("der", "die", "das", "des", "dem", "den", "ein", "eine", "einer", "eines", "einem", "einen", "und"),
        *(
            "mit",
            "ohne",
            "im",
            "am",
            "an",
            "auf",
            "aus",
            "bei",
            "durch",
            "hinter",
            "um",
            "unter",
            "von",
            "vor",
        ),
        *("zwischen", "über", "wenig", "vielen"),
    )
)


@dataclass(frozen=True)
class WordTable:
    """The words of phrases: pair i says that phrase `holders[i]` holds the word `numbers[i]` of `words`."""

    words: tuple[str, ...]
    holders: NDArray[np.int64]
    numbers: NDArray[np.int64]

    @classmethod
    def of(cls, phrases: Sequence[str], *, as_written: bool = False) -> WordTable:
        """Words as 'river' and 'tree-lined', small ones as 'with' left out; `as_written` keeps capitals."""
        number: dict[str, int] = {}
        pairs = [
            (holder, number.setdefault(word, len(number)))
            for holder, phrase in enumerate(phrases)
            for word in dict.fromkeys(_WORD.findall(phrase if as_written else phrase.lower()))
            if word.lower() not in MINOR and word not in _MINOR_ELSEWHERE
        ]
        holders, numbers = np.array(pairs, np.int64).reshape(-1, 2).T
        return cls(tuple(number), holders, numbers)

    def keywords(self, scores: NDArray[np.float32], k: int) -> tuple[Keyword, ...]:
        """The `k` words whose phrases, by their scores [n], weigh most; all phrases together weigh 1.

        Phrases of minus infinity weigh nothing, and what they alone say is no keyword.
        """
        weights = np.exp((scores - scores.max()) / _TEMPERATURE)
        sums = np.bincount(self.numbers, (weights / weights.sum())[self.holders], len(self.words))
        best = [word for word in np.argsort(-sums, kind="stable")[:k].tolist() if sums[word] > 0]
        return tuple(Keyword(self.words[word], float(sums[word])) for word in best)
