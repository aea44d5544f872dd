"""`msa train-text-head`: trains a checkpoint's text head further, on vectors of its image tower."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from msa_model.cli.options import add_engine, add_json
from msa_model.cli.output import note, print_json
from msa_model.model.device import set_threads
from msa_model.protocol.models import TORCH
from msa_model.research.train.recipe import read_text_head_recipe
from msa_model.research.train.text_head import HeadJob, train_text_head
from msa_model.shipped import resource


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what the command takes."""
    parser.add_argument("checkpoint", type=Path, metavar="DIR", help="checkpoint folder to start from")
    parser.add_argument("--config", type=Path, required=True, metavar="FILE.toml", help="the head's recipe")
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="folder that the recipe's data sets lie in"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="checkpoint folder to write")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keep vectors here (default: OUT/cache)")
    parser.add_argument("--seed", type=int, default=0)
    add_engine(parser, TORCH)
    parser.add_argument("--threads", type=int, metavar="N", help="processor threads")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Make the vectors that are missing, train the head, write the checkpoint.

    Raises:
        BadArgument: see `read_text_head_recipe`; and what `train_text_head` raises.
    """
    recipe = read_text_head_recipe(args.config)
    set_threads(args.threads)
    cache, beside = args.cache or args.out / "cache", args.config.parent
    bank = resource("phrases.csv")
    job = HeadJob(args.checkpoint, args.data, beside, bank, args.out, cache, args.seed, args.engine)
    trained = train_text_head(recipe, job, note)
    if args.json:
        print_json(asdict(trained))
    else:
        print(f"{args.out}: mean cosine with what the head before says {trained.agreement:.3f}")
    return 0
