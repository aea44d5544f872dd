"""Which words of a query mattered: leave one out on the cosine."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from msa_model.jobs.open_files import OpenIndexes, OpenSources
from msa_model.jobs.questions import Questions
from msa_model.jobs.words import MOST_WORDS, QueryWords
from msa_model.model.encoder import Encoder
from msa_model.protocol.query import Term


@pytest.fixture(scope="module")
def tile(encoder: Encoder) -> NDArray[np.float32]:
    """Stands for a tile: the direction of what it shows."""
    vector: NDArray[np.float32] = encoder.encode_texts(["many white boats lie in a harbour"])[0]
    return vector


def words_of(encoder: Encoder, text: str, *more: Term) -> QueryWords:
    sources = OpenSources()
    questions = Questions(encoder, OpenIndexes(encoder.sha256, sources), sources)
    return QueryWords.of(questions, (Term(text), *more))


def cosine(encoder: Encoder, text: str, tile: NDArray[np.float32]) -> float:
    return float(encoder.encode_texts([text])[0] @ tile)


def test_a_word_contributes_what_the_cosine_loses_without_it(
    encoder: Encoder, tile: NDArray[np.float32]
) -> None:
    shares = words_of(encoder, "white boats in a harbour").for_tile(tile)
    whole = cosine(encoder, "white boats in a harbour", tile)
    shortened = [
        "boats in a harbour",
        "white in a harbour",
        "white boats a harbour",
        "white boats in harbour",
        "white boats in a",
    ]
    assert [s.word for s in shares] == ["white", "boats", "in", "a", "harbour"]
    expected = [whole - cosine(encoder, text, tile) for text in shortened]
    assert [s.contribution for s in shares] == pytest.approx(expected, abs=1e-5)
    assert [s.minor for s in shares] == [False, False, True, True, False]


def test_the_word_that_names_what_is_there_matters_most(encoder: Encoder, tile: NDArray[np.float32]) -> None:
    shares = words_of(encoder, "the boats").for_tile(tile)
    assert max(shares, key=lambda share: share.contribution).word == "boats"


def test_a_single_word_is_compared_with_the_background(encoder: Encoder, tile: NDArray[np.float32]) -> None:
    for query in ("boats", "boats !"):
        (share,) = words_of(encoder, query).for_tile(tile)
        background = float(encoder.encode_texts([query])[0] @ encoder.background)
        assert share.word == "boats"
        assert share.contribution == pytest.approx(cosine(encoder, query, tile) - background, abs=1e-5)


def test_punctuation_is_no_word(encoder: Encoder) -> None:
    assert words_of(encoder, "boats, - harbours.").words == ("boats", "harbours")
    assert words_of(encoder, "+").words == ("+",)


def test_a_very_long_query_is_weighed_as_far_as_it_is_read(encoder: Encoder) -> None:
    assert len(words_of(encoder, "boat " * 100).words) == MOST_WORDS


def test_of_several_terms_each_tells_how_well_the_tile_fits_it(
    encoder: Encoder, tile: NDArray[np.float32]
) -> None:
    shares = words_of(encoder, "white boats", Term("a harbour"), Term("dense forest", -1.0)).for_tile(tile)
    assert [s.word for s in shares] == ["white boats", "a harbour", "- dense forest"]
    boats, harbour, forest = (share.contribution for share in shares)
    assert boats > 0
    assert harbour > 0
    background = float(encoder.encode_texts(["dense forest"])[0] @ encoder.background)
    assert forest == pytest.approx(background - cosine(encoder, "dense forest", tile), abs=1e-5)
