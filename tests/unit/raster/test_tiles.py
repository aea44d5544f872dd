import gc
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio import Affine
from rasterio import open as open_raster
from rasterio.enums import Resampling

from msa_model.protocol.errors import AoiOutsideRaster, BadArgument
from msa_model.protocol.messages import Aoi, RasterRef, ScanSettings
from msa_model.raster.grid import TileGrid, blocks_of
from msa_model.raster.source import RasterSource
from msa_model.raster.tiles import inside_shares, plan_tiles, read_tiles, ring_bounds, tile_boxes, tiles_in
from tests.refusals import raises_kind
from tests.unit.rings import tile_ring

MakeRaster = Callable[..., Path]
Textured = Callable[..., NDArray[np.uint8]]


def opened(path: Path) -> RasterSource:
    return RasterSource.open(RasterRef(str(path)))


def keys_of(source: RasterSource, *factors: int, overlap: float = 0.5) -> NDArray[np.int32]:
    parts = [TileGrid(source.width, source.height, f, overlap).keys() for f in factors]
    return np.concatenate(
        [np.column_stack((np.full(len(p), f, np.int32), p)) for f, p in zip(factors, parts, strict=True)]
    )


@pytest.mark.parametrize("overviews", [[], [2, 4]])
@pytest.mark.parametrize("strips", [False, True])
def test_a_tile_has_the_same_pixels_read_alone_or_among_others(
    make_raster: MakeRaster, textured: Textured, overviews: list[int], strips: bool
) -> None:
    layout = {"tiled": False, "blockxsize": None, "blockysize": 8} if strips else {}
    path = make_raster(textured(1901, 1503), **layout)
    if overviews:
        with open_raster(path, "r+") as dataset:
            dataset.build_overviews(overviews, Resampling.average)
    with opened(path) as source:
        keys = keys_of(source, 4, 1, 2)
        seen = []
        for batch in read_tiles(source, keys, 16):
            for key, pixels, valid in zip(batch.keys, batch.pixels, batch.valid, strict=True):
                x0, y0, x1, _ = tile_boxes(key[None])[0]
                alone = source.read_window(x0, y0, x1 - x0)
                np.testing.assert_array_equal(pixels, alone.rgb)
                assert valid == pytest.approx(alone.valid)
                seen.append(tuple(key.tolist()))
    assert sorted(seen) == sorted(map(tuple, keys.tolist()))
    assert [key[0] for key in seen] == sorted((key[0] for key in seen), key=[4, 1, 2].index)


def test_batches_are_full_but_for_the_last(make_raster: MakeRaster, textured: Textured) -> None:
    with opened(make_raster(textured(900, 900))) as source:
        sizes = [len(batch.keys) for batch in read_tiles(source, keys_of(source, 1), 10)]
        assert sizes[:-1] == [10] * (len(sizes) - 1)
        with pytest.raises(BadArgument):
            next(read_tiles(source, keys_of(source, 1), 0))


def test_more_tiles_than_an_index_holds_are_refused_as_too_many(
    make_raster: MakeRaster, textured: Textured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("msa_model.raster.tiles.MOST_TILES", 20)
    with (
        opened(make_raster(textured(900, 900))) as source,
        raises_kind("too_many_tiles", "would be cut into 49 tiles; an index holds 20 of a size"),
    ):
        plan_tiles(source, ScanSettings(), None)


def test_a_raster_without_tiles_to_read_gives_no_batch(make_raster: MakeRaster, textured: Textured) -> None:
    with opened(make_raster(textured(300, 300))) as source:
        assert list(read_tiles(source, np.empty((0, 3), np.int32), 8)) == []


def test_leaving_off_in_the_middle_stops_the_readers(make_raster: MakeRaster, textured: Textured) -> None:
    with opened(make_raster(textured(2600, 2600))) as source:
        batches = read_tiles(source, keys_of(source, 1), 4)
        next(batches)
        batches.close()
        gc.collect()
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("reader")]


