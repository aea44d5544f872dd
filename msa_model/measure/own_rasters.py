"""A model's verdicts fitted to rasters of one's own, by what the shipped model is sure of there."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path

import numpy as np

from msa_model.measure.evaluation import KnownEncoder
from msa_model.measure.fitting import fit, left_out
from msa_model.measure.scene_tiles import scene_steps
from msa_model.measure.verdict import (
    TOGETHER,
    Cases,
    Floats,
    SubjectVectors,
    VerdictEvaluation,
    joined,
    raster_cases,
)
from msa_model.measure.verdict_sets import sure_phrases
from msa_model.model.calibration import Calibration
from msa_model.model.dual_encoder import DualEncoder
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.messages import Progress, ScanSettings

Phrases = Mapping[str, Sequence[str]]


def fit_to_rasters(
    model: KnownEncoder, judge: DualEncoder, rasters: Sequence[Path], phrases: Phrases, bank: Sequence[str]
) -> Generator[Progress, None, tuple[Calibration, VerdictEvaluation]]:
    """Constants, and how they hold on each raster by those of the others; tells how far it is with a raster.

    For a model that knows no mean embedding that of the rasters is kept with them.

    Raises:
        BadArgument: the judge is the model itself, or is sure of nothing there, or of nothing absent.
        RasterUnreadable, DatasetUnreadable: a raster cannot be decoded, or is all nodata.
    """
    check_judge(judge.sha256, model.sha256)
    theirs = SubjectVectors.of(judge, phrases, bank)
    seen: list[tuple[str, Floats, Mapping[str, bool]]] = []
    for raster in rasters:
        known = yield from _vectors(judge, raster)
        own = yield from _vectors(model, raster)
        seen.append((raster.stem, own, sure_phrases(judge, theirs, known, phrases)))
    background: tuple[float, ...] = ()
    asked = SubjectVectors.of(model, phrases, bank)
    if not model.background.any():
        mean = np.mean([own.mean(axis=0) for _, own, _ in seen], axis=0).astype(np.float32)
        asked, background = dataclasses.replace(asked, background=mean), tuple(mean.tolist())
    cases = joined([raster_cases(asked, model, name, own, there) for name, own, there in seen])
    return calibration_of(model, cases, background), left_out([cases])


def check_judge(judge: str, model: str) -> None:
    """Raises `BadArgument` where both are the sha256 of the same model."""
    if judge == model:
        raise BadArgument(
            "The shipped model cannot be its own judge: say with msa calibrate --queries what rasters show."
        )


def calibration_of(model: KnownEncoder, cases: Cases, background: tuple[float, ...]) -> Calibration:
    """Constants of a model, fitted to cases of single sources.

    Raises:
        BadArgument: nothing is there, or nothing absent.
    """
    apart = cases.part(cases.sources != TOGETHER)
    if apart.present.all() or not apart.present.any():
        raise BadArgument("Constants need phrases that are there, and phrases that are not.")
    return Calibration(
        model_sha256=model.sha256,
        **dataclasses.asdict(fit(apart)),
        sources=tuple(sorted(set(apart.sources.tolist()))),
        cases=len(apart.present),
        background=background,
    )


def _vectors(encoder: KnownEncoder, raster: Path) -> Generator[Progress, None, Floats]:
    steps = scene_steps(encoder, raster, 1.0, ScanSettings())
    while True:
        try:
            done, total = next(steps)
        except StopIteration as end:
            vectors: Floats = end.value.vectors
            return vectors
        yield Progress.at(done, total, label=raster.name)
