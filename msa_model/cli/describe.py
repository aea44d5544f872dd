"""`msa describe`: what is at a place, in words."""

from __future__ import annotations

import argparse

from msa_model.cli.engine import load_encoder
from msa_model.cli.options import Commands, add_bands, add_json, add_model, numbers
from msa_model.cli.output import metres, place, print_json, table
from msa_model.protocol.codec import to_wire
from msa_model.protocol.describing import DescribeReply, DescribeRequest
from msa_model.protocol.messages import RasterRef


def add_parser(commands: Commands) -> None:
    """Adds the command."""
    parser = commands.add_parser("describe", help="name what is at a place of a raster")
    parser.add_argument("raster", metavar="RASTER", help="anything GDAL opens")
    add_bands(parser)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--at", type=numbers(2), metavar="X,Y", help="centre of the window")
    where.add_argument("--bounds", type=numbers(4), metavar="MINX,MINY,MAXX,MAXY", help="the window itself")
    parser.add_argument(
        "--crs", default="", metavar="CRS", help="CRS of the coordinates (default: the raster's)"
    )
    parser.add_argument("--scale", type=float, metavar="M", help="side of the window in metres on the ground")
    parser.add_argument("--phrases", metavar="FILE.csv", help="phrases to choose from (default: the shipped)")
    parser.add_argument("-k", type=int, default=10, metavar="N", help="how many phrases (default: 10)")
    add_model(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Describes one window."""
    from msa_model.jobs.describe import describe  # noqa: PLC0415  (rasterio)
    from msa_model.jobs.phrases import PhraseBanks  # noqa: PLC0415
    from msa_model.jobs.sources import OpenSources  # noqa: PLC0415

    raster = RasterRef(args.raster, args.bands)
    sources = OpenSources()
    sources.source(raster)  # a wrong path shows before the model loads
    request = DescribeRequest(raster, args.crs, args.at, args.bounds, args.scale, args.phrases, args.k)
    encoder = load_encoder(args)
    reply = describe(encoder, PhraseBanks(encoder), sources, request)
    print_json(to_wire(reply)) if args.json else print(_text(reply))
    return 0


def _text(reply: DescribeReply) -> str:
    rows = [(f"{p.score:+.3f}", f"{p.cosine:.3f}", p.phrase) for p in reply.phrases]
    x0, y0, x1, y1 = reply.bounds
    seen = f"a window of {metres(reply.scale_m)} around {place((x0 + x1) / 2, (y0 + y1) / 2)}"
    share = "" if reply.valid >= 1 else f", {reply.valid:.0%} of it with data"
    return f"{table(('score', 'cosine', 'phrase'), rows, left=(2,))}\n{seen}{share}"
