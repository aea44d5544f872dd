"""Rasters kept open between requests: a click must not pay for opening one again."""

from __future__ import annotations

import os
from collections import OrderedDict
from pathlib import Path

from msa_model.protocol.messages import RasterRef, Source
from msa_model.protocol.pixels import Draw
from msa_model.raster.drawn import AnySource, open_source, undrawn
from msa_model.raster.source import RasterSource

_KEPT = 4

FileStamp = tuple[int, int, int]


class OpenSources:
    """The rasters used last, reopened when their file has changed."""

    def __init__(self) -> None:
        self._open: OrderedDict[RasterRef, tuple[RasterSource, FileStamp | None]] = OrderedDict()

    def source(self, source: Source, draw: Draw = undrawn) -> AnySource:
        """An open raster, valid until the next call, or a layer that QGIS draws.

        Raises:
            RasterMissing and the other errors of `open_source`.
        """
        return self.raster(source) if isinstance(source, RasterRef) else open_source(source, draw)

    def raster(self, ref: RasterRef) -> RasterSource:
        """An open raster, valid until the next call.

        Raises:
            RasterMissing and the other errors of `RasterSource.open`.
        """
        stamp = file_stamp(ref.path)
        kept = self._open.pop(ref, None)
        if kept is not None and kept[1] != stamp:
            kept[0].close()
            kept = None
        self._open[ref] = kept or (RasterSource.open(ref), stamp)
        if len(self._open) > _KEPT:
            self._open.popitem(last=False)[1][0].close()
        return self._open[ref][0]


def file_stamp(path: str | Path) -> FileStamp | None:
    """Identity, size and time of change of a file; None for what is no local file (/vsicurl/…)."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
