"""Whether what an index says can be true: fields that belong together, tiles on the raster, unit vectors.

Checksums tell whether something changed; this also holds for indexes of versions that stored none.
"""

from __future__ import annotations

import math
from dataclasses import astuple, fields
from functools import lru_cache

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from msa_model.index.manifest import BLOCKS, EXACT, Manifest
from msa_model.protocol.errors import MsaError
from msa_model.raster.geodesy import ground_sample_m
from msa_model.raster.grid import LATTICE, TILE, Keys
from msa_model.raster.tiles import tile_boxes

_MOST_PIXELS = 2**31
_MOST_NUMBERS = 65_536  # of a vector
_MOST_FACTOR = 2**15
_MOST_ENGINES, _LONGEST_NAME = 32, 100
_GSD_ERROR = 0.02  # relative; a PROJ of another version may differ
_NORM_ERROR = 0.02  # of a unit vector in float16
_SHARE_ERROR = 1e-5
_TYPES: dict[str, type | tuple[type, ...]] = {"int": int, "float": (int, float), "str": str, "bool": bool}


def manifest_fault(manifest: Manifest) -> str:
    """What cannot be true of a manifest, or nothing."""
    for field in fields(Manifest):
        value, kind = getattr(manifest, field.name), _TYPES.get(str(field.type))
        if kind and (not isinstance(value, kind) or (kind is not bool and isinstance(value, bool))):
            return f"{field.name} is {value!r:.60}"
    return _numbers_fault(manifest) or _encoding_fault(manifest) or _place_fault(manifest)


def tiles_fault(manifest: Manifest, keys: Keys) -> str:
    """What cannot be true of the keys int32 [n, 3] of tiles, or nothing."""
    if not len(keys):
        return ""
    if keys.min() < 0 or keys[:, 0].min() < 1 or keys[:, 0].max() > _MOST_FACTOR:
        return "a tile has no place"
    boxes = tile_boxes(keys)
    if (boxes[:, 0] >= manifest.width).any() or (boxes[:, 1] >= manifest.height).any():
        return "a tile lies outside the raster"
    return ""


def vectors_fault(vectors: NDArray[np.float32]) -> str:
    """What cannot be true of the vectors [n, d] of a model, or nothing."""
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return "" if (np.abs(lengths - 1) <= _NORM_ERROR).all() else "a vector is not of length 1"


def shares_fault(valid: NDArray[np.float32]) -> str:
    """What cannot be true of shares of valid pixels [n], or nothing."""
    return "" if ((valid >= 0) & (valid <= 1 + _SHARE_ERROR)).all() else "a share lies outside 0 … 1"


def _encoding_fault(manifest: Manifest) -> str:
    if manifest.encoding not in (EXACT, BLOCKS):
        return f"tiles were encoded as {manifest.encoding!r:.60}"
    names = manifest.engines
    if len(names) > _MOST_ENGINES or not all(
        type(name) is str and len(name) < _LONGEST_NAME for name in names
    ):
        return f"the engines are {names!r:.60}"
    return ""


def _numbers_fault(manifest: Manifest) -> str:
    if not (1 <= manifest.width <= _MOST_PIXELS and 1 <= manifest.height <= _MOST_PIXELS):
        return f"the raster has {manifest.width} × {manifest.height} px"
    if (manifest.tile, manifest.lattice) != (TILE, LATTICE):
        return f"tiles have {manifest.tile} px on a lattice of {manifest.lattice} px"
    if not 1 <= manifest.dimension <= _MOST_NUMBERS:
        return f"vectors have {manifest.dimension} numbers"
    bands = manifest.bands
    if not bands or not all(type(band) is int and band > 0 for band in bands):
        return f"the bands are {bands!r:.60}"
    lows, highs = astuple(manifest.stretch)
    if not all(isinstance(end, (int, float)) and math.isfinite(end) for end in (*lows, *highs)):
        return "the stretch is no pair of numbers"
    return ""


def _place_fault(manifest: Manifest) -> str:
    transform = manifest.transform
    if len(transform) != 6 or not all(isinstance(n, (int, float)) and math.isfinite(n) for n in transform):  # noqa: PLR2004  (Affine's a … f)
        return f"the transform is {transform!r:.80}"
    gsd = manifest.gsd_m
    if not (math.isfinite(gsd) and gsd > 0):
        return f"a pixel has {gsd} m"
    true = _ground_sample_m(transform, manifest.crs, manifest.width, manifest.height)
    if not abs(true - gsd) <= _GSD_ERROR * true:
        return f"a pixel has {gsd} m, where the transform gives {true:.6g} m"
    return ""


@lru_cache(maxsize=256)
def _ground_sample_m(transform: tuple[float, ...], crs: str, width: int, height: int) -> float:
    """NaN where the place is none."""
    try:
        CRS.from_user_input(crs)
        return ground_sample_m("index", Affine(*transform), crs, width, height)
    except (CRSError, MsaError):
        return math.nan