def test_tiles_of_a_rotated_raster_have_turned_rings(make_raster: MakeRaster, textured: Textured) -> None:
    turned = Affine.translation(500_000, 5_000_000) @ Affine.rotation(30) @ Affine.scale(2, -2)
    with opened(make_raster(textured(600, 600), transform=turned)) as source:
        ring = tile_ring(source.transform, (2, 1, 3))
        assert ring[0] == pytest.approx(turned @ (192, 64))
        assert ring[1] == pytest.approx(turned @ (192 + 512, 64))
        assert ring[2] == pytest.approx(turned @ (192 + 512, 64 + 512))
        assert shapely.Polygon(ring).area == pytest.approx((512 * 2) ** 2)
        assert ring_bounds(ring) == pytest.approx(shapely.Polygon(ring).bounds)


def test_the_plan_tells_scales_in_metres_on_the_ground(make_raster: MakeRaster, textured: Textured) -> None:
    mercator = Affine(0.5, 0, 9_519_926, 0, -0.5, 3_202_940)
    with opened(make_raster(textured(1024, 1024), crs="EPSG:3857", transform=mercator)) as source:
        plan = plan_tiles(source, ScanSettings(), None)
    finest = plan.scales[0]
    assert finest.scale_m == pytest.approx(128 * 0.886, rel=0.005)  # a Mercator metre is shorter there
    assert finest.hop_m == pytest.approx(finest.scale_m / 2)
    assert len(plan.scales) >= 2
    assert [scale.tiles for scale in plan.scales] == [
        int((plan.keys[:, 0] == scale.factor).sum()) for scale in plan.scales
    ]


def test_an_aoi_keeps_the_tiles_that_meet_it_and_their_keys(
    make_raster: MakeRaster, textured: Textured
) -> None:
    area = shapely.Polygon([(500_300, 4_999_700), (500_420, 4_999_560), (500_260, 4_999_500)])
    with opened(make_raster(textured(1100, 1300))) as source:
        everything = plan_tiles(source, ScanSettings(), None).keys
        kept = plan_tiles(source, ScanSettings(), Aoi(area.wkt, "EPSG:32633")).keys
        meets = [shapely.Polygon(tile_ring(source.transform, key)).intersects(area) for key in everything]
    assert kept.tolist() == everything[meets].tolist()
    assert 0 < len(kept) < len(everything)


def test_only_tiles_whose_centre_lies_inside_belong_to_an_area_where_that_is_asked(
    make_raster: MakeRaster, textured: Textured
) -> None:
    area = shapely.Polygon([(500_300, 4_999_700), (500_720, 4_999_560), (500_260, 4_999_300)])
    with opened(make_raster(textured(1100, 1300))) as source:
        everything = plan_tiles(source, ScanSettings(), None).keys
        touching = plan_tiles(source, ScanSettings(), Aoi(area.wkt, "EPSG:32633")).keys
        kept = plan_tiles(source, ScanSettings(), Aoi(area.wkt, "EPSG:32633", centres=True)).keys
        centres = [shapely.Polygon(tile_ring(source.transform, key)).centroid for key in everything]
    assert kept.tolist() == everything[[area.contains(centre) for centre in centres]].tolist()
    assert 0 < len(kept) < len(touching)


def test_an_area_without_any_tiles_centre_says_what_would_help(
    make_raster: MakeRaster, textured: Textured
) -> None:
    corner = shapely.box(500_000, 4_999_990, 500_010, 5_000_000)
    with opened(make_raster(textured(300, 300))) as source:
        assert len(plan_tiles(source, ScanSettings(), Aoi(corner.wkt, source.crs)).keys)
        with pytest.raises(AoiOutsideRaster, match="take the tiles that touch the area"):
            plan_tiles(source, ScanSettings(), Aoi(corner.wkt, source.crs, centres=True))


def test_an_aoi_in_another_crs_means_the_same_place(make_raster: MakeRaster, textured: Textured) -> None:
    square = shapely.box(500_300, 4_999_500, 500_700, 4_999_800)
    to_lonlat = Transformer.from_crs("EPSG:32633", "EPSG:4326", always_xy=True)
    elsewhere = shapely.transform(square, lambda xy: np.column_stack(to_lonlat.transform(*xy.T)))
    with opened(make_raster(textured(1100, 1300))) as source:
        here = plan_tiles(source, ScanSettings(), Aoi(square.wkt, "EPSG:32633")).keys
        there = plan_tiles(source, ScanSettings(), Aoi(elsewhere.wkt, "EPSG:4326")).keys
    assert here.tolist() == there.tolist()


