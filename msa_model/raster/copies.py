"""Rasters that only the system's GDAL opens, read through copies in the cache folder.

A copy is a GeoTIFF named by the raster's path and by the state of its files: a changed raster gets another.

GDAL's file beside a raster ('.aux.xml'), for a CRS that the raster's own format does not hold.

The system's GDAL, which may open what the one in rasterio's wheels cannot (HDF4, GeoPDF, ECW, MrSID).
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import subprocess  # nosec B404
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import rasterio
from pyproj import CRS
from rasterio.errors import RasterioError

from msa_model.files.folders import forget_older, make_folder, mark_used, user_cache_folder
from msa_model.files.replacing import replacing_together
from msa_model.protocol.errors import FileNotOurs, RasterUnreadable
from msa_model.protocol.layers import format_of
from msa_model.protocol.unfinished import is_full
from msa_model.raster.environment import GDAL_OPTIONS

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
class GdalInfo:
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


def gdal_info(path: str, options: Sequence[str] = ()) -> GdalInfo | None:
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


def _facts(told: Mapping[str, Any]) -> GdalInfo:
    """Of what `gdalinfo -json` prints."""
    width, height = told["size"]
    bands = told["bands"]
    crs = told.get("coordinateSystem") or {}
    parts = (told.get("metadata") or {}).get("SUBDATASETS") or {}
    return GdalInfo(
        driver=str(told["driverShortName"]),
        bytes=int(width) * int(height) * sum(_TYPE_BYTES.get(band["type"], _WIDEST_BYTES) for band in bands),
        bands=len(bands),
        wkt=str(crs.get("wkt") or ""),
        axes=tuple(int(axis) for axis in crs.get("dataAxisToSRSAxisMapping") or (1, 2)),
        parts=tuple(str(value) for name, value in parts.items() if str(name).endswith("_NAME")),
    )


_OURS = "<!-- msa-search"


def beside(path: Path) -> Path:
    """Where GDAL looks for it."""
    return path.with_name(f"{path.name}.aux.xml")


def pam_of_crs(crs: str) -> str:
    """The file's text for a CRS given in any form that PROJ knows."""
    known = CRS.from_user_input(crs)
    axes = known.axis_info
    north_first = bool(axes) and axes[0].direction.lower() in ("north", "south")
    return pam_text(known.to_wkt(), (2, 1) if north_first else (1, 2))


def pam_text(wkt: str, axes: Sequence[int]) -> str:
    """The file's text; `axes` tells which of the CRS's axes a raster's x and y are, from 1."""
    mapping = ",".join(str(axis) for axis in axes)
    told = f'<SRS dataAxisToSRSAxisMapping="{mapping}">{escape(wkt, quote=False)}</SRS>'
    return f"<PAMDataset>\n  {_OURS} -->\n  {told}\n</PAMDataset>\n"


def is_own_pam(path: Path) -> bool:
    """Whether this program wrote it."""
    return path.is_file() and _OURS in path.read_text(encoding="utf-8", errors="replace")


LARGEST_BYTES = 2_000_000_000  # of pixels
_KEPT_BYTES = 20_000_000_000  # of all copies
_FOLDER = "system-gdal"
_TAG = "MSA_SEARCH_COPY"
_NAME = re.compile(r"[0-9a-f]{16}-[0-9a-f]{16}\.tif")
_BESIDE_FILE = (".aux.xml", ".ovr", ".msk")
_BESIDE_STEM = (".wld", ".prj", ".aux")


class Copies:
    """Makes and finds copies, one at a time; the folder is the user's cache folder unless told otherwise."""

    def __init__(self) -> None:
        self._cache_folder: Path | None = None
        self._lock = threading.Lock()

    def keep_in(self, cache_folder: str | None) -> None:
        """Keep copies in this cache folder from now on."""
        self._cache_folder = Path(cache_folder) if cache_folder else None

    def copy_of(self, path: str) -> str | None:
        """The copy of a raster that rasterio does not recognise; None where the system's GDAL is no help.

        Raises:
            RasterUnreadable: too large to be copied, several rasters in one, or not readable to its end.
            folder_read_only, DiskFull, storage_failed: the copy cannot be written.
        """
        files = own_files(path)
        if not files or not is_there():
            return None
        name = os.path.abspath(path) if os.path.isfile(path) else path
        with self._lock:
            copy = self._folder() / f"{_digest(name)}-{_digest(repr(_states(files)))}.tif"
            if not _is_copy(copy) and not _make(name, copy, beside(Path(files[0])).exists()):
                return None
            mark_used(copy)
            return str(copy)

    def holds(self, names: list[str]) -> bool:
        """Whether a data set of these files is such a copy."""
        folder = str(self._folder())
        return any(os.path.dirname(name) == folder for name in names)

    def _folder(self) -> Path:
        return (self._cache_folder or user_cache_folder()).absolute() / _FOLDER


