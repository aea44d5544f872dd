"""`msa train`: a checkpoint from captioned images."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the sub-command."""
    parser = subparsers.add_parser("train", help="train a checkpoint on captioned images")
    parser.add_argument("recipe", type=Path, metavar="RECIPE.toml", help="model and hyper-parameters")
    parser.add_argument(
        "--data",
        action="append",
        required=True,
        metavar="JSON:IMAGES_DIR",
        help="captions in Karpathy's layout and images; repeatable, the first one's 'val' split is reported",
    )
    parser.add_argument(
        "--init", type=Path, required=True, metavar="FILE", help="backbone weights, safetensors"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="checkpoint folder to write")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keep features here (default: OUT/cache)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, help="instead of the recipe's")
    parser.add_argument("--threads", type=int, help="CPU threads")
    parser.add_argument("--json", action="store_true", help="the validation recalls as JSON on stdout")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Train, write the checkpoint, print its validation recalls.

    Raises:
        BadArgument: see `read_recipe` and `parse_source`; and what `run_training` raises.
    """
    from msa_model.model.device import set_threads  # noqa: PLC0415  (torch loads only for this command)
    from msa_model.train.recipe import parse_source, read_recipe, with_epochs  # noqa: PLC0415
    from msa_model.train.run import Job, run_training  # noqa: PLC0415

    recipe = with_epochs(read_recipe(args.recipe), args.epochs)
    sources = tuple(parse_source(text) for text in args.data)
    set_threads(args.threads)
    job = Job(sources, args.init, args.out, args.cache or args.out / "cache", args.seed)
    result = run_training(recipe, job, lambda line: print(line, file=sys.stderr, flush=True))
    print(json.dumps(dataclasses.asdict(result)) if args.json else f"mean recall {result.mr:.2f}")
    return 0
