from __future__ import annotations

from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from msa_model.model.text_files import load_tokenizer
from msa_model.model.vocabulary import Vocabulary, check_query, is_latin
from msa_model.protocol.errors import QueryEmpty, QueryNotUnderstood
from tests.model.tiny_models import CORPUS, ROBERTA_MARKERS, bytewise_tokenizer, text_encoder, word_tokenizer

RUSSIAN = ("мост через широкую реку, белые лодки возле старого города", "густой зелёный лес возле озера")


@pytest.fixture(scope="module")
def bytewise() -> Vocabulary:
    return Vocabulary(bytewise_tokenizer(ROBERTA_MARKERS, "<s>", "</s>"))


def test_pieces_of_bytes_are_known_where_they_are_whole_characters(bytewise: Vocabulary) -> None:
    assert bytewise.unknown_share("a bridge over a river, 747") == 0
    assert bytewise.unknown_share("a café") < 0.5
    assert bytewise.unknown_share("🚗🚗") == 1


@pytest.mark.parametrize("query", ["парковка", "停车场", "🚗🚗"])
def test_an_english_vocabulary_of_bytes_refuses_what_it_was_not_trained_on(
    bytewise: Vocabulary, query: str
) -> None:
    with pytest.raises(QueryNotUnderstood):
        check_query(query, bytewise)


@pytest.mark.parametrize("query", ["car park", "Straße", "a café by the harbour"])
def test_an_english_vocabulary_of_bytes_reads_latin_queries(bytewise: Vocabulary, query: str) -> None:
    assert check_query(f" {query} ", bytewise) == query


def test_a_query_without_words_is_empty_for_every_vocabulary(bytewise: Vocabulary) -> None:
    with pytest.raises(QueryEmpty):
        check_query(" ?!… ", bytewise)


def test_an_encoder_that_knows_other_scripts_may_be_asked_in_them() -> None:
    both = Vocabulary(word_tokenizer((*CORPUS, *RUSSIAN)))
    assert not both.is_latin_only
    assert check_query("мост через реку", both) == "мост через реку"
    with pytest.raises(QueryNotUnderstood, match="does not cover"):
        check_query("停车场", both)


def test_the_unknown_piece_of_a_sentencepiece_model_is_found() -> None:
    tokenizer = Tokenizer(models.Unigram([("<unk>", 0.0), ("▁car", -1.0), ("▁park", -1.0)], 0))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    vocabulary = Vocabulary(tokenizer)
    assert vocabulary.unknown_share("car park") == 0
    assert vocabulary.unknown_share("bridge bridge") == 1


def test_a_words_vocabulary_knows_what_it_does_not_know(tmp_path: Path) -> None:
    vocabulary = Vocabulary(load_tokenizer(text_encoder(tmp_path / "bert"), 40))
    assert vocabulary.is_latin_only
    assert vocabulary.unknown_share("car park") == 0
    assert vocabulary.unknown_share("🚗🚗") == 1


def test_half_of_the_letters_decide() -> None:
    for text in ("747", "橋 car", "a橋"):
        assert is_latin(text)
    assert not is_latin("мост car")


def test_what_lies_beyond_the_limit_is_told(tmp_path: Path) -> None:
    vocabulary = Vocabulary(load_tokenizer(text_encoder(tmp_path / "bert"), 12))
    text = "a river and a wide bridge over the river and two boats on it"
    rest = vocabulary.unread(text)
    assert rest
    assert text.endswith(rest)
    assert vocabulary.unread(text.removesuffix(rest)) == ""
    assert vocabulary.unread("a river") == ""
