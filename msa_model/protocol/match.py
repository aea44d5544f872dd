"""How well words match what is seen: one vocabulary for hits of a search and phrases of a place.

A match score is a line through the cosine, laid for each question so that what
is not there seldom reaches `LIKELY_FROM`, and what is there seldom falls below `WEAK_FROM` (docs/adr/0011).
"""

from __future__ import annotations

from typing import Literal

Match = Literal["strong", "likely", "weak", "none"]  # best first

SHOWN: frozenset[Match] = frozenset(("strong", "likely"))  # what is shown unasked
_LEVELS: dict[Match, str] = {"strong": "good", "likely": "good", "weak": "doubtful", "none": "nothing"}
STRONG_FROM, LIKELY_FROM, WEAK_FROM = 2.0, 1.0, 0.0  # match scores


def match_of(match_score: float) -> Match:
    """The match of a match score."""
    if match_score >= STRONG_FROM:
        return "strong"
    if match_score >= LIKELY_FROM:
        return "likely"
    return "weak" if match_score >= WEAK_FROM else "none"


def level_of(best_score: float) -> str:
    """The verdict on best tiles of a match score: 'nothing', 'doubtful' or 'good'."""
    return _LEVELS[match_of(best_score)]
