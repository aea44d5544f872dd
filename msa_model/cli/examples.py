"""`--like` and `--unlike`: places that show what is sought, or what is not."""

from __future__ import annotations

import argparse
import math

from msa_model.protocol.messages import Example, RasterRef

_LEAST, _MOST = 2, 3  # numbers: x, y, and perhaps the side


def add_examples(parser: argparse.ArgumentParser) -> None:
    """`--like`, `--unlike` and `--like-crs`."""
    place = "[FILE@]X,Y[,SIDE]"
    parser.add_argument(
        "--like",
        action="append",
        default=[],
        type=example,
        metavar=place,
        help="show tiles like the indexed one at X,Y, of about SIDE metres, or like that window of the "
        "raster FILE; may be given several times, and with or without a text",
    )
    parser.add_argument(
        "--unlike", action="append", default=[], type=example, metavar=place, help="the opposite"
    )
    parser.add_argument(
        "--like-crs", default="", metavar="CRS", help="CRS of these places (default: the raster's)"
    )


def example(text: str) -> Example:
    """An argparse type: `X,Y`, `X,Y,SIDE`, and either behind `FILE@`."""
    file, _, numbers = text.rpartition("@")
    try:
        values = [float(part) for part in numbers.split(",")]
    except ValueError:
        values = []
    if not _LEAST <= len(values) <= _MOST or not all(map(math.isfinite, values)):
        raise argparse.ArgumentTypeError(f"'{text}' is not X,Y or X,Y,SIDE, nor either behind FILE@")
    scale = values[2] if len(values) == _MOST else None
    raster = RasterRef(file) if file else None
    return Example(raster=raster, point=(values[0], values[1]), scale_m=scale)
