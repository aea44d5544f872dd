"""Examples: tiles are looked up, windows are read once, places fall to the tile that fits them best."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyproj import Transformer

from msa_model.jobs.open_files import OpenIndexes, OpenSources
from msa_model.jobs.questions import ExampleVectors
from msa_model.protocol.errors import BadArgument, IndexMissing, MsaError, PointOutsideRaster, RasterMissing
from msa_model.protocol.messages import Example, RasterRef, TileRef
from tests.unit.jobs.searching import MODEL, CountingEncoder, as_encoder, direction, write_index

EAST, NORTH = 500_000.0, 5_000_000.0  # 1 m pixels
TILES = {(1, 0, 0): direction(1), (1, 0, 8): direction(2), (2, 0, 0): direction(3), (1, 4, 4): direction(4)}


@pytest.fixture
def raster(make_raster: Callable[..., Path], textured: Callable[..., Any]) -> Path:
    return make_raster(textured(600, 700))


@pytest.fixture
def index(raster: Path) -> str:
    return write_index(raster, TILES)


@pytest.fixture
def vectors(encoder: CountingEncoder) -> ExampleVectors:
    sources = OpenSources()
    return ExampleVectors(as_encoder(encoder), OpenIndexes(MODEL, sources), sources)


def found(vectors: ExampleVectors, example: Example, index: str) -> int:
    """Which of the drawn directions it is."""
    (vector,) = vectors.vectors([example], [index])
    return next(seed for seed in range(1, 9) if np.allclose(vector, direction(seed), atol=1e-3))


def place(x: float, y: float, **fields: object) -> Example:
    return Example(crs="EPSG:32633", point=(EAST + x, NORTH - y), **fields)  # type: ignore[arg-type]


def test_a_tile_is_its_stored_vector_and_costs_no_encoding(
    vectors: ExampleVectors, encoder: CountingEncoder, index: str
) -> None:
    tiles = [Example(tile=TileRef(index, *key)) for key in reversed(TILES)]
    np.testing.assert_allclose(vectors.vectors(tiles, []), np.stack(list(TILES.values()))[::-1], atol=1e-3)
    assert encoder.tiles == 0


def test_a_place_without_raster_is_the_finest_tile_whose_centre_is_nearest(
    vectors: ExampleVectors, encoder: CountingEncoder, index: str
) -> None:
    assert found(vectors, place(50, 50), index) == 1
    assert found(vectors, place(240, 240), index) == 4
    assert found(vectors, place(500, 128), index) == 2
    assert encoder.tiles == 0


def test_a_scale_or_a_box_chooses_among_the_tiles_around_a_place(vectors: ExampleVectors, index: str) -> None:
    assert found(vectors, place(50, 50, scale_m=480.0), index) == 3
    box = (EAST, NORTH - 500, EAST + 500, NORTH)
    assert found(vectors, Example(crs="EPSG:32633", bounds=box), index) == 3


def test_a_place_in_degrees_is_the_same_place(vectors: ExampleVectors, index: str) -> None:
    to_degrees = Transformer.from_crs("EPSG:32633", "EPSG:4326", always_xy=True)
    degrees = Example(crs="EPSG:4326", point=to_degrees.transform(EAST + 50, NORTH - 50))
    assert found(vectors, degrees, index) == found(vectors, place(50, 50), index)


def test_a_window_of_a_raster_is_encoded_once(
    vectors: ExampleVectors, encoder: CountingEncoder, raster: Path
) -> None:
    window = place(300, 300, raster=RasterRef(str(raster)), scale_m=200.0)
    first = vectors.vectors([window], [])
    again = vectors.vectors([replace(window, weight=-2.0)], [])
    assert encoder.tiles == 1
    np.testing.assert_array_equal(first, again)
    other = vectors.vectors([place(400, 300, raster=RasterRef(str(raster)), scale_m=200.0)], [])
    assert encoder.tiles == 2
    assert not np.allclose(first, other)


def test_a_window_of_a_raster_that_has_changed_is_read_again(
    vectors: ExampleVectors, encoder: CountingEncoder, raster: Path, make_raster: Callable[..., Path]
) -> None:
    window = place(300, 300, raster=RasterRef(str(raster)))
    vectors.vectors([window], [])
    make_raster(np.full((3, 600, 700), 99, np.uint8))
    vectors.vectors([window], [])
    assert encoder.tiles == 2


SENSELESS: list[tuple[Example, type[MsaError]]] = [
    (Example(), BadArgument),
    (Example(point=(0, 0), bounds=(0, 0, 1, 1)), BadArgument),
    (place(50, 50, weight=0.0), BadArgument),
    (place(50, 50, weight=float("nan")), BadArgument),
    (place(-10, 50), PointOutsideRaster),
    (replace(place(50, 50), crs="nonsense"), BadArgument),
    (place(50, 50, raster=RasterRef("nowhere.tif")), RasterMissing),
    (Example(tile=TileRef("nowhere.gpkg", 1, 0, 0)), IndexMissing),
]


@pytest.mark.parametrize(("example", "kind"), SENSELESS, ids=str)
def test_an_example_that_shows_nothing_is_refused(
    vectors: ExampleVectors, index: str, example: Example, kind: type[MsaError]
) -> None:
    with pytest.raises(kind):
        vectors.vectors([example], [index])


def test_a_tile_that_is_not_indexed_is_named(vectors: ExampleVectors, index: str) -> None:
    with pytest.raises(BadArgument, match=r"no tile \(1, 7, 7\)"):
        vectors.vectors([Example(tile=TileRef(index, 1, 7, 7))], [])
