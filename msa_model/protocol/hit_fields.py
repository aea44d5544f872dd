"""What a hit tells of itself in a layer or file: one list for dock, Processing, batch and command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from msa_model.protocol.messages import Hit

INTEGER, REAL, TEXT, DATE = "integer", "real", "text", "date"

# Name and kind, in the order in which they are written; docs/guide/results.md tells what each means.
HIT_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "rank": INTEGER,
        "score": REAL,
        "honest": REAL,
        "match": TEXT,
        "phrase": TEXT,
        "category": TEXT,
        "scale_m": REAL,
        "valid": REAL,
        "place": INTEGER,
        "query": TEXT,
        "source": TEXT,
        "index": TEXT,
        "factor": INTEGER,
        "row": INTEGER,
        "col": INTEGER,
    }
)
CHANGE_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        **HIT_FIELDS,
        "date_before": TEXT,
        "date_after": TEXT,
        "score_before": REAL,
        "score_after": REAL,
        "change": REAL,
        "phrase_before": TEXT,
        "phrase_after": TEXT,
        "source_after": TEXT,
        "index_after": TEXT,
    }
)
SERIES_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        **HIT_FIELDS,
        "date": DATE,
        "date_score": REAL,
        "first": TEXT,
        "last": TEXT,
        "dates_above": INTEGER,
        "trend": REAL,
        "correlation": REAL,
    }
)
DECIMALS = {"score": 4, "honest": 2, "valid": 3}  # more tells nothing of a tile
_SIDE_DIGITS = 3
_MEMORY_TYPES = {INTEGER: "integer", REAL: "double", TEXT: "string(0)", DATE: "date"}


def hit_values(hit: Hit, query: str, fields: Mapping[str, str] = HIT_FIELDS) -> dict[str, Any]:
    """The value of every field; None where it is not known.

    Numbers have the digits that tell something. Places are counted from 1, as ranks are.
    """
    values: dict[str, Any] = {name: query if name == "query" else getattr(hit, name) for name in fields}
    values["place"] = hit.place + 1
    for name, digits in DECIMALS.items():
        values[name] = None if values[name] is None else round(values[name], digits)
    values["scale_m"] = rounded(hit.scale_m)
    return values


def rounded(scale_m: float) -> float:
    """A tile side to three digits: rasters of one sensor differ by less."""
    return float(f"{scale_m:.{_SIDE_DIGITS}g}")


def memory_fields(fields: Mapping[str, str] = HIT_FIELDS) -> Sequence[str]:
    """Fields as QGIS's memory layers spell them: 'score:double'."""
    return [f"{name}:{_MEMORY_TYPES[kind]}" for name, kind in fields.items()]
