"""Images that only control points or RPCs place: the worker reads the pixels that QGIS draws."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal, osr
from qgis.core import QgsRasterLayer

from tests.qgis.conftest import REAL_WORKER
from tests.qgis.scene import write_scene

pytestmark = pytest.mark.skipif(not REAL_WORKER.is_file(), reason="the worker's environment is not set up")

READ = """
import hashlib, json, sys
import numpy as np
from msa_model.protocol.messages import RasterRef
from msa_model.raster.source import RasterSource
with RasterSource.open(RasterRef(sys.argv[1])) as source:
    region = source.read_region(0, 0, 1, source.width, source.height)
    shown = np.where(region.valid[..., None], region.rgb, 0)
    print(json.dumps({
        "size": [source.width, source.height], "transform": list(source.transform)[:6], "crs": source.crs,
        "valid": float(region.valid.mean()),
        "pixels": [hashlib.sha256(shown[..., band].tobytes()).hexdigest() for band in range(3)],
    }))
"""
ONES, SIDE = ["1"] + ["0"] * 19, 256
RPC = {
    "LINE_OFF": "128",
    "SAMP_OFF": "128",
    "LAT_OFF": "45",
    "LONG_OFF": "15",
    "HEIGHT_OFF": "100",
    "LINE_SCALE": "128",
    "SAMP_SCALE": "128",
    "LAT_SCALE": "0.02",
    "LONG_SCALE": "0.03",
    "HEIGHT_SCALE": "500",
    "LINE_NUM_COEFF": " ".join(["0", "0.1", "-1", *["0"] * 17]),
    "LINE_DEN_COEFF": " ".join(ONES),
    "SAMP_NUM_COEFF": " ".join(["0", "1", "0.2", *["0"] * 17]),
    "SAMP_DEN_COEFF": " ".join(ONES),
}


def by_the_worker(path: Path) -> dict[str, Any]:
    python = REAL_WORKER.parent / "python"
    found = subprocess.run([str(python), "-c", READ, str(path)], capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(found.stdout)
    return answer


def unplaced(path: Path) -> gdal.Dataset:
    """A scene without georeference, open for writing."""
    scene = gdal.Open(str(write_scene(path.with_name("placed.tif"), SIDE)))
    gdal.GetDriverByName("GTiff").CreateCopy(str(path), scene, options=["PROFILE=BASELINE"])
    Path(f"{path}.aux.xml").unlink()
    return gdal.Open(str(path), gdal.GA_Update)


def check_same(path: Path) -> None:
    layer = QgsRasterLayer(str(path), "layer")
    assert layer.isValid()
    provider, found = layer.dataProvider(), by_the_worker(path)
    size, extent = [provider.xSize(), provider.ySize()], provider.extent()
    a, b, c, d, e, f = found["transform"]
    assert found["size"] == size
    assert found["crs"] == layer.crs().authid()
    assert (b, d) == (0, 0)
    assert (extent.xMinimum(), extent.yMaximum()) == pytest.approx((c, f), abs=a / 1000)
    assert (extent.xMaximum(), extent.yMinimum()) == pytest.approx(
        (c + size[0] * a, f + size[1] * e), abs=a / 1000
    )
    assert 0.5 < found["valid"] < 1
    for band in (1, 2, 3):
        block = provider.block(band, extent, *size)
        drawn = bytes(block.data())
        assert len(set(drawn)) > 50
        assert hashlib.sha256(drawn).hexdigest() == found["pixels"][band - 1]


def test_control_points(tmp_path: Path, qgis_app: object) -> None:
    data = unplaced(tmp_path / "points.tif")
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(32645)
    points = [
        gdal.GCP(500_000 + 0.5 * col + 0.1 * row, 3_060_000 - 0.5 * row + 0.05 * col, 0, col, row)
        for row in (0, 128, 256)
        for col in (0, 128, 256)
    ]
    data.SetGCPs(points, reference.ExportToWkt())
    del data
    check_same(tmp_path / "points.tif")


def test_rpcs(tmp_path: Path, qgis_app: object) -> None:
    data = unplaced(tmp_path / "rpcs.tif")
    data.SetMetadata(RPC, "RPC")
    del data
    check_same(tmp_path / "rpcs.tif")
