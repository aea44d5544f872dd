"""What a search seeks, as one vector: terms of the query and examples, each encoded once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from msa_model.index.mixing import mixed
from msa_model.jobs.examples import ExampleVectors
from msa_model.jobs.open_indexes import OpenIndexes
from msa_model.jobs.sources import OpenSources
from msa_model.protocol.messages import SearchRequest
from msa_model.protocol.query import Term, parse_query

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder

_KEPT_TEXTS = 4096  # 4 MB at 256 dimensions

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Asked:
    """A question that makes sense: `vector` [d] has unit length; a tile's score is its cosine with it.

    `query` is the text without outer blanks, empty where only examples ask.
    """

    query: str
    terms: tuple[Term, ...]
    vector: Floats


class Questions:
    """Turns requests into vectors; keeps texts and examples, so that asking again costs no encoding."""

    def __init__(self, encoder: DualEncoder, indexes: OpenIndexes, sources: OpenSources) -> None:
        self.encoder = encoder
        self.indexes = indexes
        self._examples = ExampleVectors(encoder, indexes, sources)
        self._texts: OrderedDict[str, Floats] = OrderedDict()

    def check(self, request: SearchRequest) -> tuple[Term, ...]:
        """The query's terms; none where there are only examples.

        Raises:
            QueryEmpty: no words and no examples, or a term without words.
            QueryNotUnderstood: see `parse_query` and `DualEncoder.check_query`.
        """
        if request.examples and not request.query.strip():
            return ()
        return self.terms(request.query)

    def terms(self, query: str) -> tuple[Term, ...]:
        """The terms of a query that the model can read; errors as in `check`."""
        return tuple(Term(self.encoder.check_query(term.text), term.weight) for term in parse_query(query))

    def ask(self, request: SearchRequest) -> Asked:
        """The vector that a request seeks.

        Raises:
            QueryEmpty, QueryNotUnderstood, BadArgument: the request.
            And what `ExampleVectors.vectors` raises.
        """
        terms = self.check(request)
        examples = self._examples.vectors(request.examples, request.indexes)
        weights = np.array([example.weight for example in request.examples], np.float32)
        return Asked(request.query.strip(), terms, self.mix(terms, examples, weights))

    def mix(
        self, terms: Sequence[Term], examples: Floats | None = None, weights: Floats | None = None
    ) -> Floats:
        """The unit vector [d] of terms and examples [n, d] with their weights [n]."""
        none = np.empty((0, self.encoder.dimension), np.float32)
        return mixed(
            self.texts([term.text for term in terms]),
            np.array([term.weight for term in terms], np.float32),
            none if examples is None else examples,
            none[:, 0] if weights is None else weights,
            self.encoder.background,
        )

    def texts(self, texts: Sequence[str]) -> Floats:
        """Unit vectors [n, d] of texts, those not known yet as one batch."""
        new = [text for text in dict.fromkeys(texts) if text not in self._texts]
        if new:
            self._texts.update(zip(new, self.encoder.encode_texts(new), strict=True))
        for text in texts:
            self._texts.move_to_end(text)
        vectors = np.array([self._texts[text] for text in texts], np.float32)
        while len(self._texts) > _KEPT_TEXTS:
            self._texts.popitem(last=False)
        return vectors.reshape(len(texts), self.encoder.dimension)
