"""The system's GDAL, which may open what the one in rasterio's wheels cannot (HDF4, GeoPDF, ECW, MrSID).

Two of its programs are run, by fixed names out of PATH, without a shell, with a limit on their time.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess  # nosec B404
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msa_model.protocol.errors import RasterUnreadable

LONGEST_SECONDS = 600.0
_INFO_SECONDS = 60.0
_TYPE_BYTES = {"Byte": 1, "Int8": 1, "UInt16": 2, "Int16": 2, "UInt32": 4, "Int32": 4, "Float32": 4}
_WIDEST_BYTES = 16
_ENVIRONMENT = {
    # Drivers that ask a server; and no code out of a file.
    "GDAL_SKIP": (
        "DAAS,DODS,EEDA,EEDAI,HTTP,NGW,OGCAPI,PLMOSAIC,PLSCENES,PostGISRaster,RDA,STACIT,STACTA,WCS,WMS,WMTS"
    ),
    "GDAL_VRT_ENABLE_PYTHON": "NO",
    "GDAL_TIFF_INTERNAL_MASK": "YES",
}
_CREATION = ("TILED=YES", "COMPRESS=DEFLATE", "ZLEVEL=1", "BIGTIFF=IF_SAFER")
_AS_GEOTIFF = ("-of", "GTiff", *(word for option in _CREATION for word in ("-co", option)))


@dataclass(frozen=True)
class Facts:
    """What `gdalinfo` tells of a raster: `bytes` of all its pixels, its CRS as WKT (empty: it has none).

    `axes` tells which of the CRS's axes x and y are, from 1; `parts` names the rasters within a container.
    """

    driver: str
    bytes: int
    bands: int
    wkt: str
    axes: tuple[int, ...]
    parts: tuple[str, ...]


def is_there() -> bool:
    """Whether this machine has both programs."""
    return bool(_program("gdalinfo") and _program("gdal_translate"))


def facts_of(path: str, options: Sequence[str] = ()) -> Facts | None:
    """What the system's GDAL tells of a raster; None where it cannot open it either."""
    try:
        done = _run("gdalinfo", ("-json", "-nogcp", "-norat", "-noct", *options, path), _INFO_SECONDS)
        return _facts(json.loads(done.stdout)) if done.returncode == 0 else None
    except (subprocess.TimeoutExpired, ValueError, KeyError, TypeError, AttributeError, OSError):
        return None


def translate(path: str, target: Path, tag: str, options: Sequence[str] = ()) -> None:
    """Write the raster at `path` as a GeoTIFF, lossless, with `tag` ('NAME=value') among its metadata.

    Raises:
        RasterUnreadable: it cannot be read to its end, or not in time.
    """
    arguments = (*_AS_GEOTIFF, "-mo", tag, *options, path, str(target))
    try:
        done = _run("gdal_translate", arguments, LONGEST_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise RasterUnreadable(
            f"{path} was not converted by the system's gdal_translate within {LONGEST_SECONDS:.0f} seconds. "
            "Convert it to a GeoTIFF yourself, or search it from QGIS, which draws it for the worker."
        ) from error
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
        raise RasterUnreadable(f"{path} cannot be read by the system's gdal_translate either: {said[0]}")


def _run(name: str, arguments: Sequence[str], seconds: float) -> subprocess.CompletedProcess[str]:
    """Run a program to its end. Its progress goes into a pipe: it ends soon where this process is no more."""
    program = _program(name)
    if program is None:
        raise FileNotFoundError(f"There is no {name} on this machine.")
    return subprocess.run(  # noqa: S603  # nosec B603
        [program, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**os.environ, **_ENVIRONMENT},
        encoding="utf-8",
        errors="replace",
        timeout=seconds,
        check=False,
    )


def _program(name: str) -> str | None:
    """The program's full path; the folder that this process happens to work in is no place for it."""
    found = shutil.which(name)
    if found is None or not os.path.isabs(found) or Path(found).parent == Path.cwd():
        return None
    return found


def _facts(told: Mapping[str, Any]) -> Facts:
    """Of what `gdalinfo -json` prints."""
    width, height = told["size"]
    bands = told["bands"]
    crs = told.get("coordinateSystem") or {}
    parts = (told.get("metadata") or {}).get("SUBDATASETS") or {}
    return Facts(
        driver=str(told["driverShortName"]),
        bytes=int(width) * int(height) * sum(_TYPE_BYTES.get(band["type"], _WIDEST_BYTES) for band in bands),
        bands=len(bands),
        wkt=str(crs.get("wkt") or ""),
        axes=tuple(int(axis) for axis in crs.get("dataAxisToSRSAxisMapping") or (1, 2)),
        parts=tuple(str(value) for name, value in parts.items() if str(name).endswith("_NAME")),
    )
