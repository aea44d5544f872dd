"""What a search seeks, as one vector: terms of the query and examples, each encoded once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from msa_model.index.mixing import EVERYDAY, avoided, examples, joined, sought, unit
from msa_model.jobs.examples import ExampleVectors
from msa_model.jobs.open_indexes import OpenIndexes
from msa_model.jobs.sources import OpenSources
from msa_model.protocol.messages import Progress, SearchRequest
from msa_model.protocol.pixels import Draw
from msa_model.protocol.query import Term, parse_query

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder

_SHOWN = 60  # characters of a text that is not read
_KEPT_TEXTS = 4096  # 4 MB at 256 dimensions

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class QuestionVector:
    """A question that makes sense: `vector` [d] has unit length; a tile's score is its cosine with it.

    `query` is the text without outer blanks, empty where only examples ask; `language` that of `RankReply`.
    """

    query: str
    terms: tuple[Term, ...]
    vector: Floats
    language: str = ""


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
        read = self.encoder.check_query
        return tuple(
            Term(read(term.text), term.weight, tuple(map(read, term.must))) for term in parse_query(query)
        )

    def look(self, request: SearchRequest, draw: Draw) -> Generator[Progress, None, None]:
        """Has windows drawn that examples show of layers which only QGIS reads; see `ExampleVectors.look`."""
        return self._examples.look(request.examples, draw)

    def ask(self, request: SearchRequest) -> QuestionVector:
        """The vector that a request seeks.

        Raises:
            QueryEmpty, QueryNotUnderstood, BadArgument: the request.
            And what `ExampleVectors.vectors` raises.
        """
        terms = self.check(request)
        tiles = self._examples.vectors(request.examples, request.indexes)
        weights = np.array([example.weight for example in request.examples], np.float32)
        language = self.encoder.language_of([term.text for term in terms])
        return QuestionVector(request.query.strip(), terms, self.mix(terms, tiles, weights), language)

    def warnings(self, terms: Sequence[Term]) -> tuple[str, ...]:
        """What of the terms the encoder does not read."""
        rests = filter(None, (self.encoder.unread(term.text) for term in terms))
        sentence = "The text is longer than the model reads: '{}' plays no part."
        return tuple(sentence.format(_shortened(rest)) for rest in rests)

    def mix(
        self, terms: Sequence[Term], tiles: Floats | None = None, weights: Floats | None = None
    ) -> Floats:
        """The unit vector [d] of terms, and of example tiles [n, d] with their weights [n]."""
        parts = self._sought([term for term in terms if term.weight > 0])
        if bad := [term for term in terms if term.weight < 0]:
            parts = parts + avoided(self.texts([term.text for term in bad]), _weights(bad))
        if tiles is not None and weights is not None:
            parts = parts + examples(tiles, weights, self.encoder.background)
        return unit(parts)

    def _sought(self, terms: Sequence[Term]) -> Floats:
        if not terms:
            return np.zeros(self.encoder.dimension, np.float32)
        texts, weights = [term.text for term in terms], _weights(terms)
        if len(texts) == 1:
            alone: Floats = weights[0] * self.texts(texts)[0]
            return alone
        vectors = self.texts([*texts, *EVERYDAY])
        each, everyday = vectors[: len(texts)], vectors[len(texts) :]
        whole: Floats = weights.mean() * sought(each, weights, self._joint(texts), everyday.mean(axis=0))
        return whole

    def _joint(self, texts: list[str]) -> Floats:
        """All terms as one text; of terms in several languages, which make no text, the mean direction."""
        if any(map(self.encoder.is_foreign, texts)):
            return unit(self.texts(texts).mean(axis=0))
        joint: Floats = self.texts([joined(texts)])[0]
        return joint

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


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _weights(terms: Sequence[Term]) -> Floats:
    return np.array([term.weight for term in terms], np.float32)
