"""Recognising a raster again: its header and the pixels of blocks spread over it, not its date."""

from __future__ import annotations

import hashlib

import numpy as np
from rasterio.windows import Window

from msa_model.raster.handles import Dataset, decoding

_BLOCKS = 64  # all of a small raster; decoded in well under a second
_BLOCK_PX = 512


def fingerprint_of(path: str, dataset: Dataset) -> str:
    """Sha256 (hex) over size, types, georeferencing, nodata, and up to 64 sampled blocks of pixels.

    Raises:
        RasterUnreadable: a sampled block cannot be decoded.
    """
    digest = hashlib.sha256(_header(dataset).encode())
    height, width = (min(_BLOCK_PX, side) for side in dataset.block_shapes[0])
    rows, cols = -(-dataset.height // height), -(-dataset.width // width)
    for block in np.unique(np.linspace(0, rows * cols - 1, min(_BLOCKS, rows * cols)).astype(np.int64)):
        row, col = divmod(int(block), cols)
        where = f"column {col * width}, row {row * height}"
        with decoding(path, where):
            x, y = col * width, row * height
            size = (min(width, dataset.width - x), min(height, dataset.height - y))
            digest.update(dataset.read(window=Window(x, y, *size)).tobytes())
    return digest.hexdigest()


def _header(dataset: Dataset) -> str:
    crs = dataset.crs.to_wkt() if dataset.crs else ""
    facts = (dataset.width, dataset.height, dataset.dtypes, tuple(dataset.transform), crs, dataset.nodatavals)
    return repr(facts)
