"""Places in words: what is told, and what is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from msa_model.jobs.describe import Naming
from msa_model.jobs.phrases import PhraseBanks
from msa_model.model.calibration import Calibration
from msa_model.protocol.describing import shown
from msa_model.protocol.errors import BadArgument
from tests.unit.jobs.searching import MODEL, CountingEncoder, as_encoder, text_direction

CONSTANTS = Calibration(MODEL, 1.0, 1.0, 1.0, 0.0, 0.2, 0.2, ("drawn",), 1)
RIVER, BROOK, FOREST = "a river", "a brook", "a forest"


@pytest.fixture
def bank(tmp_path: Path) -> str:
    file = tmp_path / "bank.csv"
    file.write_text(f"phrase,category\n{RIVER},water\n{BROOK},water\n{FOREST},land\n", encoding="utf-8")
    return str(file)


def naming(bank: str | None, constants: Calibration | None = CONSTANTS) -> Naming:
    encoder = CountingEncoder()
    encoder.describing = constants
    return Naming.of(as_encoder(encoder), PhraseBanks(as_encoder(encoder)), bank)


def test_a_place_that_is_what_a_phrase_says_matches_it_and_names_its_words(bank: str) -> None:
    words = naming(bank).words(text_direction(RIVER)[None], 3)
    assert [phrase.phrase for phrase in shown(words.phrases)] == [RIVER]
    assert words.phrases[0].match == "strong"
    assert words.phrases[0].cosine == pytest.approx(1.0, abs=1e-5)
    assert [word.word for word in words.keywords] == ["river"]


def test_of_one_category_only_the_best_phrase_is_told(bank: str) -> None:
    between = (text_direction(RIVER) + 0.9 * text_direction(BROOK)) / 1.4
    words = naming(bank).words(between.astype(np.float32)[None], 3)
    assert [phrase.phrase for phrase in words.phrases] == [RIVER, FOREST]


def test_where_no_phrase_fits_nothing_is_shown_and_there_are_no_keywords(bank: str) -> None:
    words = naming(bank).words(-text_direction(RIVER)[None], 3)
    assert len(words.phrases) == 2
    assert (shown(words.phrases), words.keywords) == ((), ())


def test_a_model_without_constants_only_guesses(bank: str) -> None:
    own = naming(bank, None)
    words = own.words(text_direction(RIVER)[None], 3)
    assert not own.calibrated
    assert words.phrases[0].phrase == RIVER
    assert words.phrases[0].match == "weak"
    assert words.keywords


def test_several_windows_are_worth_their_mean(bank: str) -> None:
    windows = np.stack([text_direction(RIVER), -text_direction(RIVER)])
    own = naming(bank)
    alone = [own.match_score(window[None]) for window in windows]
    assert own.match_score(windows) == pytest.approx(np.mean(alone, axis=0), abs=1e-4)


def test_no_phrase_cannot_be_asked_for(bank: str) -> None:
    with pytest.raises(BadArgument, match="at least 1"):
        naming(bank).words(text_direction(RIVER)[None], 0)
