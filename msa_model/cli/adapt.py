"""`msa adapt`: a checkpoint fitted to a user's own captioned images."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

from msa_model.adapt.own_data import OwnData, read_captions
from msa_model.adapt.own_layer import Layer, cut_chips
from msa_model.adapt.own_run import AdaptReport, adapt_checkpoint
from msa_model.cli.options import add_bands, add_json, add_model
from msa_model.cli.output import facts, note, print_json
from msa_model.model.device import choose_device, set_threads
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.messages import RasterRef
from msa_model.raster.source import RasterSource
from msa_model.shipped import checkpoint_folder

CHIPS = "chips"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what the command takes."""
    parser.add_argument("--images", type=Path, metavar="DIR", help="folder of image tiles")
    parser.add_argument("--captions", type=Path, metavar="FILE.csv", help="table with columns file, caption")
    parser.add_argument("--raster", metavar="FILE", help="raster to cut chips from, instead of --images")
    parser.add_argument("--features", metavar="FILE", help="vector layer over the raster")
    parser.add_argument("--field", metavar="NAME", help="its text field")
    parser.add_argument("--scale", type=float, metavar="METRES", help="least side of a chip; points need it")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="checkpoint folder to write")
    parser.add_argument("--seed", type=int, default=0, help="draws the images that are held out")
    add_bands(parser)
    add_model(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Adapts and reports the recall before and after; writes no checkpoint where it did not rise.

    Raises:
        BadArgument: neither or both kinds of data are given; and what `read_captions`, `cut_chips` and
            `adapt_checkpoint` raise.
    """
    read = _reader(args)
    with redirect_stdout(sys.stderr):
        data = read()
        if data.left_out:
            first = data.left_out[0]
            note(f"Left out: {len(data.left_out)}; the first is {first.origin}: {first.reason}.")
        set_threads(args.threads)
        device = choose_device(args.device).id
        report = adapt_checkpoint(
            checkpoint_folder(args.model), data, args.out, device=device, seed=args.seed, say=note
        )
    if args.json:
        print_json(dataclasses.asdict(report))
    else:
        print(_text(report))
    return 0


def _reader(args: argparse.Namespace) -> Callable[[], OwnData]:
    """What reads the data that the command line names."""
    tiles = args.images is not None and args.captions is not None
    layer = args.raster is not None and args.features is not None and args.field is not None
    mixed = any((args.images, args.captions)) and any((args.raster, args.features, args.field))
    if mixed or not (tiles or layer):
        raise BadArgument("Give either --images and --captions, or --raster, --features and --field.")
    return (lambda: _read_tiles(args)) if tiles else (lambda: _cut_layer(args))


def _read_tiles(args: argparse.Namespace) -> OwnData:
    return read_captions(args.captions, args.images)


def _cut_layer(args: argparse.Namespace) -> OwnData:
    with RasterSource.open(RasterRef(args.raster, args.bands)) as raster:
        return cut_chips(raster, Layer(args.features, args.field, args.scale), args.out / CHIPS)


def _text(report: AdaptReport) -> str:
    rise = f"{report.recall_before:.1f} before, {report.recall_after:.1f} after"
    result = report.checkpoint or f"none: no epoch was better than {report.adapted_from}, go on with that"
    sorted_ = ", ".join(f"{count} {kind}" for kind, count in report.classes.items())
    return facts(
        [
            ("pairs", f"{report.pairs} of {report.images} images; {report.left_out} left out"),
            ("taken for", sorted_ or "all clean: too few to tell wrong ones"),
            ("audit", report.audit),
            ("mean recall", f"{rise} (on {report.held_out_images} images held out)"),
            ("checkpoint", result),
        ]
    )
