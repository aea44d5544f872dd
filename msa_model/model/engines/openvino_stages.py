"""OpenVINO as an engine (optional): the quantised tower beside a checkpoint, or a backbone as it is.

Nothing is sent anywhere: OpenVINO's telemetry is a package of its own, which is kept from being imported.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from msa_model.model.backbone import FeatureStages
from msa_model.model.engines.stages import EngineUnusable
from msa_model.protocol.engines import device_of

_TELEMETRY = "openvino_telemetry"


class OpenVinoStages:
    """A model of OpenVINO, compiled for one of its devices."""

    def __init__(self, model: Any, name: str, threads: int) -> None:  # noqa: ANN401  (no types)
        self.name = name
        self._count = len(model.outputs)
        try:
            compiled = (
                openvino()
                .Core()
                .compile_model(_channels_last(model), device_of(name), _options(device_of(name), threads))
            )
            self._request = compiled.create_infer_request()
        except RuntimeError as error:
            raise EngineUnusable(f"OpenVINO cannot run the model on {device_of(name)}: {error}") from error

    def __call__(self, images: Tensor) -> list[Tensor]:
        """The stages, float32, in OpenVINO's own memory."""
        pixels = images.permute(0, 2, 3, 1).contiguous().numpy()
        found = self._request.infer([pixels], share_inputs=True, share_outputs=True)
        return [torch.from_numpy(found[number]) for number in range(self._count)]


def openvino() -> Any:  # noqa: ANN401
    """The package.

    Raises:
        EngineUnusable: it is not installed, or cannot be loaded.
    """
    if _TELEMETRY not in sys.modules:
        sys.modules[_TELEMETRY] = None  # type: ignore[assignment]
    try:
        import openvino as package  # noqa: PLC0415  (optional)
    except (ImportError, OSError) as error:
        raise EngineUnusable(f"OpenVINO is not installed, or cannot be loaded: {error}.") from error
    return package


def devices() -> list[str]:
    """OpenVINO's devices of this machine, the processor first; errors as of `openvino`."""
    found = [str(name) for name in openvino().Core().available_devices]
    return sorted(found, key=lambda name: name != "CPU")


def read_model(graph: Path, weights: Path) -> Any:  # noqa: ANN401
    """An OpenVINO model from its two files.

    Raises:
        EngineUnusable: it cannot be read.
    """
    try:
        return openvino().Core().read_model(str(graph), str(weights))
    except RuntimeError as error:
        raise EngineUnusable(f"OpenVINO cannot read {graph.name}: {error}") from error


def converted(backbone: FeatureStages, side: int) -> Any:  # noqa: ANN401
    """A backbone as an OpenVINO model of any number of images of any size, traced in memory.

    Raises:
        EngineUnusable: it cannot be converted.
    """
    package = openvino()
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return package.convert_model(
                _AsTuple(backbone), example_input=torch.zeros(1, 3, side, side), input=[-1, 3, -1, -1]
            )
    except Exception as error:  # of many kinds
        raise EngineUnusable(f"The image tower cannot be converted for OpenVINO: {error!r:.200}.") from error


class _AsTuple(nn.Module):
    def __init__(self, backbone: FeatureStages) -> None:
        super().__init__()
        self._backbone = backbone

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        return tuple(self._backbone(images))


def _channels_last(model: Any) -> Any:  # noqa: ANN401
    """The model with images [n, h, w, 3] for input, as they lie in memory."""
    package = openvino()
    prepared = package.preprocess.PrePostProcessor(model)
    prepared.input().tensor().set_layout(package.Layout("NHWC"))
    prepared.input().model().set_layout(package.Layout("NCHW"))
    return prepared.build()


def _options(device: str, threads: int) -> dict[str, Any]:
    """float32 for what is not quantised, so that all processors give the same; threads are not pinned."""
    options: dict[str, Any] = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
    if device == "CPU":
        options |= {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "ENABLE_CPU_PINNING": False}
    return options
