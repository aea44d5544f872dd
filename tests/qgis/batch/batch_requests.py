"""Batch requests and their ends."""

from __future__ import annotations

from msa_model.protocol.batch import BatchRaster, BatchRequest, BatchSummary, WatchedQuery
from msa_model.protocol.messages import Progress, RasterRef


def request(name: str = "hits") -> BatchRequest:
    return BatchRequest((RasterRef("/data/town.tif"),), f"/out/{name}.gpkg", (WatchedQuery("a pond"),))


def summary(error: str = "", sentence: str = "") -> BatchSummary:
    raster = BatchRaster("/data/town.tif", "/data/town.msa.gpkg", 90, 60, 30, 7, error, sentence)
    return BatchSummary("/out/hits.gpkg", "", (raster,), 1, 7, 12.0)


def progress(done: int, total: int = 90) -> Progress:
    return Progress(1, done, total, 30.0, 2.0, "town.tif")
