"""Images placed by ground control points or RPCs alone, warped to a map in the way QGIS shows them.

QGIS's GDAL provider draws such images through GDALAutoCreateWarpedVRT: nearest neighbour, an error of 0.2
pixels, into the CRS of the points, or longitude and latitude for RPCs. The same parameters give its grid.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from rasterio.enums import MaskFlags, Resampling
from rasterio.errors import RasterioError, TransformError
from rasterio.transform import GCPTransformer
from rasterio.vrt import WarpedVRT

Dataset = Any  # rasterio.DatasetReader; rasterio carries no types

_ERROR_PX = 0.2
_LON_LAT = "EPSG:4326"  # of RPCs


def needs_warp(dataset: Dataset) -> bool:
    """Whether only control points with a CRS, or RPCs, say where a dataset lies."""
    if not dataset.transform.is_identity:
        return False
    points, crs = dataset.gcps
    return bool(points and crs) or dataset.rpcs is not None


def placed_by(dataset: Dataset) -> str:
    """What says where a dataset lies that has no transform."""
    return "ground control points" if dataset.gcps[0] else "RPCs"


def warped(dataset: Dataset) -> Dataset:
    """The dataset as a map; what lies beside the image is nodata, or transparent."""
    flags = {flag for own in dataset.mask_flag_enums for flag in own}
    return WarpedVRT(
        dataset,
        src_crs=dataset.gcps[1] or _LON_LAT,
        tolerance=_ERROR_PX,
        resampling=Resampling.nearest,
        add_alpha=not flags & {MaskFlags.alpha, MaskFlags.nodata},
    )


def is_warped(dataset: Dataset) -> bool:
    """Whether a dataset is one that `warped` made."""
    return isinstance(dataset, WarpedVRT)


def accuracy_of(dataset: Dataset) -> str:
    """How well a warped dataset can lie, in words; empty for one that was placed by itself."""
    if not is_warped(dataset):
        return ""
    points = dataset.src_dataset.gcps[0]
    if not points:
        return "RPCs without an elevation model: hills are displaced, and all of it by the error of the RPCs"
    residual = _residual_px(points)
    told = f"; they fit to {residual:.1f} pixels" if residual is not None else ""
    return f"{len(points)} ground control points{told}"


def _residual_px(points: list[Any]) -> float | None:
    """Root mean square of where a smooth fit puts the points, in pixels."""
    try:
        with GCPTransformer(points) as transformer:
            rows, cols = transformer.rowcol([p.x for p in points], [p.y for p in points], op=float)
    except (RasterioError, TransformError, ValueError):
        return None
    given = np.array([(point.row, point.col) for point in points])
    return float(np.sqrt((np.abs(np.column_stack((rows, cols)) - given) ** 2).sum(axis=1).mean()))
