"""Which words of a query mattered for a tile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from msa_model.jobs.open_indexes import OpenIndex, OpenIndexes
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.messages import TileRef, WordShare, WordsReply, WordsRequest

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder

MOST_WORDS = 32  # the first ones; a query that is longer is a caption
_MINOR = frozenset(
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
    """

    words: tuple[str, ...]
    shares: NDArray[np.float32]
    offset: float

    @classmethod
    def of(cls, encoder: DualEncoder, query: str) -> QueryWords:
        """The words that hold a letter or digit, at most 32; shortened queries are encoded as one batch."""
        parts = query.split()
        places = [i for i, part in enumerate(parts) if any(map(str.isalnum, part))][:MOST_WORDS]
        words = tuple(parts[i].strip(".,;:!?\"'()") for i in places)
        if len(places) <= 1:
            whole = encoder.encode_texts([query])
            return cls(words or (query,), whole, float(whole[0] @ encoder.background))
        rests = [" ".join(parts[:i] + parts[i + 1 :]) for i in places]
        whole, *shortened = encoder.encode_texts([query, *rests])
        return cls(words, whole - np.stack(shortened), 0.0)

    def for_tile(self, vector: NDArray[np.float32]) -> tuple[WordShare, ...]:
        """Each word's contribution to the cosine with a tile's unit vector [d]."""
        contributions = self.shares @ vector - self.offset
        return tuple(
            WordShare(word, float(share), word.lower() in _MINOR)
            for word, share in zip(self.words, contributions, strict=True)
        )


def words_of_tile(encoder: DualEncoder, indexes: OpenIndexes, request: WordsRequest) -> WordsReply:
    """The words of a query for one tile of an index.

    Raises:
        QueryEmpty, QueryNotUnderstood: the query.
        BadArgument: the index has no such tile.
        IndexMissing, IndexUnreadable, IndexOfOtherModel, IndexStale: the index.
    """
    query = encoder.check_query(request.query)
    vector = _vector_of(indexes.get(request.tile.index), request.tile)
    cosine = float(encoder.encode_texts([query])[0] @ vector)
    return WordsReply(query, cosine, QueryWords.of(encoder, query).for_tile(vector))


def _vector_of(index: OpenIndex, tile: TileRef) -> NDArray[np.float32]:
    keys = index.table.keys
    (places,) = np.nonzero((keys == (tile.factor, tile.row, tile.col)).all(axis=1))
    if not len(places):
        raise BadArgument(f"{index.path} holds no tile {(tile.factor, tile.row, tile.col)}.")
    vector: NDArray[np.float32] = index.table.vectors[places[0]]
    return vector
