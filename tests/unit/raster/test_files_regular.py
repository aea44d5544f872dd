"""What is no file is refused at once instead of being waited for."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from msa_model.protocol.errors import RasterMissing, RasterUnreadable
from msa_model.protocol.messages import RasterRef
from msa_model.raster.source import RasterSource

MakeRaster = Callable[..., Path]
Textured = Callable[..., NDArray[np.uint8]]

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")


def opened(path: Path | str) -> RasterSource:
    return RasterSource.open(RasterRef(str(path)))


@pytest.mark.parametrize(
    "form",
    [
        "{}",
        "/vsigzip/{}",
        "/vsizip/{}/a.tif",
        "/vsizip/{{{}}}/a.tif",
        "/vsitar//vsigzip/{}/a.tif",
        "/vsisubfile/0_100,{}",
        "GTIFF_DIR:1:{}",
        'NETCDF:"{}":var',
    ],
)
def test_a_pipe_is_refused_however_it_is_named(tmp_path: Path, form: str) -> None:
    pipe = tmp_path / "pipe.tif"
    os.mkfifo(pipe)
    with pytest.raises(RasterUnreadable, match="named pipe"):
        opened(form.format(pipe))


@pytest.mark.parametrize("name", ["scene.tif.ovr", "scene.tif.msk", "scene.tfw", "scene.tif.aux.xml"])
def test_a_pipe_beside_a_raster_is_refused(make_raster: MakeRaster, textured: Textured, name: str) -> None:
    path = make_raster(textured(64, 64))
    os.mkfifo(path.with_name(name))
    with pytest.raises(RasterUnreadable, match="named pipe"):
        opened(path)


def test_a_pipe_that_a_virtual_raster_names_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    path = tmp_path / "all.vrt"
    path.write_text(
        '<VRTDataset rasterXSize="64" rasterYSize="64"><SRS>EPSG:32633</SRS>'
        "<GeoTransform>500000, 1, 0, 5000000, 0, -1</GeoTransform>"
        '<VRTRasterBand dataType="Byte" band="1"><SimpleSource><SourceFilename relativeToVRT="1">pipe'
        "</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    with pytest.raises(RasterUnreadable, match="named pipe"):
        opened(path)


def test_devices_sockets_streams_and_folders_are_refused(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        for path in ("/dev/zero", "/dev/null", "/vsistdin/", tmp_path / "s", tmp_path):
            with pytest.raises(RasterUnreadable):
                opened(path)


def test_a_link_to_nothing_beside_a_raster_does_no_harm(make_raster: MakeRaster, textured: Textured) -> None:
    path = make_raster(textured(64, 64))
    path.with_name("scene.tfw").symlink_to(path.with_name("gone"))
    opened(path).close()
    with pytest.raises(RasterMissing):
        opened(path.with_name("scene.tfw"))
