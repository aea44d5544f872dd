import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from rasterio import Affine
from rasterio.control import GroundControlPoint

from msa_model.protocol.errors import (
    AddressUnreachable,
    AoiOutsideRaster,
    RasterMissing,
    RasterUnreadable,
    RasterWithoutCrs,
    RasterWithoutTransform,
)
from msa_model.protocol.messages import Aoi, RasterRef, ScanSettings
from msa_model.raster.source import RasterSource
from msa_model.raster.tiles import plan_tiles, read_tiles
from tests.refusals import raises_kind

MakeRaster = Callable[..., Path]
Textured = Callable[..., NDArray[np.uint8]]


def opened(path: Path | str) -> RasterSource:
    return RasterSource.open(RasterRef(str(path)))


@pytest.mark.parametrize("path", ["no/such/file.tif", "/vsizip/no/such.zip/a.tif", ""])
def test_a_missing_file_is_named(path: str) -> None:
    with pytest.raises(RasterMissing) as caught:
        opened(path)
    assert path in caught.value.sentence


@pytest.mark.parametrize("path", ["/vsicurl/http://127.0.0.1:1/a.tif", "http://127.0.0.1:1/b.tif"])
def test_a_server_that_does_not_answer_is_named(path: str) -> None:
    with pytest.raises(AddressUnreachable, match="CURL error") as caught:
        opened(path)
    assert path in caught.value.sentence
    assert "connection" in caught.value.remedy


@pytest.mark.parametrize("content", [b"", b"just some text, not pixels", b"II*\0" + b"\xff" * 60])
def test_a_file_that_is_no_raster_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.tif"
    path.write_bytes(content)
    with pytest.raises(RasterUnreadable, match=r"notes\.tif"):
        opened(path)


def test_a_folder_is_no_raster(tmp_path: Path) -> None:
    with pytest.raises(RasterUnreadable, match=tmp_path.name):
        opened(tmp_path)


def test_a_vector_file_is_no_raster(tmp_path: Path) -> None:
    path = tmp_path / "area.geojson"
    path.write_text('{"type": "FeatureCollection", "features": []}')
    with pytest.raises(RasterUnreadable, match="area"):
        opened(path)


def test_a_raster_without_crs_is_refused(make_raster: MakeRaster, textured: Textured) -> None:
    with pytest.raises(RasterWithoutCrs, match=r"scene\.tif"):
        opened(make_raster(textured(64, 64), crs=None))


def test_a_local_crs_is_refused(make_raster: MakeRaster, textured: Textured) -> None:
    local = 'LOCAL_CS["site grid", UNIT["metre", 1]]'
    with pytest.raises(RasterWithoutCrs, match=r"scene\.tif"):
        opened(make_raster(textured(64, 64), crs=local))


@pytest.mark.parametrize("crs", ["EPSG:4978", "EPSG:5773"])
def test_a_crs_that_has_no_two_axes_on_the_ground_is_refused(
    make_raster: MakeRaster, textured: Textured, crs: str
) -> None:
    with pytest.raises(RasterWithoutCrs, match=r"scene\.tif"):
        opened(make_raster(textured(64, 64), crs=crs))


def test_a_raster_without_transform_is_refused(tmp_path: Path, textured: Textured) -> None:
    path = tmp_path / "photo.png"
    with rasterio.open(path, "w", driver="PNG", width=64, height=64, count=3, dtype="uint8") as out:
        out.write(textured(64, 64))
    with pytest.raises(RasterWithoutTransform, match=r"photo\.png"):
        opened(path)


def test_ground_control_points_without_a_crs_are_refused(make_raster: MakeRaster, textured: Textured) -> None:
    corners = ((0, 0, 15.0, 45.0), (0, 64, 15.1, 45.0), (64, 0, 15.0, 44.9))
    points = [GroundControlPoint(row=row, col=col, x=x, y=y) for row, col, x, y in corners]
    path = make_raster(textured(64, 64), crs=None, transform=None)
    with rasterio.open(path, "r+") as dataset:
        dataset.gcps = (points, rasterio.CRS())
    with pytest.raises(RasterWithoutCrs, match="control points"):
        opened(path)


def test_pixels_without_extent_are_refused(make_raster: MakeRaster, textured: Textured) -> None:
    flat = Affine(1, 1, 500_000, 1, 1, 5_000_000)
    with pytest.raises(RasterWithoutTransform):
        opened(make_raster(textured(64, 64), transform=flat))


def test_coordinates_that_are_nowhere_on_earth_are_refused(
    make_raster: MakeRaster, textured: Textured
) -> None:
    with pytest.raises(RasterWithoutTransform, match="outside"):
        opened(make_raster(textured(64, 64), crs="EPSG:4326", transform=Affine(1, 0, 500, 0, -1, 5000)))


def test_complex_numbers_are_refused(make_raster: MakeRaster) -> None:
    with pytest.raises(RasterUnreadable, match="complex"):
        opened(make_raster(np.ones((1, 64, 64), np.complex64)))


@pytest.mark.parametrize("compress", ["jpeg", "deflate", None])
def test_a_truncated_file_is_named_with_the_window_that_fails(
    make_raster: MakeRaster, textured: Textured, compress: str | None
) -> None:
    path = make_raster(textured(1500, 1500), compress=compress)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    with pytest.raises(RasterUnreadable, match=r"scene\.tif") as caught, opened(path) as source:
        scan(source)
    assert "column" in caught.value.sentence or "cannot open" in caught.value.sentence


