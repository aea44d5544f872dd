"""A dictionary out of a file becomes a frozen dataclass with every value within its limits, or is refused."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import pytest

from msa_model.protocol.codec import OpenRecord
from msa_model.protocol.errors import ProtocolError
from qgis_msa_plugin.checked import FileLimits, at_most, made, within


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class Roof:
    area_m2: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Street(OpenRecord):
    name: str
    roofs: tuple[Roof, ...]
    titles: dict[str, str]
    colour: Colour
    length_m: float | None


LIMITS = FileLimits(
    {Roof: {"area_m2": within(1, 500)}, Street: {"name": at_most(20)}}, text=10, number=1e6, items=3
)
SOUND = {
    "name": "a street of fifteen",
    "roofs": [{"area_m2": 80, "notes": ["new"]}],
    "titles": {"a": "b"},
    "colour": "red",
    "length_m": None,
}


def test_a_sound_dictionary_is_made_and_what_a_later_version_adds_is_left_out() -> None:
    street = Street("a street of fifteen", (Roof(80.0, ("new",)),), {"a": "b"}, Colour.RED, None)
    assert made(Street, {**SOUND, "of_a_later_version": [1]}, LIMITS) == street


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "a name beyond what its own bound allows"),
        ("roofs", [{"area_m2": 501.0}]),
        ("roofs", [{"area_m2": 0}]),
        ("roofs", [{"area_m2": 80, "floors": 2}]),
        ("roofs", [{"area_m2": 80, "notes": ["longer than ten"]}]),
        ("roofs", [{"area_m2": 80, "notes": ["a"] * 4}]),
        ("roofs", [{"area_m2": 80}] * 4),
        ("titles", {"a": "longer than ten"}),
        ("titles", {"longer than ten": "a"}),
        ("titles", {"a": 7}),
        ("titles", dict.fromkeys("abcd", "")),
        ("titles", [["a", "b"]]),
        ("colour", "blue"),
        ("colour", 7),
        ("length_m", 1e7),
        ("length_m", float("inf")),
        ("length_m", True),
    ],
)
def test_a_value_out_of_its_limits_is_refused_however_deep_it_lies(key: str, value: Any) -> None:  # noqa: ANN401
    with pytest.raises(ProtocolError):
        made(Street, {**SOUND, key: value}, LIMITS)


def test_a_text_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        made(Street, {**SOUND, "name": "\ud800"}, LIMITS)
