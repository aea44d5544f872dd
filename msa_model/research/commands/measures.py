"""What `msa evaluate` measures to tell where a model fails: other sources, small objects, bad pixels."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from msa_model.cli.inputs import load_encoder
from msa_model.cli.output import note, print_result
from msa_model.jobs.phrases import shipped_phrases
from msa_model.measure.dataset import DatasetImage, read_labelled, read_split, set_name, with_classes
from msa_model.measure.evaluation import kept
from msa_model.measure.subjects import read_labels, read_phrases
from msa_model.research.evaluate.change import change_tables, evaluate_change
from msa_model.research.evaluate.change_made import evaluate_made, made_tables
from msa_model.research.evaluate.change_pairs import is_list_of_pairs, read_pairs
from msa_model.research.evaluate.confusions import confusion_picture, confusions
from msa_model.research.evaluate.report import confusion_tables, robustness_tables, small_tables
from msa_model.research.evaluate.robustness import measure_robustness, measure_small
from msa_model.research.evaluate.sheet import check_picture, write_picture

NO_PICTURE = Path()


def sources(args: argparse.Namespace) -> int:
    """Each source against the classes of every set; what is taken for what, as a picture."""
    if args.sources != NO_PICTURE:
        check_picture(args.sources)
    rows = labelled(args)
    result = confusions(
        kept(load_encoder(args), args.embeddings), rows, set_name(args.dataset), read_phrases(), read_labels()
    )
    if args.sources != NO_PICTURE:
        write_picture(args.sources, confusion_picture(result, rows))
        note(f"Confusions: {args.sources}")
    total = result.total
    head = f"{total.images} images: top-1 {total.own:.2f} among the set's classes, {total.all:.2f} among all"
    return print_result(args, result, confusion_tables(result), head)


def small(args: argparse.Namespace) -> int:
    """What share of a tile an object must cover."""
    result = measure_small(
        kept(load_encoder(args), args.embeddings), labelled(args), read_phrases(), read_labels(), args.seed
    )
    head = f"{len(result.classes)} classes of objects, percent found by the share of the tile that they cover"
    return print_result(args, result, small_tables(result), head)


def robust(args: argparse.Namespace) -> int:
    """Retrieval and short phrases on degraded images."""
    rows = _drawn(with_classes(read_split(args.dataset, args.images, args.split or "val")), args)
    result = measure_robustness(kept(load_encoder(args), args.embeddings), rows, read_phrases())
    head = f"{result.images} images, {result.captions} captions, {result.phrases} short phrases"
    return print_result(args, result, robustness_tables(result), head)


def change(args: argparse.Namespace) -> int:
    """What appeared between two dates, found among unchanged ground: real pairs, or cells of a data set."""
    if not is_list_of_pairs(args.dataset):
        return _made_changes(args)
    pairs = read_pairs(args.dataset)
    result = evaluate_change(kept(load_encoder(args), args.embeddings), pairs, shipped_phrases(), args.seed)
    head = (
        f"{result.pairs} pairs; alone, {result.calm:.0%} of the unchanged are said to be so, "
        f"and {result.seen:.0%} of the changed are not"
    )
    return print_result(args, result, change_tables(result), head)


def _made_changes(args: argparse.Namespace) -> int:
    encoder = kept(load_encoder(args), args.embeddings)
    result = evaluate_made(encoder, labelled(args), read_phrases(), shipped_phrases(), args.seeds)
    head = f"{result.mosaics} mosaics of {result.tiles} tiles, of cells of labelled images"
    return print_result(args, result, made_tables(result), head)


def labelled(args: argparse.Namespace) -> Sequence[DatasetImage]:
    """The labelled images that the options choose."""
    return _drawn(read_labelled(args.dataset, args.images, args.split), args)


def _drawn(rows: Sequence[DatasetImage], args: argparse.Namespace) -> Sequence[DatasetImage]:
    """All, or as many as `--limit` says, drawn with `--seed`, in the order of the file."""
    if not args.limit:
        return rows
    chosen = np.random.default_rng(args.seed).permutation(len(rows))[: args.limit]
    return [rows[place] for place in sorted(chosen.tolist())]