@pytest.mark.parametrize("compress", ["jpeg", "deflate"])
def test_a_damaged_block_in_mid_scan_is_named_with_its_window(
    make_raster: MakeRaster, textured: Textured, compress: str | None
) -> None:
    path = make_raster(
        textured(4096, 512), compress=compress, photometric="ycbcr" if compress == "jpeg" else None
    )
    offset, size = block_place(path, 31)
    content = bytearray(path.read_bytes())
    content[offset : offset + size] = b"\xff" * size
    path.write_bytes(content)
    with opened(path) as source:
        keys = plan_tiles(source, ScanSettings(scales_m=(256,)), None).keys
        with pytest.raises(RasterUnreadable, match=r"scene\.tif.* row"):
            list(read_tiles(source, keys, 8))


def test_a_raster_that_claims_to_be_enormous_is_refused_by_its_tile_count(tmp_path: Path) -> None:
    path = tmp_path / "huge.vrt"
    path.write_text(
        '<VRTDataset rasterXSize="2000000000" rasterYSize="2000000000"><SRS>EPSG:32633</SRS>'
        "<GeoTransform>500000, 0.0001, 0, 5000000, 0, -0.0001</GeoTransform>"
        '<VRTRasterBand dataType="Byte" band="1"/></VRTDataset>'
    )
    elsewhere = Aoi("POLYGON ((0 0, 1 0, 1 1, 0 0))", "EPSG:32633")
    with opened(path) as source:
        with raises_kind("too_many_tiles", match="tiles"):
            plan_tiles(source, ScanSettings(scales_m=(1,)), None)
        with pytest.raises(AoiOutsideRaster):
            plan_tiles(source, ScanSettings(scales_m=(1,)), elsewhere)


def scan(source: RasterSource) -> None:
    for batch in read_tiles(source, plan_tiles(source, ScanSettings(), None).keys, 16):
        assert len(batch.keys)


def block_place(path: Path, index: int) -> tuple[int, int]:
    """Offset and size of a tile of a little-endian classic TIFF."""
    content = path.read_bytes()
    (directory,) = struct.unpack_from("<I", content, 4)
    (count,) = struct.unpack_from("<H", content, directory)
    entries = [struct.unpack_from("<HHII", content, directory + 2 + 12 * i) for i in range(count)]
    places = {tag: value for tag, _, _, value in entries}
    offset = struct.unpack_from("<I", content, places[324] + 4 * index)[0]
    size = struct.unpack_from("<I", content, places[325] + 4 * index)[0]
    return offset, size


def with_tile(path: Path, change: Callable[[bytes], bytes]) -> None:
    """Put a changed copy of a TIFF's second tile at its end."""
    offset, size = block_place(path, 1)
    content = bytearray(path.read_bytes())
    tile = change(bytes(content[offset : offset + size]))
    (directory,) = struct.unpack_from("<I", content, 4)
    (count,) = struct.unpack_from("<H", content, directory)
    entries = [struct.unpack_from("<HHII", content, directory + 2 + 12 * i) for i in range(count)]
    places = {tag: value for tag, _, _, value in entries}
    struct.pack_into("<I", content, places[324] + 4, len(content))
    struct.pack_into("<I", content, places[325] + 4, len(tile))
    path.write_bytes(content + tile)


def test_a_jpeg_tile_that_is_cut_off_is_refused_each_time(
    make_raster: MakeRaster, textured: Textured
) -> None:
    path = make_raster(textured(512, 512), compress="jpeg", photometric="ycbcr")
    with_tile(path, lambda tile: tile[: len(tile) // 2])
    with opened(path) as source:
        for _ in range(3):
            with pytest.raises(RasterUnreadable, match="Premature end"):
                source.read_window(256, 0, 256)


def test_a_harmless_warning_about_a_jpeg_refuses_nothing(make_raster: MakeRaster, textured: Textured) -> None:
    path = make_raster(textured(512, 512), compress="jpeg", photometric="ycbcr")
    with opened(path) as source:
        whole = source.read_window(0, 0, 512, 512).rgb
    with_tile(path, lambda tile: tile[:-2] + bytes(5) + tile[-2:])  # extraneous bytes before the last marker
    with opened(path) as source:
        np.testing.assert_array_equal(source.read_window(0, 0, 512, 512).rgb, whole)


def test_a_png_that_is_cut_off_is_refused(make_raster: MakeRaster, textured: Textured) -> None:
    plain = {"tiled": None, "blockxsize": None, "blockysize": None, "photometric": None}
    path = make_raster(textured(300, 300), "cut.png", driver="PNG", **plain)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(RasterUnreadable, match=r"cut\.png"), opened(path) as source:
        source.read_window(0, 0, 300, 300)


@pytest.mark.parametrize(
    ("name", "head", "said"),
    [
        ("a.hdf", b"\x0e\x03\x13\x01", "HDF4"),
        ("a.pdf", b"%PDF-1.6", "PDF"),
        ("a.sid", b"msid", "MrSID"),
        ("a.ecw", b"\x65\x02", "ECW"),
    ],
)
def test_a_format_that_qgis_alone_reads_is_named_with_the_way_out(
    tmp_path: Path, name: str, head: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(head + bytes(100))
    with pytest.raises(RasterUnreadable, match=f"{said}.*gdal_translate.*QGIS"):
        RasterSource.open(RasterRef(str(path)))
