"""`msa train-languages`: teaches a checkpoint to read queries that are not English."""

from __future__ import annotations

import argparse
from pathlib import Path

from msa_model.cli.output import note, print_json
from msa_model.model.device import set_threads
from msa_model.research.train.languages import read_texts, train_languages
from msa_model.research.train.recipe import read_recipe
from msa_model.shipped import resource


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what the command takes."""
    parser.add_argument("checkpoint", type=Path, metavar="DIR", help="checkpoint folder to write the head to")
    parser.add_argument(
        "--config", type=Path, required=True, metavar="FILE.toml", help="the recipe that it was trained by"
    )
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="folder that the recipe's data sets lie in"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, metavar="N", help="processor threads")
    parser.add_argument("--json", action="store_true", help="the figure as JSON on stdout")


def run(args: argparse.Namespace) -> int:
    """Train the head, write it beside the checkpoint.

    Raises:
        BadArgument, DatasetUnreadable: the recipe, or what it names.
        And what `train_languages` raises.
    """
    set_threads(args.threads)
    recipe = read_recipe(args.config)
    training = read_texts(recipe, args.config.parent, args.data, resource("phrases.csv"), args.seed)
    agreement = train_languages(args.checkpoint, training, args.seed, note)
    if args.json:
        print_json({"texts": len(training.texts), "agreement": agreement})
    else:
        print(f"{args.checkpoint}: mean cosine with the English encoder {agreement:.3f}")
    return 0
