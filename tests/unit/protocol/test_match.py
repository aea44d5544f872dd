"""One vocabulary for how well words match."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msa_model.index.background import GOOD
from msa_model.protocol.codec import from_wire
from msa_model.protocol.errors import ProtocolError
from msa_model.protocol.match import SHOWN, Match, level_of, match_of
from tests.matches import MATCHES


@dataclass(frozen=True)
class Said:
    match: Match


@pytest.mark.parametrize(
    ("match_score", "match"),
    [(2.0, "strong"), (1.999, "likely"), (1.0, "likely"), (0.999, "weak"), (0.0, "weak"), (-0.001, "none")],
)
def test_a_match_score_has_a_match(match_score: float, match: Match) -> None:
    assert match_of(match_score) == match


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_a_higher_score_never_matches_less(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert MATCHES.index(match_of(high)) <= MATCHES.index(match_of(low))


@pytest.mark.parametrize(
    ("best_score", "level"),
    [(-0.01, "nothing"), (0.0, "doubtful"), (GOOD - 0.01, "doubtful"), (GOOD, "good")],
)
def test_levels_meet_at_zero_and_good(best_score: float, level: str) -> None:
    assert level_of(best_score) == level


@given(st.floats(allow_nan=False))
def test_what_is_shown_is_what_the_verdict_calls_good(match_score: float) -> None:
    assert (match_of(match_score) in SHOWN) == (level_of(match_score) == "good")
    assert (match_of(match_score) == "none") == (level_of(match_score) == "nothing")


@pytest.mark.parametrize("word", MATCHES)
def test_a_match_survives_the_wire(word: Match) -> None:
    assert from_wire(Said, {"match": word}) == Said(word)


@pytest.mark.parametrize("word", ["good", "", None, 1, ["strong"]])
def test_any_other_word_is_refused(word: object) -> None:
    with pytest.raises(ProtocolError, match=r"Said\.match should be one of strong, likely, weak, none"):
        from_wire(Said, {"match": word})
