"""`msa train`: a checkpoint from captioned and labelled images."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

from msa_model.cli.output import note, print_json
from msa_model.model.device import choose_device, set_threads
from msa_model.research.train.ranks import local_device
from msa_model.research.train.recipe import leave_out, read_recipe
from msa_model.research.train.run import Job, run_training


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what the command takes."""
    parser.add_argument(
        "--config", type=Path, required=True, metavar="FILE.toml", help="the recipe: model, training and data"
    )
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="folder that the recipe's data sets lie in"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="checkpoint folder to write")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keep features here (default: OUT/cache)")
    parser.add_argument(
        "--init", type=Path, metavar="FILE|DIR", help="backbone weights (safetensors), or a checkpoint folder"
    )
    parser.add_argument(
        "--teacher", type=Path, metavar="DIR", help="model that a recipe with [distillation] learns from"
    )
    parser.add_argument(
        "--left-out",
        nargs="+",
        default=[],
        metavar="SOURCE",
        help="keep images out of training whose file names begin so, and validate on them",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 or mps (default: auto)")
    parser.add_argument("--threads", type=int, metavar="N", help="processor threads")
    parser.add_argument("--json", action="store_true", help="the validation figures as JSON on stdout")


def run(args: argparse.Namespace) -> int:
    """Train, write the checkpoint, print its validation figures.

    Raises:
        BadArgument: see `read_recipe`; and what `run_training` raises.
    """
    recipe = leave_out(read_recipe(args.config), args.left_out)
    set_threads(args.threads)
    device = choose_device(local_device(args.device))
    cache = args.cache or args.out / "cache"
    job = Job(args.data, args.config.parent, args.out, cache, args.init, args.seed, device, args.teacher)
    measured = run_training(recipe, job, note)
    if args.json:
        print_json(dataclasses.asdict(measured))
    else:
        print(measured.line)
    return 0
