"""Models and what computes them: whether one is sound, engines by name, and how far their vectors differ."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Optional

from msa_model.protocol.errors import BadArgument
from msa_model.protocol.warning_table import EngineWarning


@dataclass(frozen=True)
class CheckModel:
    """`model.check`: whether the loaded model is sound, and what it costs."""


@dataclass(frozen=True)
class ModelChecked:
    """Reply to `model.check`, beside the shipped model on the same machine.

    `agreement` is the correlation of both models' scores of pictures and phrases, `by_chance` the highest
    that chance gives; `sound`: the image and text towers belong together. `knows_background`, `calibrated`:
    what its verdicts need.
    """

    agreement: float
    by_chance: float
    sound: bool
    tiles_per_second: float
    shipped_tiles_per_second: float
    bytes_per_tile: int
    shipped_bytes_per_tile: int
    knows_background: bool
    calibrated: bool


@dataclass(frozen=True)
class CalibrateModel:
    """`model.calibrate`: fit the loaded model's verdicts to raster files, and keep that in its folder."""

    rasters: tuple[str, ...]


@dataclass(frozen=True)
class ModelCalibrated:
    """Reply to `model.calibrate`: phrases on rasters that it was fitted to.

    `auroc`: how well they tell what is there from what is not, each raster by constants fitted to the
    others; of a single raster by its own.
    """

    cases: int
    rasters: int
    auroc: float


AUTO, TORCH = "auto", "torch"
TORCH_FLOAT32, TORCH_BFLOAT16 = "torch-float32", "torch-bfloat16"
OPENVINO_FLOAT32, OPENVINO_INT8 = "openvino-float32", "openvino-int8"
ENGINES = (TORCH_FLOAT32, TORCH_BFLOAT16, OPENVINO_FLOAT32, OPENVINO_INT8)
CHOICES = (AUTO, TORCH, *ENGINES)
_DEVICE = re.compile(r"[A-Z]+(\.\d{1,2})?", re.ASCII)
ENGINE_VARIABLE = "MSA_SEARCH_ENGINE"  # what "auto" means on this machine

LEAST_COSINE = 0.98  # to torch in float32, of 99 tiles in 100: what may be mixed in one index
LEAST_COSINE_DRAWN = 0.95  # the same, of the drawn pictures that an engine is tried with


@dataclass(frozen=True)
class Trial:
    """What came of trying an engine: its rate, the least cosine to torch in float32, or what went wrong.

    `share`: of the processor, that torch got meanwhile, 0 to 1. `cause`: what went wrong, where a warning
    tells it.
    """

    name: str
    tiles_per_second: float = 0.0
    cosine: float = 0.0
    fault: str = ""
    share: float = 1.0
    cause: Optional[EngineWarning] = None

    @property
    def is_usable(self) -> bool:
        """Whether it runs, and gives what it should."""
        return not self.fault and self.cosine >= LEAST_COSINE_DRAWN


@dataclass(frozen=True)
class MeasureEngines:
    """`engines.measure`: measure them again, whatever was measured before."""


@dataclass(frozen=True)
class EnginesMeasured:
    """Reply to `engines.measure`; `fastest` runs from the next start. No trials: torch alone runs."""

    fastest: str
    trials: tuple[Trial, ...] = ()


def engine_named(wanted: str) -> str:
    """The name, "auto" replaced by what the environment says.

    Raises:
        BadArgument: there is no such engine.
    """
    name = os.environ.get(ENGINE_VARIABLE, "") or AUTO if wanted == AUTO else wanted
    if name.partition(":")[0] not in CHOICES:
        raise BadArgument(f"There is no engine '{name}'; there are: {', '.join(CHOICES)}.")
    return name


def is_openvino(name: str) -> bool:
    """Whether OpenVINO runs it."""
    return name.startswith("openvino")


def device_of(name: str) -> str:
    """OpenVINO's device: "openvino-int8:GPU" names one; without, the processor."""
    return name.partition(":")[2] or "CPU"


def may_mix(engine: str) -> bool:
    """Whether this version knows the engine's vectors to be within the tolerance; "" is torch's, too."""
    return not engine or is_engine(engine)


def is_engine(name: str) -> bool:
    """Whether it is one of this version's, on a device that OpenVINO may name: "GPU", "GPU.1", "NPU"."""
    engine, _, device = name.partition(":")
    return engine in ENGINES and (not device or (is_openvino(name) and bool(_DEVICE.fullmatch(device))))
