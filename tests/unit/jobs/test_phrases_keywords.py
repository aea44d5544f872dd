"""Keywords of phrases."""

from __future__ import annotations

import numpy as np
import pytest

from msa_model.jobs.phrases import WordTable


def scores(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array(values, np.float32)


def words_of(table: WordTable, *values: float, k: int = 3) -> list[str]:
    return [keyword.word for keyword in table.keywords(scores(*values), k)]


TABLE = WordTable.of(("a tree-lined street", "houses with a street", "Open Sea"))


def test_words_are_told_once_in_small_letters_without_minor_ones() -> None:
    assert TABLE.words == ("tree-lined", "street", "houses", "open", "sea")


def test_a_word_of_several_fitting_phrases_weighs_more() -> None:
    assert words_of(TABLE, 0.5, 0.45, 0.1) == ["street", "tree-lined", "houses"]
    assert words_of(TABLE, 0.0, 0.0, 0.9, k=2) == ["open", "sea"]


def test_weights_are_shares() -> None:
    weights = {keyword.word: keyword.weight for keyword in TABLE.keywords(scores(0.3, 0.3, 0.3), 5)}
    assert weights["street"] == pytest.approx(2 / 3)
    assert weights["sea"] == pytest.approx(1 / 3)


def test_other_scripts_and_accents_are_words() -> None:
    assert WordTable.of(("forêt d'été", "Straße 7")).words == ("forêt", "d'été", "straße")


def test_phrases_of_minor_words_alone_have_no_keywords() -> None:
    assert WordTable.of(("with the",)).keywords(scores(0.2), 3) == ()
