"""`msa quantise`: make the int8 tower of a checkpoint, from tiles that it was trained on."""

from __future__ import annotations

import argparse
import sys
from contextlib import redirect_stdout
from dataclasses import asdict
from pathlib import Path

from msa_model.cli.options import add_json
from msa_model.cli.output import facts, print_json, size
from msa_model.measure.dataset import DatasetImage, in_split, read_dataset
from msa_model.model.checkpoint import default_checkpoint
from msa_model.protocol.errors import BadArgument
from msa_model.research.quantise.int8 import Tiles, drawn_tiles, quantise
from msa_model.shipped import checkpoint_folder

_CALIBRATION, _JUDGING, _VALIDATION = 64, 120, 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what the command takes."""
    parser.description = (
        "Images of the split 'train' calibrate, others of it judge which layers stay in float; those of "
        "'val' only tell the result."
    )
    parser.add_argument(
        "sets", type=Path, nargs="+", metavar="SET", help="JSON files with their pictures in images/ beside"
    )
    parser.add_argument("--model", metavar="NAME|DIR", help="a shipped name, or the folder of a checkpoint")
    parser.add_argument("--seed", type=int, default=0, help="of the choice of tiles (default: 0)")
    parser.add_argument("--tiles", type=int, default=_CALIBRATION, metavar="N", help="that calibrate (64)")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Quantise, write the tower beside the checkpoint, and print how far it agrees with it.

    Raises:
        BadArgument: too few tiles.
        DatasetUnreadable: a set.
        And what `quantise` raises.
    """
    if args.tiles < 1:
        raise BadArgument(f"At least one tile must calibrate, not {args.tiles}.")
    folder = checkpoint_folder(args.model) or default_checkpoint()
    train = drawn_tiles(_rows(args, "train"), args.tiles + _JUDGING, args.seed)
    shown = Tiles(train[_JUDGING:], train[:_JUDGING], drawn_tiles(_rows(args, "val"), _VALIDATION, args.seed))
    with redirect_stdout(sys.stderr):  # what libraries print
        result = quantise(folder, shown)
    if args.json:
        print_json(asdict(result))
        return 0
    cosine = result.agreement
    print(
        facts(
            [
                ("tiles", f"{len(shown.calibrating)} calibrated, {len(shown.judging)} judged"),
                ("in float", f"the first {result.in_float} convolutions"),
                ("cosine", f"{cosine.mean:.4f}, 1st percentile {cosine.first_percentile:.4f}"),
                ("least", f"{cosine.least:.4f} of {cosine.tiles} validation tiles"),
                ("size", size(result.bytes)),
            ]
        )
    )
    return 0


def _rows(args: argparse.Namespace, split: str) -> list[DatasetImage]:
    rows: list[DatasetImage] = []
    for file in args.sets:
        rows += in_split(read_dataset(file, file.parent / "images"), split, str(file))
    return rows
