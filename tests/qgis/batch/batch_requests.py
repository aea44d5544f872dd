"""Batch requests and their ends."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from msa_model.protocol.batch import BatchRaster, BatchRequest, BatchSummary, WatchedQuery
from msa_model.protocol.messages import Progress, RasterRef

_FOLDER = tempfile.TemporaryDirectory()  # for the results; it goes with the tests


def request(name: str = "hits") -> BatchRequest:
    out = str(Path(_FOLDER.name) / f"{name}.gpkg")
    return BatchRequest((RasterRef("/data/town.tif"),), out, (WatchedQuery("a pond"),))


def as_kept(asked: BatchRequest) -> BatchRequest:
    """What the worker is asked, without what is found out for it when it is asked."""
    return replace(asked, here=())


def summary(error: str = "", sentence: str = "") -> BatchSummary:
    raster = BatchRaster("/data/town.tif", "/data/town.msa.gpkg", 90, 60, 30, 7, error, sentence)
    return BatchSummary("/out/hits.gpkg", "", (raster,), 1, 7, 12.0)


def progress(done: int, total: int = 90) -> Progress:
    return Progress(1, done, total, 30.0, 2.0, "town.tif")
