import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

READ = """
import sys
from msa_model.protocol.messages import RasterRef
from msa_model.raster.source import RasterSource
with RasterSource.open(RasterRef(sys.argv[1])) as source:
    print(source.crs, round(source.gsd_m, 3))
"""


def test_another_installations_gdal_and_proj_data_do_no_harm(
    make_raster: Callable[..., Path], textured: Callable[..., NDArray[np.uint8]], tmp_path: Path
) -> None:
    foreign = {name: str(tmp_path) for name in ("PROJ_DATA", "PROJ_LIB", "GDAL_DATA", "GDAL_DRIVER_PATH")}
    child = subprocess.run(
        [sys.executable, "-c", READ, str(make_raster(textured(64, 64)))],
        env=os.environ | foreign,
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.stdout.split() == ["EPSG:32633", "1.0"], child.stderr
    assert "PROJ" not in child.stderr
