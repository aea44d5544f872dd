"""What puts imagery outside what the model knows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from msa_model.jobs.warnings import empty_warnings, index_warnings, pixel_warnings
from tests.unit.jobs.searching import CountingEncoder, Key, direction, questions, write_index

KEYS: tuple[Key, ...] = ((1, 0, 0), (1, 0, 4), (2, 0, 0))


@pytest.mark.parametrize(
    ("scales_m", "told"),
    [((64.0, 128.0), ""), ((5.0, 12.0), "pixels of 0.0195–0.0469 m"), ((9000.0,), "pixels of 35.2 m;")],
)
def test_pixels_of_unusual_size_are_told(scales_m: tuple[float, ...], told: str) -> None:
    assert told in "".join(warning.sentence for warning in pixel_warnings(scales_m))
    assert bool(told) == bool(list(pixel_warnings(scales_m)))


def test_a_share_of_empty_tiles_is_told_from_a_tenth_on() -> None:
    assert list(empty_warnings(0.09)) == []
    (warning,) = empty_warnings(0.4)
    assert warning.sentence == "About 40% of the tiles have too few pixels with data and will be skipped."


def warnings_of(index: str) -> list[str]:
    return [own.sentence for own in index_warnings(questions(CountingEncoder()).indexes.get(index))]


def test_an_index_of_full_colour_tiles_needs_no_warning(
    make_raster: Callable[..., Path], textured: Callable[..., Any]
) -> None:
    raster = make_raster(textured(900, 900))
    assert warnings_of(write_index(raster, {key: direction(1) for key in KEYS})) == []


def test_gaps_and_single_bands_are_told_with_the_raster(
    make_raster: Callable[..., Path], textured: Callable[..., Any]
) -> None:
    raster = make_raster(textured(900, 900)[:1])
    grey, gaps = warnings_of(write_index(raster, {key: direction(1) for key in KEYS}, valid=0.6))
    assert grey.startswith(f"{raster.name}: Only one band")
    assert gaps.startswith(f"{raster.name}: About 100% of the tiles have gaps")
