"""What may be wrong with a question about two dates or many."""

from __future__ import annotations

from msa_model.protocol.errors import BadArgument


class NotComparable(BadArgument):
    """Two dates that show no common ground, or the same picture, or tiles of other pixels."""

    kind = "not_comparable"
    remedy = "Name rasters of one place and of different dates, indexed at the same scales."


class DateUnclear(BadArgument):
    """A date that is missing, that cannot be read, or that stands twice in a series."""

    kind = "date_unclear"
    remedy = "Give each raster its own date, as 2020, 2020-08 or 2020-08-31."
