"""`msa calibrate`: fit to a model what its match scores are made of, and write that into its folder."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from msa_model.cli.inputs import load_encoder
from msa_model.cli.options import add_json, add_model
from msa_model.cli.output import note, print_result
from msa_model.jobs.phrases import shipped_phrases, shipped_rows
from msa_model.measure.dataset import DatasetImage, read_labelled, set_name
from msa_model.measure.describing import DescribedImages, describe_left_out, fit_describing
from msa_model.measure.evaluation import KnownEncoder, kept
from msa_model.measure.fitting import left_out
from msa_model.measure.subjects import read_labels, read_phrase_subjects, read_phrases, subject_phrases
from msa_model.measure.tables import described_tables, separation_tables
from msa_model.measure.verdict import Cases, SubjectVectors, joined
from msa_model.measure.verdict_sets import (
    AnnotatedRaster,
    calibration_of,
    check_judge,
    labelled_cases,
    mean_embedding,
    read_seen,
    seen_by,
    seen_cases,
)
from msa_model.model.calibration import CALIBRATION, DESCRIBING, Calibration, write_calibration
from msa_model.model.checkpoint import default_checkpoint
from msa_model.model.loading import load_encoder as load_shipped
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.models import TORCH
from msa_model.shipped import checkpoint_folder

_ORDINARY = ("labels", "dataset", "dataset_rsicd", "dataset_ucm")  # names that leave it to the folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what the command takes."""
    parser.description = "The figures printed are of each source by constants that were fitted without it."
    parser.add_argument(
        "items",
        nargs="+",
        type=Path,
        metavar="RASTER|DATASET",
        help="rasters; data sets: a JSON file, or a folder with a folder of images a class",
    )
    parser.add_argument(
        "--queries",
        type=Path,
        metavar="FILE.csv",
        help="what rasters show and what not: columns raster, source, phrase, there (1 or 0); without it, "
        "what the shipped model is sure of",
    )
    parser.add_argument(
        "--describe",
        action="store_true",
        help="fit what phrases at single places are worth (describing.json), to data sets alone",
    )
    parser.add_argument("--seeds", type=int, default=3, metavar="N", help="draws of mosaics (default: 3)")
    parser.add_argument("--dry-run", action="store_true", help="print the figures, write nothing")
    parser.add_argument("--embeddings", type=Path, metavar="FILE.sqlite", help="as in msa evaluate")
    parser.add_argument("--markdown", action="store_true", help="print Markdown tables")
    add_model(parser, TORCH)  # the same figures on any machine
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Fit, print, and write calibration.json.

    Raises:
        BadArgument: nothing is there, or nothing absent, in all that was given.
        DatasetUnreadable, PhrasesUnreadable, RasterUnreadable: an item, or what is said of rasters.
        DiskFull, folder_read_only: the model's folder cannot be written.
        And what `load_encoder` raises.
    """
    if args.seeds < 1:
        raise BadArgument(f"There must be at least one seed, not {args.seeds}.")
    if args.describe:
        return _describe(args)
    encoder, seeds, background = _cases(args)
    calibration = calibration_of(encoder, joined(seeds), background)
    result = left_out(seeds)
    if not args.dry_run:
        _write(args, calibration)
    return print_result(args, result, separation_tables(result), f"Left out: AUROC {result.all.auroc:.3f}")


def _describe(args: argparse.Namespace) -> int:
    """The same for phrases at single places: describing.json."""
    if args.queries or not all(map(_is_set, args.items)):
        raise BadArgument("Phrases at single places are fitted to data sets of labelled images alone.")
    encoder, sets = kept(load_encoder(args), args.embeddings), _sets(args)
    background = _background(encoder, sets, ())
    rows = shipped_rows()
    places = DescribedImages.of(
        encoder, sets, read_phrase_subjects(), [row.category for row in rows], read_labels()
    )
    result = describe_left_out(places)
    if not args.dry_run:
        fitted = dataclasses.asdict(fit_describing(places))
        sources = tuple(sorted(set(places.sources.tolist())))
        calibration = Calibration(encoder.sha256, **fitted, sources=sources, cases=len(places.sources))
        _write(args, dataclasses.replace(calibration, background=background), DESCRIBING)
    head = (
        f"Left out: of {result.all.places} places {result.all.shown:.0f} % are told of, "
        f"and {result.all.right or 0:.0f} % of the phrases shown are true, those in doubt left aside"
    )
    return print_result(args, result, described_tables(result), head)


def _background(
    encoder: KnownEncoder, sets: Mapping[str, Sequence[DatasetImage]], paths: Sequence[Path]
) -> tuple[float, ...]:
    """A mean embedding for a model that knows none, which it takes over; else nothing."""
    if encoder.background.any():
        return ()
    encoder.background = mean_embedding(encoder, sets, paths)
    return tuple(encoder.background.tolist())


def _cases(args: argparse.Namespace) -> tuple[KnownEncoder, list[Cases], tuple[float, ...]]:
    """The model, the cases of each seed, and a mean embedding for a model that knows none."""
    table = read_labels()
    phrases = subject_phrases(table, read_phrases())
    sets, paths = _sets(args), [item for item in args.items if not _is_set(item)]
    encoder = kept(load_encoder(args), args.embeddings)
    rasters = _rasters(args, paths, encoder, phrases)
    background = _background(encoder, sets, paths)
    asked = SubjectVectors.of(encoder, phrases, shipped_phrases())
    seen = list(seen_cases(encoder, rasters, asked))
    seeds = range(args.seeds) if sets else range(1)
    drawn = ([labelled_cases(encoder, sets, asked, table, seed)] if sets else [] for seed in seeds)
    return encoder, [joined([*own, *seen]) for own in drawn], background


def _is_set(item: Path) -> bool:
    return item.is_dir() or item.suffix.lower() == ".json"


def _sets(args: argparse.Namespace) -> dict[str, tuple[DatasetImage, ...]]:
    """The labelled images of each data set, by its name; a file's lie in `images` beside it, or with it."""
    found = {}
    for item in filter(_is_set, args.items):
        beside = item if item.is_dir() else item.parent / "images"
        name = item.stem if item.stem not in _ORDINARY and not item.is_dir() else set_name(item)
        found[name] = read_labelled(item, beside if beside.is_dir() else item.parent)
    return found


def _rasters(
    args: argparse.Namespace,
    paths: Sequence[Path],
    encoder: KnownEncoder,
    phrases: Mapping[str, Sequence[str]],
) -> Sequence[AnnotatedRaster]:
    """What the rasters show: as the file says, else as the shipped model is sure of."""
    if args.queries or not paths:
        return read_seen(args.queries, paths) if paths else ()
    shipped = load_shipped(None, args.device, args.threads)
    check_judge(shipped.sha256, encoder.sha256)
    note("What the rasters show is taken from the shipped model's verdicts.")
    return seen_by(shipped, paths, phrases, shipped_phrases())


def _write(args: argparse.Namespace, calibration: Calibration, name: str = CALIBRATION) -> None:
    folder = checkpoint_folder(args.model) or default_checkpoint()
    write_calibration(folder, calibration, name)
    note(f"Written: {folder / name}")
