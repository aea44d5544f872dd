"""Options that several commands share.

`--like` and `--unlike`: places that show what is sought, or what is not.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence

from msa_model.protocol.messages import Example, RasterRef, ScanSettings
from msa_model.protocol.models import AUTO, CHOICES

# Their values may begin with a minus, which argparse takes for an option if a space comes before it.
_COORDINATES = ("--at", "--bounds", "--like", "--unlike", "--place")


def add_json(parser: argparse.ArgumentParser) -> None:
    """`--json`."""
    parser.add_argument("--json", action="store_true", help="print JSON on stdout instead of a table")


def add_model(parser: argparse.ArgumentParser, engine: str = AUTO) -> None:
    """`--model`, `--device`, `--engine` (by default `engine`) and `--threads`."""
    parser.add_argument(
        "--model", metavar="NAME|DIR", help="a shipped name, or the folder of a checkpoint or CLIP model"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 or mps (default: auto)")
    add_engine(parser, engine)
    parser.add_argument("--threads", type=int, metavar="N", help="processor threads of the model")


def add_engine(parser: argparse.ArgumentParser, engine: str = AUTO) -> None:
    """`--engine`."""
    parser.add_argument(
        "--engine",
        default=engine,
        metavar="NAME",
        help=f"{', '.join(CHOICES)}: what the image tower runs on (default: {engine})",
    )


def add_consent(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """`--scan`."""
    parser.add_argument("--scan", action="store_true", help="index the dates that have no index yet")


def add_language(parser: argparse.ArgumentParser) -> None:
    """`--language`."""
    parser.add_argument(
        "--language",
        default="",
        metavar="CODE",
        help="tell phrases in this language, such as de (default: English)",
    )


def add_cache(parser: argparse.ArgumentParser) -> None:
    """`--cache`."""
    parser.add_argument(
        "--cache", metavar="DIR", help="where the index of a raster in a read-only folder goes"
    )


def add_scheduler(parser: argparse.ArgumentParser) -> None:
    """`--scheduler`."""
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="let a Dask cluster do it, such as tcp://host:8786"
    )


def add_aoi(parser: argparse.ArgumentParser) -> None:
    """`--aoi`, `--aoi-crs` and `--aoi-centres`; `inputs.area_of` reads them."""
    parser.add_argument("--aoi", metavar="FILE|WKT", help="area of interest: a vector file or WKT polygon")
    parser.add_argument(
        "--aoi-crs", metavar="CRS", help="CRS of a WKT area, such as EPSG:4326 (default: the raster's)"
    )
    parser.add_argument(
        "--aoi-centres",
        action="store_true",
        help="only tiles whose centre lies inside the area (default: whole tiles that touch it)",
    )


def add_scan(parser: argparse.ArgumentParser) -> None:
    """`--scales` and `--overlap`."""
    parser.add_argument(
        "--scales", type=numbers(), default=(), metavar="M,M", help="tile sides in metres on the ground"
    )
    parser.add_argument(
        "--overlap", type=float, default=ScanSettings().overlap, help="of a tile (default: 0.5)"
    )


def add_bands(parser: argparse.ArgumentParser) -> None:
    """`--bands`."""
    parser.add_argument(
        "--bands", type=whole_numbers, default=(), metavar="R,G,B", help="bands shown as red, green and blue"
    )


def whole_numbers(text: str) -> tuple[int, ...]:
    """An argparse type: comma-separated whole numbers."""
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not whole numbers with commas between them") from None


def numbers(count: int | None = None) -> Callable[[str], tuple[float, ...]]:
    """An argparse type: comma-separated finite numbers, `count` of them if given."""

    def parse(text: str) -> tuple[float, ...]:
        try:
            values = tuple(float(part) for part in text.split(","))
        except ValueError:
            values = ()
        if not values or not all(map(math.isfinite, values)) or (count and len(values) != count):
            expected = f"{count} numbers" if count else "numbers"
            raise argparse.ArgumentTypeError(f"'{text}' is not {expected} with commas between them")
        return values

    return parse


def joined_coordinates(words: Sequence[str]) -> list[str]:
    """`--at -85.1,27.6` as `--at=-85.1,27.6`."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in _COORDINATES:
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


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
