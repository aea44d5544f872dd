"""Post-training quantisation of the backbone by NNCF (optional; not shipped to users).

Layers go back to float, the most harmful first, until the cosines to the float tower's vectors are what they
should be. Judged on training tiles that calibrated nothing; told on validation tiles.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from msa_model.model.encoder import Encoder
from msa_model.model.engines.openvino_stages import OpenVinoStages, converted, openvino, read_model
from msa_model.model.engines.quantised import Agreement, write_quantised
from msa_model.protocol.engines import LEAST_COSINE, OPENVINO_INT8, TORCH_FLOAT32
from msa_model.protocol.errors import PartMissing

_MARGIN = 0.004  # of the least cosine: validation tiles are others
_PERCENTILE = 1
_RANKED_BY, _MOST_LAYERS = 40, 40

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
    """What was written: its agreement on validation tiles, layers left in float, the size of both files."""

    agreement: Agreement
    in_float: tuple[str, ...]
    bytes: int


def quantise(folder: Path, tiles: Tiles) -> Quantised:
    """Write the int8 tower of the checkpoint in `folder` beside it.

    Raises:
        PartMissing: NNCF or OpenVINO is not installed.
        And what `Encoder.load` and `write_quantised` raise.
    """
    encoder = Encoder.load(folder, "cpu", engine=TORCH_FLOAT32)
    side = tiles.calibrating.shape[1]
    model = converted(encoder.backbone, side)
    model.reshape([1, 3, side, side])
    small = _controlled(model, encoder, tiles)
    small.reshape([-1, 3, -1, -1])
    exact = encoder.encode_tiles(tiles.validating)
    with tempfile.TemporaryDirectory() as place:
        graph = Path(place) / "tower.xml"
        openvino().save_model(small, str(graph), compress_to_fp16=True)
        encoder.run_on(OpenVinoStages(read_model(graph), OPENVINO_INT8, torch.get_num_threads()))
        agreement = agreement_of((encoder.encode_tiles(tiles.validating) * exact).sum(axis=1))
        write_quantised(folder, graph, agreement)
        size = sum(file.stat().st_size for file in Path(place).iterdir())
    return Quantised(agreement, tuple(_in_float(small)), size)


def agreement_of(cosines: Floats) -> Agreement:
    """Of cosines [n]."""
    first = float(np.percentile(cosines, _PERCENTILE))
    return Agreement(len(cosines), float(cosines.mean()), first, float(cosines.min()))


def _controlled(model: Any, encoder: Encoder, tiles: Tiles) -> Any:  # noqa: ANN401  (no types)
    nncf = _nncf()
    exact = encoder.encode_tiles(tiles.judging)

    def ready(pixels: Pixels) -> Floats:
        images: Floats = encoder.prepared(pixels[None]).contiguous().numpy()
        return images

    def judged(compiled: Any, items: Iterable[tuple[int, Pixels]]) -> tuple[float, list[float]]:  # noqa: ANN401
        cosines = []
        for number, pixels in items:
            found = compiled([ready(pixels)])
            stages: list[Tensor] = [torch.from_numpy(found[place]) for place in range(len(found))]
            cosines.append(float(encoder.embed_stages(stages).numpy()[0] @ exact[number]))
        return float(np.percentile(cosines, _PERCENTILE)), cosines

    return nncf.quantize_with_accuracy_control(
        model,
        nncf.Dataset(list(tiles.calibrating), ready),
        nncf.Dataset(list(enumerate(tiles.judging)), lambda item: ready(item[1])),
        judged,
        max_drop=1 - LEAST_COSINE - _MARGIN,
        drop_type=nncf.DropType.ABSOLUTE,
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(tiles.calibrating),
        advanced_accuracy_restorer_parameters=nncf.AdvancedAccuracyRestorerParameters(
            max_num_iterations=_MOST_LAYERS, ranking_subset_size=_RANKED_BY, num_ranking_workers=1
        ),
    )


def _nncf() -> Any:  # noqa: ANN401
    os.environ["NNCF_CI"] = "1"  # it sends nothing then
    openvino()
    try:
        import nncf  # noqa: PLC0415  (optional)
    except ImportError as error:
        raise PartMissing("NNCF is not installed: pip install nncf.") from error
    return nncf


def _in_float(model: Any) -> Iterable[str]:  # noqa: ANN401
    """Convolutions whose input is not quantised."""
    for operation in model.get_ordered_ops():
        if "Convolution" in operation.get_type_name():
            before = operation.input_value(0).get_node()
            if before.get_type_name() != "FakeQuantize":
                yield str(operation.get_friendly_name())
