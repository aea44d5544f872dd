"""A CRS is told exactly as the raster has it: with a datum shift of its own, not with that of its code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pyproj import CRS, Geod

from msa_model.protocol.messages import RasterRef
from msa_model.raster.coordinates import moved
from msa_model.raster.source import RasterSource

MakeRaster = Callable[..., Path]
Textured = Callable[..., NDArray[np.uint8]]

CORNER = (3_500_000.0, 5_400_000.0)
DATUM = 'AUTHORITY["EPSG","6314"]]'
# Seven parameters, and where PROJ's own steps (tmerc inverse, cart, helmert, cart inverse) put the corner.
SHIFTS = {
    "582,105,414,1.04,0.35,-3.08,8.3": (8.99897648302436, 48.73754121718167),
    "612.4,77,440.2,-0.054,0.057,-2.797,2.55": (8.998968655452678, 48.73755714930978),
    "650,77,440.2,-0.054,0.057,-2.797,2.55": (8.998888699895673, 48.73730612052987),
}


def shifted(path: Path, raster: Path, shift: str) -> Path:
    """A VRT of the raster in EPSG:31467 with a shift of its own; a GeoTIFF would not keep it."""
    wkt = CRS.from_epsg(31467).to_wkt("WKT1_GDAL").replace(DATUM, f"TOWGS84[{shift}],{DATUM}")
    path.write_text(
        f'<VRTDataset rasterXSize="64" rasterYSize="64"><SRS dataAxisToSRSAxisMapping="2,1">{wkt}</SRS>'
        f"<GeoTransform>{CORNER[0]},0.5,0,{CORNER[1]},0,-0.5</GeoTransform>"
        f'<VRTRasterBand dataType="Byte" band="1"><SimpleSource><SourceFilename>{raster}</SourceFilename>'
        "</SimpleSource></VRTRasterBand></VRTDataset>"
    )
    return path


@pytest.mark.parametrize("shift", SHIFTS)
def test_a_shift_of_its_own_is_not_taken_for_the_codes(
    make_raster: MakeRaster, textured: Textured, tmp_path: Path, shift: str
) -> None:
    raster = make_raster(textured(64, 64, bands=1))
    with RasterSource.open(RasterRef(str(shifted(tmp_path / "own.vrt", raster, shift)))) as source:
        assert not source.crs.startswith("EPSG:")
        (found,) = moved(np.array([CORNER]), source.crs, "EPSG:4326")
    assert metres(found, SHIFTS[shift]) < 0.01


def test_the_code_alone_is_told_as_such(make_raster: MakeRaster, textured: Textured) -> None:
    with RasterSource.open(RasterRef(str(make_raster(textured(64, 64), crs="EPSG:31467")))) as source:
        assert source.crs == "EPSG:31467"


def metres(place: NDArray[np.float64], other: tuple[float, float]) -> float:
    return float(Geod(ellps="WGS84").inv(place[0], place[1], *other)[2])