COPIES = Copies()


def own_files(path: str) -> list[str]:
    """The file that a raster's name names, then those beside it that tell of it; nothing if there is none."""
    main = path if os.path.isfile(path) else _file_of_part(path)
    if not main:
        return []
    stem, suffix = os.path.splitext(main)
    world = (f".{suffix[1]}{suffix[-1]}w", f"{suffix}w") if len(suffix) > 1 else ()
    names = (*(main + end for end in _BESIDE_FILE), *(stem + end for end in (*_BESIDE_STEM, *world)))
    return [main, *(name for name in names if os.path.isfile(name))]


def _file_of_part(path: str) -> str:
    """The file in 'DRIVER:…:"file":part'; empty where there is none on this machine."""
    if not format_of(path):
        return ""
    words = path.split(":")
    spans = [(first, last) for first in range(1, len(words)) for last in range(len(words), first, -1)]
    for first, last in sorted(spans, key=lambda span: span[0] - span[1]):
        name = ":".join(words[first:last]).strip('"')
        others = ":".join((*words[:first], *words[last:]))
        if os.path.isfile(name) and "/vsi" not in others:
            return name
    return ""


def _make(path: str, copy: Path, has_pam: bool) -> bool:
    """Make the copy; False where the system's GDAL cannot open the raster, or only with a driver of ours."""
    # So that nothing new is written beside the user's file, while what is there is read as QGIS reads it.
    options = ("--config", "GDAL_PAM_ENABLED", "YES" if has_pam else "NO")
    facts = gdal_info(path, options)
    if facts is None or not (format_of(path) or facts.driver not in _own_drivers()):
        return False
    _check(path, facts)
    make_folder(copy.parent)
    try:
        _write(path, copy, facts, options)
    except FileNotOurs:  # another process was making the same copy
        if not _is_copy(copy):
            raise
    forget_older(copy, _NAME, _KEPT_BYTES, _remove)
    return True


def _check(path: str, facts: GdalInfo) -> None:
    """Whether a raster can be copied.

    Raises:
        RasterUnreadable: it cannot.
    """
    if not facts.bands and facts.parts:
        raise RasterUnreadable(
            f"{path} holds {len(facts.parts)} rasters: give the name of one, such as {facts.parts[0]}."
        )
    if not facts.bands:
        raise RasterUnreadable(f"{path} holds no raster.")
    if facts.bytes > LARGEST_BYTES:
        raise RasterUnreadable(
            f"{path} is opened by the system's GDAL only, and {facts.bytes / 1e9:.1f} GB of pixels are too "
            f"many to be copied (at most {LARGEST_BYTES / 1e9:.0f} GB). Convert it to a GeoTIFF yourself "
            "('gdal_translate in out.tif'), or search it from QGIS, which draws it for the worker."
        )


def _write(path: str, copy: Path, facts: GdalInfo, options: tuple[str, ...]) -> None:
    pam = {beside(copy): is_own_pam} if facts.wkt else {}
    with replacing_together({**pam, copy: _is_copy}) as parts:
        try:
            translate(path, parts[-1], f"{_TAG}={copy.stem}", options)
        except RasterUnreadable as error:
            if is_full(copy.parent):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
            raise
        for part in parts[:-1]:  # GeoTIFF does not hold every CRS
            part.write_text(pam_text(facts.wkt, facts.axes), encoding="utf-8")


def _own_drivers() -> set[str]:
    with rasterio.Env() as environment:
        return set(environment.drivers())


def _is_copy(copy: Path) -> bool:
    """Whether the file is the copy that its name promises."""
    if not copy.is_file():
        return False
    try:
        with rasterio.Env(**GDAL_OPTIONS), rasterio.open(copy, driver="GTiff") as dataset:
            return bool(dataset.tags().get(_TAG) == copy.stem)
    except RasterioError:
        return False


def _remove(copy: Path) -> None:
    if _is_copy(copy):
        copy.unlink()
        if is_own_pam(beside(copy)):
            beside(copy).unlink()


def _states(files: list[str]) -> list[tuple[str, int, int]]:
    """Name, size and time of change of each file."""
    found = [(name, os.stat(name)) for name in files]
    return [(os.path.basename(name), status.st_size, status.st_mtime_ns) for name, status in found]


def _digest(text: str) -> str:
    return hashlib.sha256(os.fsencode(text)).hexdigest()[:16]
