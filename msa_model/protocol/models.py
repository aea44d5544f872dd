"""Whether a model is sound, as it travels between QGIS and the worker."""

from __future__ import annotations

from dataclasses import dataclass


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
