"""`msa evaluate`: recall of a checkpoint on a captioned data set."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the sub-command."""
    parser = subparsers.add_parser("evaluate", help="measure retrieval between images and their captions")
    parser.add_argument("dataset", type=Path, metavar="DATASET.json", help="captions in Karpathy's layout")
    parser.add_argument(
        "images", type=Path, metavar="IMAGES_DIR", help="folder that the file names are relative to"
    )
    parser.add_argument("--split", default="val", choices=["train", "val", "test"])
    parser.add_argument(
        "--model", type=Path, metavar="DIR", help="checkpoint folder (default: the shipped one)"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the recalls in percent.

    Raises:
        DatasetUnreadable: see `read_split` and `read_pixels`; and what `Encoder.load` raises.
    """
    from msa_model.eval.dataset import read_split  # noqa: PLC0415  (torch loads only for this command)
    from msa_model.eval.evaluation import evaluate  # noqa: PLC0415
    from msa_model.model.encoder import Encoder  # noqa: PLC0415

    rows = read_split(args.dataset, args.images, args.split)
    result = dataclasses.asdict(evaluate(Encoder.load(args.model, args.device), rows))
    print(json.dumps(result) if args.json else _table(result))
    return 0


def _table(result: dict[str, dict[str, float]]) -> str:
    lines = [
        f"{name}  " + "  ".join(f"R@{key[1:]} {value:5.2f}" for key, value in result[way].items())
        for way, name in (("i2t", "image to text"), ("t2i", "text to image"))
    ]
    size = f"{result['images']} images, {result['captions']} captions"
    return "\n".join([*lines, f"mean recall {result['mr']:.2f}  ({size})"])
