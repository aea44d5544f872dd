"""What the worker may say of a place."""

from __future__ import annotations

from msa_model.protocol.describing import (
    AreaDescription,
    DescribeManyReply,
    DescribeReply,
    Keyword,
    Phrase,
    ScaleDescription,
)

PHRASES = (Phrase("a bridge over a river", 0.21, 0.4), Phrase("a river bank", 0.11, 0.3))
KEYWORDS = (Keyword("river", 0.9), Keyword("bridge", 0.5))


def reply(scales: tuple[ScaleDescription, ...] = ()) -> DescribeReply:
    bounds = (500_000.0, 3_059_900.0, 500_100.0, 3_060_000.0)
    return DescribeReply(PHRASES, bounds, "EPSG:32645", 100.0, 1.0, KEYWORDS, scales)


def at_scale(scale_m: float, phrase: str, windows: int = 1) -> ScaleDescription:
    return ScaleDescription(scale_m, (Phrase(phrase, 0.1, 0.2),), KEYWORDS, 1.0, windows)


def many(*phrases: str) -> DescribeManyReply:
    """One description each; an empty phrase stands for an area without pixels."""
    return DescribeManyReply(
        tuple(
            AreaDescription((Phrase(phrase, 0.2, 0.3),), KEYWORDS, 50.0, 4)
            if phrase
            else AreaDescription(problem="There are no pixels.")
            for phrase in phrases
        )
    )
