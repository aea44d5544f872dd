"""Fitting another model's verdicts to one's own rasters."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from msa_model.jobs.steps import outcome
from msa_model.measure.mosaics import encode_scene
from msa_model.measure.verdict import SubjectVectors, VerdictEvaluation, joined, raster_cases
from msa_model.measure.verdict_sets import calibration_of, fit_to_rasters
from msa_model.model.calibration import Calibration
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.messages import Progress, ScanSettings
from tests.model.measure.colour_encoder import BANK, COLOURS, PHRASES, ColourEncoder

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder

SHOWN = {"first": ("red", "green"), "second": ("blue", "green")}
Steps = Generator[Progress, None, tuple[Calibration, VerdictEvaluation]]


class OtherColourEncoder(ColourEncoder):
    """Another model that sees the same, and knows no mean embedding."""

    sha256 = "cd" * 32

    def __init__(self) -> None:
        self.background = np.zeros(3, np.float32)


@pytest.fixture
def rasters(make_raster: Callable[..., Path]) -> list[Path]:
    """Grey ground with two colours each."""
    found = []
    for name, kinds in SHOWN.items():
        pixels = np.full((1100, 1100, 3), (120, 125, 118), np.uint8)
        pixels[:500, :500], pixels[600:, 600:] = (COLOURS[kind] for kind in kinds)
        found.append(make_raster(np.moveaxis(pixels, -1, 0), f"{name}.tif"))
    return found


def judge_of(rasters: list[Path]) -> DualEncoder:
    """A model with constants that were fitted to what the rasters show."""
    judge = ColourEncoder()
    asked = SubjectVectors.of(judge, PHRASES, BANK)
    parts = []
    for raster in rasters:
        there = {text: name in SHOWN[raster.stem] for name, texts in PHRASES.items() for text in texts}
        vectors = encode_scene(judge, raster, 1.0, ScanSettings()).vectors
        parts.append(raster_cases(asked, judge, raster.stem, vectors, there))
    judge.calibration = calibration_of(judge, joined(parts), ())
    return cast("DualEncoder", judge)


def test_a_model_is_fitted_to_rasters_by_what_another_is_sure_of(rasters: list[Path]) -> None:
    told: list[Progress] = []
    steps = fit_to_rasters(OtherColourEncoder(), judge_of(rasters), rasters, PHRASES, BANK)
    calibration, result = outcome(_telling(steps, told))
    assert {progress.label for progress in told} == {"first.tif", "second.tif"}
    assert all(0 < progress.done <= progress.total for progress in told)
    assert calibration.model_sha256 == OtherColourEncoder.sha256
    assert calibration.sources == ("first", "second")
    assert np.linalg.norm(calibration.background) > 0.8
    assert result.all.auroc > 0.9


def test_a_model_is_no_judge_of_itself() -> None:
    judge = cast("DualEncoder", ColourEncoder())
    with pytest.raises(BadArgument, match="its own judge"):
        next(fit_to_rasters(ColourEncoder(), judge, [], PHRASES, BANK))


def _telling(steps: Steps, told: list[Progress]) -> Steps:
    while True:
        try:
            told.append(next(steps))
        except StopIteration as end:
            fitted: tuple[Calibration, VerdictEvaluation] = end.value
            return fitted
        yield told[-1]