def test_an_aoi_that_only_touches_a_tile_leaves_it_out(make_raster: MakeRaster, textured: Textured) -> None:
    area = shapely.box(500_000, 4_999_744, 500_256, 5_000_000)  # the first tile, to the pixel
    with opened(make_raster(textured(1024, 1024))) as source:
        keys = plan_tiles(source, ScanSettings(scales_m=(256,), overlap=0), Aoi(area.wkt, source.crs)).keys
    assert keys.tolist() == [[1, 0, 0]]


PLACES = st.tuples(st.integers(-300, 3800), st.integers(-300, 3300))


@given(
    st.lists(PLACES, min_size=3, max_size=6),
    st.sets(st.sampled_from((1, 2, 3, 8)), min_size=1),
    st.sampled_from((0.5, 0.75)),
)
@settings(max_examples=60, deadline=None)
def test_tiles_compared_together_meet_an_area_as_each_by_itself(
    corners: list[tuple[int, int]], factors: set[int], overlap: float
) -> None:
    area = shapely.make_valid(shapely.Polygon(corners)).intersection(shapely.box(0, 0, 3500, 3000))
    grids = [(factor, TileGrid(3500, 3000, factor, overlap).keys()) for factor in sorted(factors)]
    keys = np.concatenate([np.column_stack((np.full(len(k), f, np.int32), k)) for f, k in grids])
    boxes = tile_boxes(keys)
    inner = shapely.box(*(boxes + np.array((1e-6, 1e-6, -1e-6, -1e-6))).T)
    assert tiles_in(keys, area).tolist() == shapely.intersects(area, inner).tolist()
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    assert tiles_in(keys, area, centres=True).tolist() == shapely.contains_xy(area, middles).tolist()


def test_of_a_large_areas_tiles_only_those_at_its_edge_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = np.column_stack((np.full(len(places := TileGrid(40_000, 40_000, 1).keys()), 1, np.int32), places))
    made: list[int] = []
    box = shapely.box

    def counted(*sides: NDArray[np.float64]) -> object:
        made.append(np.size(sides[0]))
        return box(*sides)

    monkeypatch.setattr(shapely, "box", counted)
    inside = tiles_in(keys, shapely.Point(20_000, 20_000).buffer(15_000))
    assert inside.sum() > 40_000
    assert sum(made) < inside.sum() / 4


def test_an_aoi_elsewhere_is_refused(make_raster: MakeRaster, textured: Textured) -> None:
    with opened(make_raster(textured(300, 300))) as source, pytest.raises(AoiOutsideRaster, match="scene"):
        plan_tiles(source, ScanSettings(), Aoi(shapely.box(0, 0, 1, 1).wkt, "EPSG:4326"))


def test_blocks_hold_every_key_once_and_stay_small() -> None:
    keys = np.column_stack((np.full(40_000, 2), np.mgrid[:200, :200].reshape(2, -1).T)).astype(np.int32)
    for overviews, strips in (((), False), ((2,), False), ((), True)):
        blocks = list(blocks_of(keys, overviews=overviews, strips=strips))
        together = np.concatenate([block.keys for block in blocks])
        assert len(np.unique(together, axis=0)) == len(keys) == len(together)
        assert max(block.size_px[0] * block.size_px[1] for block in blocks) <= 8_000_000


@pytest.mark.parametrize("size", [256, 16])
@pytest.mark.parametrize(("height", "width"), [(60, 60), (151, 300), (700, 515), (1, 1)])
def test_a_tiles_share_inside_is_what_a_raster_without_gaps_fills(
    make_raster: MakeRaster, textured: Textured, height: int, width: int, size: int
) -> None:
    with opened(make_raster(textured(height, width))) as source:
        keys = keys_of(source, 1, 2)
        boxes = tile_boxes(keys)
        valid = [source.read_window(x0, y0, x1 - x0, size).valid for x0, y0, x1, _ in boxes]
        np.testing.assert_array_equal(inside_shares(keys, width, height, size), valid)
