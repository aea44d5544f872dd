"""Recognising a raster again: its file's stamp, its header and some of its pixels."""

from __future__ import annotations

import hashlib
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import Interleaving
from rasterio.windows import Window

from msa_model.raster.copies import COPIES, own_files
from msa_model.raster.environment import refuse_endless
from msa_model.raster.handles import Dataset, decoding

VERSION = 2  # of fingerprints; the first read all bands
_BLOCKS = 64  # all of a small raster
_BLOCK_PX = 512
_DECODED_BYTES = 64_000_000  # in well under a second
_STATISTICS = ".aux.xml"  # QGIS writes it when it shows the raster; what else it says is in the header


def fingerprint_of(path: str, dataset: Dataset, bands: list[int]) -> str:
    """Sha256 (hex) over size, types, georeferencing, nodata, and sampled blocks of the `bands` shown.

    At most 64 blocks and about 64 MB are decoded.

    Raises:
        RasterUnreadable: a sampled block cannot be decoded.
    """
    digest = hashlib.sha256(_header(dataset).encode())
    most = min(_BLOCKS, max(1, _DECODED_BYTES // _block_bytes(dataset, bands)))
    for window in _windows(dataset, most):
        for band in bands:
            with decoding(path, _where(window)):
                digest.update(dataset.read(band, window=window).tobytes())
    return digest.hexdigest()


def first_fingerprint_of(path: str, dataset: Dataset) -> str:
    """The fingerprint as version 1 made it: of up to 64 blocks of all bands, whatever their size."""
    digest = hashlib.sha256(_header(dataset).encode())
    for window in _windows(dataset, _BLOCKS):
        with decoding(path, _where(window)):
            digest.update(dataset.read(window=window).tobytes())
    return digest.hexdigest()


def stamp_of(path: str, dataset: Dataset, name: str = "") -> str:
    """Sizes and times of change of the raster's files (overviews, masks, parts of a VRT) as one word.

    With a `name`, as if the raster, and what is named after it, were still called so.

    Empty where a file is none of this machine's (/vsicurl/…): then nothing tells whether it has changed.

    Raises:
        RasterUnreadable: one of them is a pipe, a socket or a device.
    """
    stamps = []
    names = own_files(path) if COPIES.holds(dataset.files) else dataset.files
    for file in sorted(names):
        if file.endswith(_STATISTICS):
            continue
        if (status := refuse_endless(file, path)) is None:
            return ""
        stamps.append(
            (_called(PurePath(file).name, PurePath(path), name), status.st_size, status.st_mtime_ns)
        )
    return hashlib.sha256(repr(stamps).encode()).hexdigest()[:32] if stamps else ""


def _called(file: str, raster: PurePath, name: str) -> str:
    """A file's name, had the raster another one: town.tif and town.tfw become city.tif and city.tfw."""
    if not name or not file.startswith(raster.stem):
        return file
    if file.startswith(raster.name):
        return name + file[len(raster.name) :]
    return PurePath(name).stem + file[len(raster.stem) :]


def tile_digests(pixels: NDArray[np.uint8], valid: NDArray[np.float32]) -> NDArray[np.uint64]:
    """A number [n] for what the model sees of each of tiles [n, 256, 256, 3] with shares `valid` [n]."""
    words = [
        hashlib.blake2b(tile.tobytes() + share.tobytes(), digest_size=8).digest()
        for tile, share in zip(pixels, valid.astype("<f4"), strict=True)
    ]
    return np.frombuffer(b"".join(words), "<u8").astype(np.uint64)


def _where(window: Window) -> str:
    return f"column {window.col_off}, row {window.row_off}"


def _windows(dataset: Dataset, most: int) -> list[Window]:
    height, width = (min(_BLOCK_PX, side) for side in dataset.block_shapes[0])
    rows, cols = -(-dataset.height // height), -(-dataset.width // width)
    places = np.unique(np.linspace(0, rows * cols - 1, min(most, rows * cols)).astype(np.int64)).tolist()
    starts = [(place % cols * width, place // cols * height) for place in places]
    return [Window(x, y, min(width, dataset.width - x), min(height, dataset.height - y)) for x, y in starts]


def _block_bytes(dataset: Dataset, bands: list[int]) -> int:
    """What has to be decoded for one window of `bands`: blocks of pixels side by side hold all bands."""
    height, width = dataset.block_shapes[bands[0] - 1]
    together = dataset.interleaving == Interleaving.pixel
    return int(height * width * np.dtype(dataset.dtypes[bands[0] - 1]).itemsize) * (
        dataset.count if together else len(bands)
    )


def _header(dataset: Dataset) -> str:
    crs = dataset.crs.to_wkt() if dataset.crs else ""
    facts = (dataset.width, dataset.height, dataset.dtypes, tuple(dataset.transform), crs, dataset.nodatavals)
    return repr(facts)
