"""Overviews in a file beside a raster, which itself is only read: whole, or not there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, Optional

from osgeo import gdal
from qgis.core import QgsTask
from qgis.PyQt.QtCore import pyqtSignal

from msa_model.protocol.errors import Cancelled, DiskFull, MsaError
from msa_model.protocol.unfinished import folder_for, is_full
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.whole_file import put_new

_COARSEST_PX = 256
_READ_PX = 512
_OPTIONS = {"COMPRESS_OVERVIEW": "DEFLATE", "PREDICTOR_OVERVIEW": "2", "BIGTIFF_OVERVIEW": "IF_SAFER"}


def overview_file(raster: Path) -> Path:
    """Where GDAL looks for the overviews of a raster."""
    return raster.with_name(f"{raster.name}.ovr")


def most_bytes(raster: Path) -> int:
    """What they take at most: a third of the raster's pixels, uncompressed.

    Raises:
        file_unusable: it cannot be opened.
    """
    data = _opened(raster)
    pixels = data.RasterXSize * data.RasterYSize
    sizes = (gdal.GetDataTypeSize(data.GetRasterBand(band + 1).DataType) for band in range(data.RasterCount))
    return pixels * sum(sizes) // 8 // 3


def check_buildable(raster: Path) -> None:
    """Whether overviews can be written beside the raster.

    Raises:
        file_unusable: it is no file here, or something is in the place of the overviews.
        folder_read_only: nothing can be written beside it.
        DiskFull: there is not the room.
    """
    if not raster.is_file():
        text = tr("{path} is no file on this computer: overviews lie beside a raster.")
        raise MsaError.of("file_unusable", text.format(path=raster))
    if os.path.lexists(overview_file(raster)):
        raise MsaError.of(
            "file_unusable", tr("There is a file {path} already.").format(path=overview_file(raster))
        )
    if not os.access(raster.parent, os.W_OK):
        raise _read_only(raster)
    if shutil.disk_usage(raster.parent).free < most_bytes(raster):
        raise _no_room(raster)


def build_overviews(raster: Path, advance: Callable[[float], bool]) -> None:
    """Build them; `advance` takes the share that is done, and says whether to go on.

    They are made of a virtual copy, since GDAL would write those of the raster in its place at once.

    Raises:
        MsaError: as `check_buildable`; Cancelled: it was not to go on. Nothing is left then.
    """
    check_buildable(raster)
    try:
        with folder_for(raster.parent, [raster.name]) as folder:
            copy = folder / f"{raster.name}.vrt"
            _build(raster, copy, advance)
            put_new(overview_file(copy), overview_file(raster))
    except FileExistsError as error:
        raise MsaError.of(
            "file_unusable", tr("There is a file {path} already.").format(path=overview_file(raster))
        ) from error
    except PermissionError as error:
        raise _read_only(raster) from error
    except OSError as error:
        raise MsaError.of(
            "file_unusable", tr("The overviews cannot be written: {error}").format(error=error)
        ) from error


@contextmanager
def _quiet_gdal() -> Iterator[None]:
    """GDAL with the options of overviews, in this thread, and silent."""
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    for name, value in _OPTIONS.items():
        gdal.SetThreadLocalConfigOption(name, value)
    try:
        yield
    finally:
        gdal.PopErrorHandler()
        for name in _OPTIONS:
            gdal.SetThreadLocalConfigOption(name, None)


def _build(raster: Path, copy: Path, advance: Callable[[float], bool]) -> None:
    data = _opened(raster)
    longest = max(data.RasterXSize, data.RasterYSize)
    levels = [2**power for power in range(1, 16) if longest / 2 ** (power - 1) > _COARSEST_PX]
    gdal.GetDriverByName("VRT").CreateCopy(str(copy), data).FlushCache()
    going = True

    def told(share: float, *_: object) -> int:
        nonlocal going
        going = advance(share)
        return int(going)

    with _quiet_gdal():
        code = gdal.Open(str(copy)).BuildOverviews("AVERAGE", levels, told)
        whole = code == gdal.CE_None and overview_file(copy).is_file() and _is_whole(copy, len(levels), told)
        message = gdal.GetLastErrorMsg()
    if not going:
        raise Cancelled(tr("Building overviews was cancelled; nothing is left of them."))
    if not whole:
        raise _unwritten(raster, message)


def _is_whole(copy: Path, levels: int, told: Callable[[float], int]) -> bool:
    """Whether every pixel of the overviews can be read: GDAL does not tell all that a full disk refuses."""
    for level in range(levels):
        data = gdal.OpenEx(str(copy), open_options=[f"OVERVIEW_LEVEL={level}"])
        width, height = data.RasterXSize, data.RasterYSize
        for y in range(0, height, _READ_PX):
            for x in range(0, width, _READ_PX):
                window = (x, y, min(_READ_PX, width - x), min(_READ_PX, height - y))
                if not told(1.0) or data.ReadRaster(*window) is None:
                    return False
    return True


def _unwritten(raster: Path, message: str) -> MsaError:
    if is_full(raster.parent):
        return _no_room(raster)
    return MsaError.of("file_unusable", tr("The overviews cannot be written: {error}").format(error=message))


def _no_room(raster: Path) -> MsaError:
    return DiskFull(tr("There is not enough room for overviews in {folder}.").format(folder=raster.parent))


def _opened(raster: Path) -> gdal.Dataset:
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        data = gdal.Open(str(raster))
    except RuntimeError:  # where somebody has switched GDAL's exceptions on
        data = None
    finally:
        gdal.PopErrorHandler()
    if data is None:
        raise MsaError.of("file_unusable", tr("{path} cannot be opened.").format(path=raster))
    return data


def _read_only(raster: Path) -> MsaError:
    text = tr("Nothing can be written to {folder}, where the overviews of the raster would lie.")
    return MsaError.of("folder_read_only", text.format(folder=raster.parent))


class OverviewTask(QgsTask):
    """Builds them in the background; `ended` tells how it went, in QGIS's own thread."""

    ended = pyqtSignal(object)  # Optional[MsaError]

    def __init__(self, raster: Path) -> None:
        super().__init__(tr("Overviews of {name}").format(name=raster.name), QgsTask.Flag.CanCancel)
        self.raster = raster
        self._error: Optional[MsaError] = None

    def run(self) -> bool:
        """Build; in a thread of the task manager."""
        try:
            build_overviews(self.raster, self._advance)
        except MsaError as error:
            self._error = error
        return self._error is None

    def finished(self, result: bool) -> None:
        """Tell how it went."""
        self.ended.emit(self._error if not result else None)

    def _advance(self, share: float) -> bool:
        self.setProgress(100 * share)
        return not self.isCanceled()
