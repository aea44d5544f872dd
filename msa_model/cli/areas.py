"""The area of interest that a command line names."""

from __future__ import annotations

import argparse
from dataclasses import replace

from msa_model.protocol.errors import BadArgument
from msa_model.protocol.messages import Aoi
from msa_model.raster.aoi import parse_aoi


def area_of(args: argparse.Namespace) -> Aoi | None:
    """The area, if one is named, with the tiles that belong to it.

    Raises:
        AoiInvalid: as `parse_aoi`.
        BadArgument: tiles are to lie in an area, and none is named.
    """
    if args.aoi is None and args.aoi_centres:
        raise BadArgument("--aoi-centres is about an area of interest: name one with --aoi.")
    return None if args.aoi is None else replace(parse_aoi(args.aoi, args.aoi_crs), centres=args.aoi_centres)
