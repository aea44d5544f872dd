"""`msa distil`: a small checkpoint learns from a stronger model, on a user's own rasters."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from contextlib import redirect_stdout
from pathlib import Path

from msa_model.adapt.distil import DistilReport, DistilTask, distil_checkpoint
from msa_model.cli.options import add_bands, add_json, add_model
from msa_model.cli.output import facts, note, print_json
from msa_model.jobs.phrases import shipped_phrases
from msa_model.model.loading import load_encoder
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.messages import RasterRef
from msa_model.protocol.phrases import read_phrases
from msa_model.shipped import checkpoint_folder

_TILES = 4000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what the command takes."""
    parser.add_argument("rasters", nargs="+", metavar="RASTER", help="rasters to learn on")
    parser.add_argument(
        "--teacher", type=Path, required=True, metavar="DIR", help="folder of the model to learn from"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="checkpoint folder to write")
    parser.add_argument(
        "--phrases",
        type=Path,
        metavar="FILE.csv",
        help="phrases beside the shipped ones (column phrase)",
    )
    parser.add_argument(
        "--tiles", type=int, default=_TILES, metavar="N", help=f"at most so many tiles (default: {_TILES})"
    )
    parser.add_argument("--seed", type=int, default=0, help="draws the tiles")
    add_bands(parser)
    add_model(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Distils and reports the agreement before and after; writes no checkpoint where it did not rise.

    Raises:
        BadArgument: no tile may be taken.
        PhrasesUnreadable: the phrases.
        And what `load_encoder` and `distil_checkpoint` raise.
    """
    if args.tiles < len(args.rasters):
        raise BadArgument(f"{args.tiles} tiles are not enough for {len(args.rasters)} rasters.")
    with redirect_stdout(sys.stderr):
        phrases = tuple(dict.fromkeys((*shipped_phrases(), *_own_phrases(args.phrases))))
        teacher = load_encoder(args.teacher, args.device, args.threads)
        rasters = tuple(RasterRef(raster, args.bands) for raster in args.rasters)
        task = DistilTask(rasters, phrases, args.tiles, args.seed, args.out)
        report = distil_checkpoint(checkpoint_folder(args.model), teacher, task, note)
    if args.json:
        print_json(dataclasses.asdict(report))
    else:
        print(_text(report))
    return 0


def _own_phrases(file: Path | None) -> tuple[str, ...]:
    return () if file is None else tuple(row.phrase for row in read_phrases(file).rows)


def _text(report: DistilReport) -> str:
    rise = f"{report.agreement_before:.3f} before, {report.agreement_after:.3f} after"
    kept = f"none: no epoch was nearer to the teacher than {report.distilled_from}, go on with that"
    return facts(
        [
            ("teacher", f"{report.teacher} ({report.teacher_sha256[:8]})"),
            ("learnt from", f"{report.tiles} tiles, {report.phrases} phrases"),
            ("agreement", f"{rise} (on {report.held_out_tiles} tiles held out)"),
            ("checkpoint", report.checkpoint or kept),
        ]
    )
