"""A user's vector layer over a raster, cut into chips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from msa_model.adapt.own_data import OwnData
from msa_model.adapt.own_layer import Layer, cut_chips
from msa_model.protocol.errors import BadArgument, DiskFull, FileNotOurs
from msa_model.protocol.messages import RasterRef
from msa_model.raster.source import RasterSource
from tests.refusals import raises_kind

X, Y = 500_000, 5_000_000  # upper left of `make_raster`'s scenes, 1 m pixels


@pytest.fixture
def scene(make_raster: Callable[..., Path], textured: Callable[..., np.ndarray]) -> Path:
    return make_raster(textured(1200, 1600))


def write_layer(
    path: Path,
    shapes: Sequence[shapely.Geometry],
    texts: Sequence[object],
    *,
    crs: str | None = "EPSG:32633",
    field: str = "kind",
    geometry: str = "Polygon",
) -> Path:
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array(shapes, object)),
        [np.array(texts, object)],
        [field],
        geometry_type=geometry,
        crs=crs,
    )
    return path


def squares(count: int, side: float = 60) -> list[shapely.Geometry]:
    """Squares along a row across the scene."""
    starts = [(X + 50 + 70 * i, Y - 600) for i in range(count)]
    return [shapely.box(x, y, x + side, y + side) for x, y in starts]


def cut(scene: Path, layer: Path, folder: Path, field: str = "kind", scale_m: float | None = None) -> OwnData:
    with RasterSource.open(RasterRef(str(scene))) as raster:
        return cut_chips(raster, Layer(str(layer), field, scale_m), folder)


def names(count: int) -> list[str]:
    return [f"house {i}" for i in range(count)]


def test_every_feature_becomes_a_chip_of_the_tile_size_with_its_text(scene: Path, tmp_path: Path) -> None:
    layer = write_layer(tmp_path / "l.gpkg", squares(20), names(20))
    data = cut(scene, layer, tmp_path / "chips")
    assert [pair.caption for pair in data.pairs] == names(20)
    assert data.pairs[0].origin == "feature 1"
    assert np.asarray(Image.open(data.pairs[0].path)).shape == (256, 256, 3)


def test_a_chip_is_centred_on_its_feature_and_as_large_as_a_search_tile(scene: Path, tmp_path: Path) -> None:
    """The feature is 60 m wide, a tile 256 px of 1 m."""
    layer = write_layer(tmp_path / "l.gpkg", squares(20), names(20))
    chip = cut(scene, layer, tmp_path / "chips").pairs[7].path
    with RasterSource.open(RasterRef(str(scene))) as raster:
        expected = raster.read_window(50 + 70 * 7 + 30 - 128, 600 - 30 - 128, 256).rgb
    assert np.array_equal(np.asarray(Image.open(chip)), expected)


def test_a_large_feature_is_shown_whole(scene: Path, tmp_path: Path) -> None:
    shapes = [*squares(19), shapely.box(X + 100, Y - 900, X + 900, Y - 700)]
    layer = write_layer(tmp_path / "l.gpkg", shapes, names(20))
    chip = cut(scene, layer, tmp_path / "chips").pairs[19].path
    with RasterSource.open(RasterRef(str(scene))) as raster:
        expected = raster.read_window(100, 400, 800).rgb
    assert np.array_equal(np.asarray(Image.open(chip)), expected)


def test_a_chip_at_the_edge_is_moved_onto_the_raster(scene: Path, tmp_path: Path) -> None:
    shapes = [*squares(19), shapely.box(X, Y - 10, X + 10, Y)]
    chip = cut(scene, write_layer(tmp_path / "l.gpkg", shapes, names(20)), tmp_path / "c").pairs[19].path
    with RasterSource.open(RasterRef(str(scene))) as raster:
        assert np.array_equal(np.asarray(Image.open(chip)), raster.read_window(0, 0, 256).rgb)


def test_a_layer_in_another_crs_lands_in_the_same_place(scene: Path, tmp_path: Path) -> None:
    from pyproj import Transformer

    to_degrees = Transformer.from_crs("EPSG:32633", "EPSG:4326", always_xy=True)
    shapes = [
        shapely.transform(s, lambda xy: np.column_stack(to_degrees.transform(*xy.T))) for s in squares(20)
    ]
    here = cut(scene, write_layer(tmp_path / "a.gpkg", squares(20), names(20)), tmp_path / "a")
    there = cut(
        scene, write_layer(tmp_path / "b.geojson", shapes, names(20), crs="EPSG:4326"), tmp_path / "b"
    )
    one, two = (np.asarray(Image.open(d.pairs[9].path)).astype(int) for d in (here, there))
    assert np.abs(one - two).mean() < 4  # GeoJSON rounds coordinates to centimetres


def test_points_need_a_scale(scene: Path, tmp_path: Path) -> None:
    points = [shape.centroid for shape in squares(20)]
    layer = write_layer(tmp_path / "p.gpkg", points, names(20), geometry="Point")
    with pytest.raises(BadArgument, match="holds points: say with --scale"):
        cut(scene, layer, tmp_path / "chips")
    assert len(cut(scene, layer, tmp_path / "chips", scale_m=300).pairs) == 20


def test_what_cannot_be_used_is_listed(
    make_raster: Callable[..., Path], textured: Callable[..., np.ndarray], tmp_path: Path
) -> None:
    pixels = textured(1200, 1600)
    pixels[:, :, 1300:] = 0
    scene = make_raster(pixels, nodata=0)
    outside, bare = (
        shapely.box(X - 900, Y, X - 800, Y + 50),
        shapely.box(X + 1500, Y - 600, X + 1550, Y - 550),
    )
    shapes = [
        *squares(17),
        squares(18)[17],
        outside,
        bare,
        *(shapely.box(X, Y - i, X + 9, Y) for i in (9, 8, 7)),
    ]
    texts: list[object] = [*names(17), None, "out", "bare", "a", "b", "c"]
    data = cut(scene, write_layer(tmp_path / "l.gpkg", shapes, texts), tmp_path / "chips")
    assert len(data.pairs) == 20
    assert [(item.origin, item.reason) for item in data.left_out] == [
        ("feature 18", "the text is empty"),
        ("feature 19", "it lies outside the raster"),
        ("feature 20", "most of it has no data"),
    ]


def test_a_field_that_is_not_there_is_answered_with_the_nearest(scene: Path, tmp_path: Path) -> None:
    layer = write_layer(tmp_path / "l.gpkg", squares(20), names(20), field="landuse")
    with raises_kind("layer_unusable", match=r"no field 'lnaduse'. The nearest of its fields: 'landuse'"):
        cut(scene, layer, tmp_path / "chips", field="lnaduse")
    assert len(cut(scene, layer, tmp_path / "chips", field="LandUse").pairs) == 20


def test_features_all_outside_the_raster_are_refused(scene: Path, tmp_path: Path) -> None:
    shapes = [shapely.transform(shape, lambda xy: xy + 1e5) for shape in squares(20)]
    with raises_kind("layer_unusable", match=r"No feature of .* can be used .*it lies outside the raster"):
        cut(scene, write_layer(tmp_path / "l.gpkg", shapes, names(20)), tmp_path / "chips")


def test_a_layer_without_crs_is_refused(scene: Path, tmp_path: Path) -> None:
    layer = write_layer(tmp_path / "l.shp", squares(20), names(20), crs=None)
    with raises_kind("layer_unusable", match="does not say which CRS"):
        cut(scene, layer, tmp_path / "chips")


def test_what_is_no_layer_is_refused(scene: Path, tmp_path: Path) -> None:
    (tmp_path / "l.gpkg").write_bytes(b"nothing")
    with raises_kind("layer_unusable", match="is no vector file"):
        cut(scene, tmp_path / "l.gpkg", tmp_path / "chips")


def test_few_features_are_refused(scene: Path, tmp_path: Path) -> None:
    with raises_kind("too_few_pairs", match="gives 5 captioned images"):
        cut(scene, write_layer(tmp_path / "l.gpkg", squares(5), names(5)), tmp_path / "chips")


def test_a_picture_of_somebody_else_is_not_replaced(scene: Path, tmp_path: Path) -> None:
    (tmp_path / "chips").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "chips" / "3.png")
    layer = write_layer(tmp_path / "l.gpkg", squares(20), names(20))
    with pytest.raises(FileNotOurs, match=r"3\.png"):
        cut(scene, layer, tmp_path / "chips")
    assert Image.open(tmp_path / "chips" / "3.png").size == (8, 8)


def test_chips_of_an_earlier_run_are_replaced(scene: Path, tmp_path: Path) -> None:
    layer = write_layer(tmp_path / "l.gpkg", squares(20), names(20))
    first = cut(scene, layer, tmp_path / "chips")
    assert cut(scene, layer, tmp_path / "chips") == first


def test_a_chip_that_somebody_has_retouched_is_not_replaced(scene: Path, tmp_path: Path) -> None:
    layer = write_layer(tmp_path / "l.gpkg", squares(20), names(20))
    chip = cut(scene, layer, tmp_path / "chips").pairs[7].path
    picture = Image.open(chip)
    said = PngInfo()
    said.add_text("Software", str(picture.info["Software"]))
    picture.putpixel((0, 0), (255, 0, 255))
    picture.save(chip, "PNG", pnginfo=said)
    before = chip.read_bytes()
    with pytest.raises(FileNotOurs):
        cut(scene, layer, tmp_path / "chips")
    assert chip.read_bytes() == before


def test_a_full_disk_is_named(
    scene: Path, tmp_path: Path, file_limit: Callable[[int], AbstractContextManager[None]]
) -> None:
    layer = write_layer(tmp_path / "l.gpkg", squares(20), names(20))
    with file_limit(1000), pytest.raises(DiskFull, match=r"no room left on the disk for .*1\.png"):
        cut(scene, layer, tmp_path / "chips")
