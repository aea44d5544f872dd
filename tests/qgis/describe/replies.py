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

PHRASES = (
    Phrase("a bridge over a river", 0.21, 0.4, 2.4, "strong"),
    Phrase("a river bank", 0.11, 0.3, 1.2, "likely"),
    Phrase("a golf course", 0.05, 0.2, 0.4, "weak"),
    Phrase("a forest", -0.01, 0.1, -3.0, "none"),
)
KEYWORDS = (Keyword("river", 0.9), Keyword("bridge", 0.5))


def reply(scales: tuple[ScaleDescription, ...] = ()) -> DescribeReply:
    bounds = (500_000.0, 3_059_900.0, 500_100.0, 3_060_000.0)
    return DescribeReply(PHRASES, bounds, "EPSG:32645", 100.0, 1.0, KEYWORDS, scales)


def at_scale(scale_m: float, phrase: str, windows: int = 1) -> ScaleDescription:
    return ScaleDescription(scale_m, (Phrase(phrase, 0.1, 0.2, 1.5, "likely"),), KEYWORDS, 1.0, windows)


def many(*phrases: str) -> DescribeManyReply:
    """One description each; an empty phrase stands for an area without pixels."""
    return DescribeManyReply(
        tuple(
            AreaDescription((Phrase(phrase, 0.2, 0.3, 2.1, "strong"),), KEYWORDS, 50.0, 4)
            if phrase
            else AreaDescription(problem="There are no pixels.")
            for phrase in phrases
        )
    )
