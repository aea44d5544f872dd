"""An engine runs the backbone; what is made of its stages is float32 arithmetic of torch for all of them.

The int8 tower beside a checkpoint: two files of OpenVINO's, listed in manifest.json with their digests.

It belongs to one checkpoint: training that anew writes a manifest that does not list it any more.
OpenVINO as an engine (optional): the quantised tower beside a checkpoint, or a backbone as it is.

Nothing is sent anywhere: OpenVINO's telemetry is a package of its own, which is kept from being imported.
"""

from __future__ import annotations

import json
import shutil
import sys
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from msa_model.files.replacing import replacing_together
from msa_model.model.backbone import FeatureStages
from msa_model.model.checkpoint import MANIFEST, checkpoint_identity, is_own_file
from msa_model.model.device import reduced_precision, uses_bfloat16
from msa_model.model.foreign_files import file_sha256
from msa_model.protocol.models import TORCH_BFLOAT16, TORCH_FLOAT32, device_of


class EngineUnusable(Exception):
    """An engine does not run here, in a sentence; nobody but the one who then takes another sees it."""


class Stages(Protocol):
    """An engine that holds a backbone."""

    @property
    def name(self) -> str:
        """Which engine it is."""

    def __call__(self, images: Tensor) -> list[Tensor]:
        """Normalised images [n, 3, h, w] to the stages [n, c_k, h_k, w_k], fine to coarse.

        They may be overwritten by the next call.

        Raises:
            RuntimeError: it failed.
        """


class TorchStages:
    """torch on any of its devices; None takes the precision that is the device's own."""

    def __init__(self, backbone: FeatureStages, device: str, bfloat16: bool | None = None) -> None:
        self._backbone = backbone
        self._device = device
        self._bfloat16 = bfloat16

    @property
    def name(self) -> str:
        """`torch-float32` or `torch-bfloat16`."""
        return TORCH_BFLOAT16 if self._reduces else TORCH_FLOAT32

    @property
    def _reduces(self) -> bool:
        return uses_bfloat16(self._device.partition(":")[0]) if self._bfloat16 is None else self._bfloat16

    def __call__(self, images: Tensor) -> list[Tensor]:
        """The stages; in bfloat16 where that is the precision."""
        with reduced_precision(self._device, self._reduces):
            stages: list[Tensor] = self._backbone(images)
        return stages


GRAPH, WEIGHTS = "image-int8.xml", "image-int8.weights"
_KEY, _FILES, _CHECKPOINT, _AGREEMENT = "quantised", "files", "checkpoint", "agreement"


@dataclass(frozen=True)
class Int8Agreement:
    """Cosines of int8 vectors to float32 ones, of `tiles` validation tiles."""

    tiles: int
    mean: float
    first_percentile: float
    least: float


def quantised_files(folder: Path, sha256: str) -> tuple[Path, Path]:
    """Graph and weights of the tower that was quantised from the checkpoint `sha256`, the files compared.

    Raises:
        EngineUnusable: there is none, its files are not those that the manifest describes, or it was made of
            another checkpoint.
    """
    listed = listed_in(folder)
    if not listed:
        raise EngineUnusable("The model has no int8 tower.")
    if listed.get(_CHECKPOINT) != sha256:
        raise EngineUnusable("The int8 tower was made of another checkpoint.")
    digests = listed.get(_FILES)
    for name in (GRAPH, WEIGHTS):
        path = folder / name
        try:
            same = isinstance(digests, dict) and file_sha256(path) == digests.get(name)
        except OSError:
            same = False
        if not same:
            raise EngineUnusable(f"{path} is not the file that {MANIFEST} describes.")
    return folder / GRAPH, folder / WEIGHTS


def listed_in(folder: Path) -> dict[str, Any]:
    """What the checkpoint's manifest says of an int8 tower; empty where it has none."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    found = manifest.get(_KEY) if isinstance(manifest, dict) else None
    return found if isinstance(found, dict) else {}


def carry_quantised(source: Path, target: Path) -> bool:
    """Give `target` the int8 tower of `source`, which has the same image tower; False: there is none.

    Raises:
        As `write_quantised`.
    """
    try:
        files = quantised_files(source, checkpoint_identity(source)[1])
    except EngineUnusable:
        return False
    write_quantised(target, files, Int8Agreement(**listed_in(source)[_AGREEMENT]))
    return True


def write_quantised(folder: Path, model: tuple[Path, Path], agreement: Int8Agreement) -> None:
    """Copy a saved OpenVINO model (graph and weights) to a checkpoint, and list it there.

    Raises:
        DiskFull, folder_read_only: it cannot be written.
        And what `checkpoint_identity` raises.
    """
    _, sha256, _ = checkpoint_identity(folder)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    files = {folder / name: is_own_file for name in (GRAPH, WEIGHTS, MANIFEST)}
    with replacing_together(files) as (xml, weights, listing):
        for file, copy in zip(model, (xml, weights), strict=True):
            shutil.copyfile(file, copy)
        manifest[_KEY] = {
            _FILES: {GRAPH: file_sha256(xml), WEIGHTS: file_sha256(weights)},
            _CHECKPOINT: sha256,
            _AGREEMENT: asdict(agreement),
        }
        listing.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


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
