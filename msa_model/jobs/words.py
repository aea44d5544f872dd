"""Which words of a query mattered for a tile."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msa_model.jobs.questions import Questions, tile_vectors
from msa_model.protocol.messages import WordShare
from msa_model.protocol.query import Term, WordsReply, WordsRequest

MOST_WORDS = 32  # the first ones; a query that is longer is a caption
MINOR = frozenset(
    (
        *("a", "an", "the", "this", "that", "these", "those", "some", "any", "it", "its", "there"),
        *("of", "in", "on", "at", "by", "to", "for", "from", "with", "without", "as", "and", "or", "but"),
        *("over", "under", "between", "beside", "near", "next", "into", "onto", "through", "along", "around"),
        *(
            "is",
            "are",
            "was",
            "were",
            "be",
            "being",
            "been",
            "has",
            "have",
            "having",
            "which",
            "who",
            "where",
        ),
    )
)


@dataclass(frozen=True)
class QueryWords:
    """The words of a query, and `shares` float32 [m, d]: what each of them adds to the query's vector.

    With t the query's unit vector and t_i that of the query without its word i, row i is t - t_i, and word i
    contributes z · t - z · t_i to the cosine of a tile z (leave one out). It may be negative, and the
    contributions need not add up to the cosine. Of a query of one word nothing would remain: its row is t,
    and the background is taken off, `offset` = t · mean z over training images. Other offsets are 0.
    A text that is not English is one word: what is left of it without one may be read as another language.
    Of a query of several terms, each is compared with the background in this way: it tells how well the tile
    fits the term, or does not fit one with a minus.
    """

    words: tuple[str, ...]
    shares: NDArray[np.float32]
    offset: NDArray[np.float32] | float

    @classmethod
    def of(cls, questions: Questions, terms: Sequence[Term]) -> QueryWords:
        """The words that hold a letter or digit, at most 32, or the terms; none where there are no terms."""
        if len(terms) > 1:
            return cls._of_terms(questions, terms)
        return cls._of_text(questions, terms[0]) if terms else cls((), questions.texts([]), 0.0)

    @classmethod
    def _of_terms(cls, questions: Questions, terms: Sequence[Term]) -> QueryWords:
        signs = np.sign([[term.weight] for term in terms]).astype(np.float32)
        shares: NDArray[np.float32] = signs * questions.texts([term.text for term in terms])
        words = tuple(term.text if term.weight > 0 else f"- {term.text}" for term in terms)
        offset: NDArray[np.float32] = shares @ questions.encoder.background
        return cls(words, shares, offset)

    @classmethod
    def _of_text(cls, questions: Questions, term: Term) -> QueryWords:
        sign, query, parts = math.copysign(1.0, term.weight), term.text, term.text.split()
        places = [i for i, part in enumerate(parts) if any(map(str.isalnum, part))][:MOST_WORDS]
        words = tuple(parts[i].strip(".,;:!?\"'()") for i in places)
        if len(places) <= 1 or questions.encoder.is_foreign(query):
            words = () if len(places) > 1 else words
            whole = sign * questions.texts([query])
            return cls(words or (query,), whole, float(whole[0] @ questions.encoder.background))
        rests = [" ".join(parts[:i] + parts[i + 1 :]) for i in places]
        vectors = sign * questions.texts([query, *rests])
        return cls(words, vectors[0] - vectors[1:], 0.0)

    def for_tile(self, vector: NDArray[np.float32]) -> tuple[WordShare, ...]:
        """Each word's contribution to the cosine with a tile's unit vector [d]."""
        contributions = self.shares @ vector - self.offset
        return tuple(
            WordShare(word, float(share), word.lower() in MINOR)
            for word, share in zip(self.words, contributions, strict=True)
        )


def words_of_tile(questions: Questions, request: WordsRequest) -> WordsReply:
    """The words of a query for one tile of an index.

    Raises:
        QueryEmpty, QueryNotUnderstood: the query.
        BadArgument: the index has no such tile.
        IndexMissing, IndexUnreadable, IndexOfOtherModel, IndexStale: the index.
    """
    terms = questions.terms(request.query)
    vector = tile_vectors(questions.indexes.get(request.tile.index), [request.tile])[0]
    words = QueryWords.of(questions, terms).for_tile(vector)
    return WordsReply(request.query.strip(), float(questions.mix(terms) @ vector), words)
