"""Post-training quantisation of the backbone by NNCF (optional; not shipped to users).

The first layers do the most harm: so many of them stay in float that the cosines to the float tower's vectors
are what they should be. Judged on training tiles that calibrated nothing; told on validation tiles.

Tiles that a tower is quantised by: images of data sets, at the model's size.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from msa_model.measure.dataset import DatasetImage, read_tile
from msa_model.model.encoder import Encoder
from msa_model.model.engines.stages import (
    Int8Agreement,
    OpenVinoStages,
    converted,
    openvino,
    read_model,
    write_quantised,
)
from msa_model.protocol.errors import BadArgument, MsaError
from msa_model.protocol.models import LEAST_COSINE, OPENVINO_INT8, TORCH_FLOAT32

_MARGIN = 0.003  # of the least cosine: validation tiles are others
_PERCENTILE = 1
_FEWEST, _MOST, _STEP = 8, 24, 2  # convolutions in float
_CONVOLUTIONS = ("Convolution", "GroupConvolution")

_log = logging.getLogger(__name__)

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Tiles:
    """RGB tiles [n, s, s, 3]: those that calibrate, those that judge, and those of validation."""

    calibrating: Pixels
    judging: Pixels
    validating: Pixels


@dataclass(frozen=True)
class Quantised:
    """What was written: agreement on validation tiles, convolutions left in float, bytes of both files."""

    agreement: Int8Agreement
    in_float: int
    bytes: int


def quantise(folder: Path, tiles: Tiles) -> Quantised:
    """Write the int8 tower of the checkpoint in `folder` beside it.

    Raises:
        part_missing: NNCF is not installed.
        BadArgument: it would not be close enough.
        And what `Encoder.load` and `write_quantised` raise.
    """
    encoder = Encoder.load(folder, "cpu", engine=TORCH_FLOAT32)
    side = tiles.calibrating.shape[1]
    model = converted(encoder.backbone, side)
    model.reshape([1, 3, side, side])
    small, in_float = _controlled(model, encoder, tiles)
    exact = encoder.encode_tiles(tiles.validating)
    with tempfile.TemporaryDirectory() as place:
        graph = Path(place) / "tower.xml"
        openvino().save_model(small, str(graph), compress_to_fp16=True)
        with _running_on(encoder, read_model(graph, graph.with_suffix(".bin"))):
            agreement = agreement_of((encoder.encode_tiles(tiles.validating) * exact).sum(axis=1))
        write_quantised(folder, (graph, graph.with_suffix(".bin")), agreement)
        size = sum(file.stat().st_size for file in Path(place).iterdir())
    return Quantised(agreement, in_float, size)


def agreement_of(cosines: Floats) -> Int8Agreement:
    """Of cosines [n]."""
    first = float(np.percentile(cosines, _PERCENTILE))
    return Int8Agreement(len(cosines), float(cosines.mean()), first, float(cosines.min()))


def _controlled(model: Any, encoder: Encoder, tiles: Tiles) -> tuple[Any, int]:  # noqa: ANN401  (no types)
    """The quantised model, and how many of its first convolutions stay in float.

    Raises:
        BadArgument: nearly all would have to.
    """
    exact = encoder.encode_tiles(tiles.judging)
    for count in range(_FEWEST, _MOST + 1, _STEP):
        found = _quantised(model, encoder, tiles.calibrating, count)
        with _running_on(encoder, found):
            cosines = (encoder.encode_tiles(tiles.judging) * exact).sum(axis=1)
        first = agreement_of(cosines).first_percentile
        _log.warning("%d convolutions in float: 1st percentile of cosines %.4f", count, first)
        if first >= LEAST_COSINE + _MARGIN:
            return found, count
    raise BadArgument(f"Even with {_MOST} convolutions in float the int8 tower is not close enough.")


def _quantised(model: Any, encoder: Encoder, calibrating: Pixels, count: int) -> Any:  # noqa: ANN401
    nncf = _nncf()

    def ready(pixels: Pixels) -> Floats:
        images: Floats = encoder.prepared(pixels[None]).contiguous().numpy()
        return images

    found = nncf.quantize(
        model,
        nncf.Dataset(list(calibrating), ready),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(calibrating),
        ignored_scope=nncf.IgnoredScope(names=_first(model, count)),
    )
    found.reshape([-1, 3, -1, -1])
    return found


def _first(model: Any, count: int) -> list[str]:  # noqa: ANN401
    """Names of convolutions and sums before the one after `count` convolutions."""
    names: list[str] = []
    for operation in model.get_ordered_ops():
        kind = operation.get_type_name()
        if kind in _CONVOLUTIONS:
            count -= 1
        if count < 0:
            return names
        if kind in (*_CONVOLUTIONS, "Add"):
            names.append(str(operation.get_friendly_name()))
    return names


@contextmanager
def _running_on(encoder: Encoder, model: Any) -> Iterator[None]:  # noqa: ANN401
    stages = OpenVinoStages(model.clone(), OPENVINO_INT8, torch.get_num_threads())
    encoder.run_on(stages)
    try:
        yield
    finally:
        encoder.run_on(encoder.stages_of(TORCH_FLOAT32))


def _nncf() -> Any:  # noqa: ANN401
    os.environ["NNCF_CI"] = "1"  # it sends nothing then
    openvino()
    try:
        import nncf  # noqa: PLC0415  (optional)
    except ImportError as error:
        raise MsaError.of("part_missing", "NNCF is not installed: pip install nncf.") from error
    return nncf


def drawn_tiles(rows: Sequence[DatasetImage], count: int, seed: int) -> NDArray[np.uint8]:
    """RGB [n, TILE, TILE, 3] of at most `count` images, drawn by seed.

    Raises:
        DatasetUnreadable: an image cannot be decoded.
    """
    order = np.random.default_rng(seed).permutation(len(rows))[:count]
    return np.stack([read_tile(rows[place].path) for place in order])
