"""`msa evaluate`: recall of a checkpoint on a captioned data set."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

from msa_model.cli.engine import load_encoder
from msa_model.cli.options import Commands, add_json, add_model


def add_parser(commands: Commands) -> None:
    """Adds the command."""
    parser = commands.add_parser("evaluate", help="measure retrieval between images and their captions")
    parser.add_argument("dataset", type=Path, metavar="DATASET.json", help="captions in Karpathy's layout")
    parser.add_argument(
        "images", type=Path, metavar="IMAGES_DIR", help="folder that the file names are relative to"
    )
    parser.add_argument("--split", default="val", choices=["train", "val", "test"])
    add_model(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the recalls in percent.

    Raises:
        DatasetUnreadable: see `read_split` and `read_pixels`; and what `load_encoder` raises.
    """
    from msa_model.eval.dataset import read_split  # noqa: PLC0415  (torch loads only for this command)
    from msa_model.eval.evaluation import evaluate  # noqa: PLC0415

    rows = read_split(args.dataset, args.images, args.split)
    result = dataclasses.asdict(evaluate(load_encoder(args), rows))
    print(json.dumps(result) if args.json else _table(result))
    return 0


def _table(result: dict[str, dict[str, float]]) -> str:
    lines = [
        f"{name}  " + "  ".join(f"R@{key[1:]} {value:5.2f}" for key, value in result[way].items())
        for way, name in (("i2t", "image to text"), ("t2i", "text to image"))
    ]
    size = f"{result['images']} images, {result['captions']} captions"
    return "\n".join([*lines, f"mean recall {result['mr']:.2f}  ({size})"])
