"""What a layer over time is made of: each tile of a series once for each date that shows it."""

from __future__ import annotations

from collections.abc import Iterator

from msa_model.protocol.changing import SeriesPoint, SeriesReply


def points_of(reply: SeriesReply) -> Iterator[SeriesPoint]:
    """The tiles in their order, each by rising date; gaps are left out."""
    for hit in reply.results:
        for date, score in zip(reply.dates, hit.scores):
            if score is not None:
                yield SeriesPoint(**vars(hit), date=day_of(date), date_score=score)


def day_of(date: str) -> str:
    """The day on which a date begins: '2010' is '2010-01-01'."""
    return f"{date}-01-01"[:10] if len(date) == len("2010") else f"{date}-01"[:10]
