"""The verdict measured on labelled images of several sources and on rasters that someone has looked at.

A model's verdicts fitted to rasters of one's own, by what the shipped model is sure of there.
"""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from msa_model.index.background import GOOD
from msa_model.measure.dataset import DatasetImage
from msa_model.measure.evaluation import KnownEncoder, encode_images
from msa_model.measure.fitting import fit, left_out
from msa_model.measure.mosaics import Ground, by_source, encode_scene, grounds, joined_grounds, scene_steps
from msa_model.measure.subjects import Label
from msa_model.measure.verdict import (
    TOGETHER,
    Cases,
    Floats,
    SubjectVectors,
    VerdictEvaluation,
    ground_cases,
    joined,
    match_scores,
    raster_cases,
)
from msa_model.model.calibration import Calibration
from msa_model.model.dual_encoder import DualEncoder
from msa_model.protocol.errors import BadArgument, DatasetUnreadable, PhrasesUnreadable
from msa_model.protocol.messages import Progress, ScanSettings

_MOSAICS, _IMAGES = 3, 100  # of a source, per seed; more of a data set that is one source
_WHOLE_SET = 400


@dataclass(frozen=True)
class AnnotatedRaster:
    """A raster, and what someone says of phrases: whether they are there. `source`: whose pixels it has."""

    path: Path
    source: str
    there: Mapping[str, bool]


def labelled_cases(
    encoder: KnownEncoder,
    sets: Mapping[str, Sequence[DatasetImage]],
    asked: SubjectVectors,
    table: Mapping[str, Label],
    seed: int,
) -> Cases:
    """Of every source of the sets, and of all their mosaics as one raster (source `TOGETHER`).

    Raises:
        DatasetUnreadable: no source has enough images for a mosaic, or an image cannot be decoded.
    """
    found: list[Ground] = []
    for name, rows in sets.items():
        sources = by_source(rows, name)
        for source, own in tqdm(sources.items(), desc=f"{name}, seed {seed}", leave=False):
            most = _WHOLE_SET if source == name else _IMAGES
            chosen = _drawn(own, most)
            found += grounds(encoder, source, chosen, seed, _MOSAICS if source == name else 1)
    if not found:
        raise DatasetUnreadable("No source has enough images with a class for a mosaic.")
    parts = [case for ground in found for case in ground_cases(asked, ground, table)]
    mosaics = [ground for ground in found if ground.kind == "a mosaic"]
    if len(mosaics) > 1:
        parts += ground_cases(asked, joined_grounds(mosaics, TOGETHER, TOGETHER), table)
    return joined(parts)


def seen_cases(
    encoder: KnownEncoder, rasters: Sequence[AnnotatedRaster], asked: SubjectVectors
) -> Iterator[Cases]:
    """Of rasters scanned with the default settings.

    Raises:
        RasterUnreadable, DatasetUnreadable: one cannot be decoded, or is all nodata.
    """
    for raster in tqdm(rasters, desc="rasters", leave=False):
        vectors = encode_scene(encoder, raster.path, 1.0, ScanSettings()).vectors
        yield raster_cases(asked, encoder, raster.source, vectors, raster.there)


def read_seen(file: Path, rasters: Sequence[Path]) -> tuple[AnnotatedRaster, ...]:
    """What a CSV file (columns raster, source, phrase, there: 1 or 0) says of rasters, by their file names.

    Raises:
        PhrasesUnreadable: it cannot be read so, or says nothing of one of them.
    """
    said: dict[str, dict[str, bool]] = {}
    sources: dict[str, str] = {}
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines):
                said.setdefault(row["raster"], {})[row["phrase"].strip()] = {"1": True, "0": False}[
                    row["there"]
                ]
                sources[row["raster"]] = row["source"]
    except OSError as error:
        raise PhrasesUnreadable(f"{file} cannot be read: {error.strerror}.") from error
    except (KeyError, UnicodeDecodeError, AttributeError, csv.Error) as error:
        text = f"{file} has not the columns raster, source, phrase and there (1 or 0)."
        raise PhrasesUnreadable(text) from error
    for raster in rasters:
        if raster.name not in said:
            raise PhrasesUnreadable(f"{file} says nothing of {raster.name}.")
    return tuple(AnnotatedRaster(path, sources[path.name], said[path.name]) for path in rasters)


def seen_by(
    judge: DualEncoder, rasters: Sequence[Path], phrases: Mapping[str, Sequence[str]], bank: Sequence[str]
) -> tuple[AnnotatedRaster, ...]:
    """Of each subject's phrases what a model's verdict is sure of: "good" is there, "nothing" is not.

    Raises:
        RasterUnreadable, DatasetUnreadable: one cannot be decoded, or is all nodata.
    """
    asked = SubjectVectors.of(judge, phrases, bank)
    found = []
    for raster in rasters:
        vectors = encode_scene(judge, raster, 1.0, ScanSettings()).vectors
        found.append(AnnotatedRaster(raster, raster.stem, sure_phrases(judge, asked, vectors, phrases)))
    return tuple(found)


def sure_phrases(
    judge: DualEncoder, asked: SubjectVectors, vectors: Floats, phrases: Mapping[str, Sequence[str]]
) -> dict[str, bool]:
    """What a model's verdict says of phrases on tiles [n, d] where it is not in doubt: are they there?"""
    texts = [phrase for own in phrases.values() for phrase in own]
    values = asked.values(vectors, np.concatenate(list(asked.phrases.values())))
    scores = match_scores(values, judge.calibration).tolist()
    return {text: score >= GOOD for text, score in zip(texts, scores, strict=True) if not 0 <= score < GOOD}


def mean_embedding(
    encoder: KnownEncoder, sets: Mapping[str, Sequence[DatasetImage]], rasters: Sequence[Path]
) -> Floats:
    """Of images of anything [d]: each source and each raster counts alike.

    Raises:
        RasterUnreadable, DatasetUnreadable: an image or a raster cannot be decoded.
    """
    means = [encode_scene(encoder, raster, 1.0, ScanSettings()).vectors.mean(axis=0) for raster in rasters]
    for name, rows in sets.items():
        for own in by_source(rows, name).values():
            means.append(encode_images(encoder, [row.path for row in _drawn(own, _IMAGES)]).mean(axis=0))
    mean: Floats = np.mean(means, axis=0).astype(np.float32)
    return mean


def _drawn(rows: Sequence[DatasetImage], most: int) -> Sequence[DatasetImage]:
    """The same ones for every seed, so that images alone are encoded once."""
    places = np.random.default_rng(0).permutation(len(rows))[:most]
    return [rows[place] for place in np.sort(places).tolist()]


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
