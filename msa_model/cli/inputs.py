"""What several commands read from their arguments: the model, an area of interest, scene classes."""

from __future__ import annotations

import argparse
import sys
from contextlib import redirect_stdout
from dataclasses import replace
from typing import TYPE_CHECKING

from msa_model.cli.output import note
from msa_model.jobs.engine import Engine
from msa_model.model import loading
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.messages import Aoi
from msa_model.raster.aoi import parse_aoi
from msa_model.shipped import checkpoint_folder

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder


def area_of(args: argparse.Namespace) -> Aoi | None:
    """The area, if one is named, with the tiles that belong to it.

    Raises:
        AoiInvalid: as `parse_aoi`.
        BadArgument: tiles are to lie in an area, and none is named.
    """
    if args.aoi is None and args.aoi_centres:
        raise BadArgument("--aoi-centres is about an area of interest: name one with --aoi.")
    return None if args.aoi is None else replace(parse_aoi(args.aoi, args.aoi_crs), centres=args.aoi_centres)


def classes_of(args: argparse.Namespace) -> frozenset[str]:
    """The scene classes that `--class` names, several times or separated by commas."""
    return frozenset(name for part in args.classes for name in map(str.strip, part.split(",")) if name)


def load_encoder(args: argparse.Namespace) -> DualEncoder:
    """The model that `--model`, `--device`, `--engine` and `--threads` name.

    Says so where a GPU lies idle; errors as in `loading.load_encoder`. What libraries print goes to stderr.
    """
    with redirect_stdout(sys.stderr):
        encoder = loading.load_encoder(checkpoint_folder(args.model), args.device, args.threads, args.engine)
    if encoder.gpu_unused:
        note("Warning: this machine has a GPU, but the model runs on the processor.")
    return encoder


def load_engine(args: argparse.Namespace) -> Engine:
    """The engine of that model, which keeps what it makes in the folder that `--cache` names."""
    return Engine(load_encoder(args), args.cache)
