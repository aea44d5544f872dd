"""Ranking as columns and as hits: one list over indexes, places, areas, limits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from rasterio import Affine
from rasterio.warp import transform_bounds

from msa_model.jobs.questions import Questions
from msa_model.jobs.search import MOST_HITS, rank, search
from msa_model.protocol.errors import BadArgument, QueryEmpty
from msa_model.protocol.hit_table import HitTable
from msa_model.protocol.messages import Aoi, Example, SearchRequest, TileRef
from tests.unit.jobs.searching import (
    DIMENSION,
    CountingEncoder,
    Floats,
    direction,
    text_direction,
    write_index,
)

QUERY = text_direction("boats")
ASIDE = direction(99) - (direction(99) @ QUERY) * QUERY
ASIDE /= np.linalg.norm(ASIDE)


def at(cosine: float) -> Floats:
    """A tile with this cosine with the query."""
    vector: Floats = (cosine * QUERY + np.sqrt(1 - cosine**2) * ASIDE).astype(np.float32)
    return vector


@pytest.fixture
def raster(make_raster: Callable[..., Path], textured: Callable[..., Any]) -> Path:
    return make_raster(textured(900, 900))


@pytest.fixture
def index(raster: Path) -> str:
    cosines = {(1, 0, 0): 0.5, (1, 0, 4): 0.9, (1, 16, 16): 0.2, (2, 0, 0): 0.7}
    return write_index(raster, {key: at(cosine) for key, cosine in cosines.items()})


def table_of(asking: Questions, request: SearchRequest) -> HitTable:
    return HitTable.of(*rank(asking, request))


def keys(table: HitTable) -> list[tuple[int, int, int]]:
    return list(zip(table.factors, table.rows, table.cols, strict=True))


def test_columns_say_what_the_hits_say(asking: Questions, index: str) -> None:
    request = SearchRequest("boats", (index,))
    table, hits = table_of(asking, request), search(asking, request).reply.results
    assert [table.hit(row) for row in range(len(table))] == list(hits)
    assert keys(table) == [(1, 0, 4), (2, 0, 0), (1, 0, 0), (1, 16, 16)]
    assert list(table.scores) == pytest.approx([0.9, 0.7, 0.5, 0.2], abs=1e-3)
    assert list(table.valid) == [1.0] * 4
    assert table.reply.tiles == 4


def test_overlapping_hits_share_a_place(asking: Questions, index: str) -> None:
    assert list(table_of(asking, SearchRequest("boats", (index,))).places) == [0, 0, 0, 1]


def test_places_show_their_best_tile_and_are_counted_anew(asking: Questions, index: str) -> None:
    hits = search(asking, SearchRequest("boats", (index,), k=5), merge=True).reply.results
    assert [(hit.rank, hit.place, hit.row, hit.col) for hit in hits] == [(1, 0, 0, 4), (2, 1, 16, 16)]
    assert len(search(asking, SearchRequest("boats", (index,), k=1), merge=True).reply.results) == 1


def test_several_indexes_are_one_list_by_cosine(asking: Questions, index: str, raster: Path) -> None:
    other = write_index(raster, {(1, 16, 0): at(0.8), (1, 18, 16): at(0.3)}, valid=0.75, name="other")
    table = table_of(asking, SearchRequest("boats", (index, other, index)))
    assert list(table.indexes) == [0, 1, 0, 0, 1, 0]
    assert list(table.scores) == pytest.approx([0.9, 0.8, 0.7, 0.5, 0.3, 0.2], abs=1e-3)
    assert list(table.valid) == [1, 0.75, 1, 1, 0.75, 1]
    assert table.reply.tiles == 6


def test_hits_of_two_indexes_on_the_same_ground_are_one_place(
    asking: Questions, index: str, make_raster: Callable[..., Path], textured: Callable[..., Any]
) -> None:
    west, south, east, north = transform_bounds("EPSG:32633", "EPSG:4326", 5e5, 5e6 - 900, 5e5 + 900, 5e6)
    pixel = Affine((east - west) / 900, 0, west, 0, (south - north) / 900, north)
    degrees = make_raster(textured(900, 900), "degrees.tif", crs="EPSG:4326", transform=pixel)
    other = write_index(degrees, {(1, 0, 4): at(0.8), (1, 0, 18): at(0.6)})
    table = table_of(asking, SearchRequest("boats", (index, other)))
    assert list(table.indexes) == [0, 1, 0, 1, 0, 0]
    assert list(table.places) == [0, 0, 0, 1, 0, 2]


def test_places_reach_over_the_date_line(
    asking: Questions, make_raster: Callable[..., Path], textured: Callable[..., Any]
) -> None:
    picture = textured(300, 600)
    east = make_raster(picture, "e.tif", crs="EPSG:4326", transform=Affine(1e-5, 0, 179.997, 0, -1e-5, 1))
    mercator = Affine(1.1, 0, -20037608.3, 0, -1.1, 111325)
    west = make_raster(picture, "w.tif", crs="EPSG:3857", transform=mercator)
    indexes = (write_index(east, {(1, 0, 8): at(0.9)}), write_index(west, {(1, 0, 0): at(0.8)}))
    assert list(table_of(asking, SearchRequest("boats", indexes)).places) == [0, 0]


def test_an_area_leaves_the_others_out(asking: Questions, index: str) -> None:
    area = Aoi(shapely.box(500_600, 4_999_390, 500_610, 4_999_400).wkt, "")
    table = table_of(asking, SearchRequest("boats", (index,), aoi=area))
    assert keys(table) == [(1, 16, 16)]
    assert table.reply.tiles == 1


def test_the_most_alike_comes_first_without_any_text(asking: Questions, index: str) -> None:
    example = Example(tile=TileRef(index, 1, 16, 16))
    assert keys(table_of(asking, SearchRequest("", (index,), examples=(example,))))[0] == (1, 16, 16)


def test_judged_tiles_move_others_up_and_down_without_encoding(
    asking: Questions, encoder: CountingEncoder, index: str
) -> None:
    plain = SearchRequest("boats", (index,))
    before = table_of(asking, plain)
    judged = (Example(-1.0, TileRef(index, 1, 0, 4)), Example(4.0, TileRef(index, 1, 16, 16)))
    encoded = encoder.texts
    after = table_of(asking, SearchRequest("boats", (index,), examples=judged))
    assert keys(after).index((1, 16, 16)) < keys(before).index((1, 16, 16))
    assert keys(after).index((1, 0, 4)) > keys(before).index((1, 0, 4))
    assert (encoder.texts, encoder.tiles) == (encoded, 0)


@pytest.mark.parametrize("k", [0, -1, MOST_HITS + 1])
def test_a_number_of_hits_out_of_range_is_refused(asking: Questions, index: str, k: int) -> None:
    with pytest.raises(BadArgument, match="number of results"):
        rank(asking, SearchRequest("boats", (index,), k=k))


def test_nothing_asked_or_nowhere_to_look_is_refused(asking: Questions) -> None:
    with pytest.raises(BadArgument, match="no index"):
        rank(asking, SearchRequest("boats", ()))
    with pytest.raises(QueryEmpty):
        rank(asking, SearchRequest("", ("x.gpkg",)))


def test_the_score_of_a_zero_vector_is_zero(asking: Questions, raster: Path) -> None:
    blank = write_index(raster, {(1, 0, 0): np.zeros(DIMENSION, np.float32)}, name="blank")
    assert list(table_of(asking, SearchRequest("boats", (blank,))).scores) == [0.0]
