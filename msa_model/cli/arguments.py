"""What the commands take; their modules, which take longer to import, come when a command runs."""

from __future__ import annotations

import argparse

from msa_model.cli.options import (
    add_aoi,
    add_bands,
    add_cache,
    add_consent,
    add_engine,
    add_examples,
    add_json,
    add_language,
    add_model,
    add_scan,
    add_scheduler,
    numbers,
)
from msa_model.protocol.messages import ScanSettings
from msa_model.protocol.plan_parts import Refine
from msa_model.protocol.tile_groups import GROUPS


def index(parser: argparse.ArgumentParser) -> None:
    """Of `msa index`."""
    parser.add_argument(
        "rasters", nargs="+", metavar="RASTER", help="anything GDAL opens, or a folder of GeoTIFFs"
    )
    add_bands(parser)
    add_aoi(parser)
    add_scan(parser)
    parser.add_argument(
        "--min-valid",
        type=float,
        default=ScanSettings().min_valid,
        metavar="SHARE",
        help="skip tiles with a smaller share of pixels with data (default: 0.5)",
    )
    parser.add_argument("--index", metavar="FILE", help="index file (default: beside the raster)")
    parser.add_argument(
        "--trust",
        action="store_true",
        help="do not compare indexed tiles with a raster whose file has changed",
    )
    parser.add_argument("--plan", action="store_true", help="only tell what it would cost")
    _add_part(parser)
    parser.add_argument(
        "--profile", action="store_true", help="tell the seconds of each stage, and which one limits the scan"
    )
    _add_encoding(parser)
    add_scheduler(parser)
    add_model(parser)
    add_cache(parser)
    add_json(parser)


def _add_part(parser: argparse.ArgumentParser) -> None:
    """Of a scan that is not of every scale."""
    part = parser.add_mutually_exclusive_group()
    part.add_argument(
        "--coarse-first", action="store_true", help="only the coarsest scale, which can be searched at once"
    )
    part.add_argument(
        "--refine", metavar="QUESTION", help="finer tiles only where the coarsest scale matches a question"
    )
    parser.add_argument(
        "--refine-share",
        type=float,
        default=Refine.share,
        metavar="SHARE",
        help=f"of the coarsest tiles that --refine takes, the best (default: {Refine.share})",
    )


def _add_encoding(parser: argparse.ArgumentParser) -> None:
    """How tiles are looked at."""
    encoding = parser.add_mutually_exclusive_group()
    encoding.add_argument(
        "--exact",
        dest="encoding",
        action="store_const",
        const="exact",
        default="",
        help="look at each tile by itself (default of a new index)",
    )
    encoding.add_argument(
        "--blocks",
        dest="encoding",
        action="store_const",
        const="blocks",
        help="look at many tiles at once: several times faster, and less exact",
    )


def search(parser: argparse.ArgumentParser) -> None:
    """Of `msa search`."""
    parser.usage = (
        f"{parser.prog} INDEX [INDEX ...] QUERY [options]\n"
        f"       {parser.prog} --before RASTER --after RASTER QUERY [options]"
    )
    parser.epilog = (
        "A query is a text, or several with signs and weights: '\"car park\" + 2:trees - water'. "
        "With --like it may be left out."
    )
    parser.add_argument(
        "words",
        nargs="+",
        metavar="INDEX ... QUERY",
        help="index files, folders of them, or indexed rasters, then the query",
    )
    _add_hits(parser)
    _add_dates(parser)
    add_aoi(parser)
    parser.add_argument(
        "--words", dest="explain", action="store_true", help="tell what each word of the text contributes"
    )
    parser.add_argument("--verdict", action="store_true", help="tell whether anything here matches well")
    parser.add_argument("--out", metavar="FILE", help="write the tiles to a .gpkg or .geojson file")
    parser.add_argument("--heatmap", metavar="FILE.tif", help="write the scores of all tiles as a GeoTIFF")
    add_language(parser)
    add_scheduler(parser)
    add_model(parser)
    add_cache(parser)
    add_json(parser)


def _add_hits(parser: argparse.ArgumentParser) -> None:
    """Which tiles are found, and which of them are told."""
    parser.add_argument("-k", type=int, default=20, metavar="N", help="how many tiles (default: 20)")
    add_examples(parser)
    places = parser.add_mutually_exclusive_group()
    places.add_argument("--merge", action="store_true", help="of overlapping tiles, show only the best")
    places.add_argument("--all", dest="merge", action="store_false", help="show every tile (default)")
    parser.add_argument(
        "--class",
        dest="classes",
        action="append",
        default=[],
        metavar="NAME,NAME",
        help="only tiles of these scene classes, such as buildings or water (the phrase bank's categories)",
    )
    parser.add_argument(
        "--scales",
        type=numbers(),
        default=(),
        metavar="M,M",
        help="only tiles of about these sides in metres",
    )
    parser.add_argument(
        "--min-valid",
        type=float,
        default=0.0,
        metavar="S",
        help="only tiles of which this share of pixels has data, 0 to 1",
    )


def _add_dates(parser: argparse.ArgumentParser) -> None:
    dates = parser.add_argument_group(
        "two dates",
        "What changed between two rasters (or indexes) of one place. The query is 'appeared: X', "
        "'vanished: X', 'X -> Y', 'changed', or 'like this change' with --like X,Y.",
    )
    dates.add_argument("--before", metavar="RASTER|INDEX", help="the earlier date")
    dates.add_argument("--after", metavar="RASTER|INDEX", help="the later date")
    dates.add_argument("--date-before", default="", metavar="DATE", help="such as 2010 or 2010-06-29")
    dates.add_argument(
        "--date-after", default="", metavar="DATE", help="where metadata and names do not tell, or err"
    )
    add_consent(dates)


def series(parser: argparse.ArgumentParser) -> None:
    """Of `msa series`."""
    parser.usage = f"{parser.prog} RASTER RASTER [RASTER ...] QUERY [options]"
    parser.epilog = "Dates are read from metadata and names; --dates tells them in the order of the rasters."
    parser.add_argument(
        "words", nargs="+", metavar="RASTER ... QUERY", help="rasters of one place, then the query"
    )
    parser.add_argument("--dates", default="", metavar="D,D", help="such as 2010,2015-06,2020-08-31")
    add_consent(parser)
    parser.add_argument(
        "--threshold",
        type=float,
        default=0.0,
        metavar="S",
        help="match score that counts: strong from 2, likely from 1, weak from 0 (default: 0)",
    )
    parser.add_argument(
        "--place", type=numbers(2), metavar="X,Y", help="find places with a history like that one's"
    )
    parser.add_argument("--place-crs", default="", metavar="CRS", help="its CRS (default: the raster's)")
    parser.add_argument("-k", type=int, default=20, metavar="N", help="how many tiles (default: 20)")
    parser.add_argument("--merge", action="store_true", help="of overlapping tiles, show only the best")
    parser.add_argument(
        "--out", metavar="FILE", help="write each tile at each date to a .gpkg or .geojson file"
    )
    add_aoi(parser)
    add_language(parser)
    add_model(parser)
    add_cache(parser)
    add_json(parser)


def batch(parser: argparse.ArgumentParser) -> None:
    """Of `msa batch`."""
    parser.epilog = "The same command again goes on where it stopped, however it ended."
    parser.add_argument("rasters", nargs="*", metavar="RASTER", help="anything GDAL opens")
    for name in ("before", "after"):
        parser.add_argument(
            f"--{name}",
            action="append",
            default=[],
            metavar="RASTER",
            help=f"the raster {name} of two dates, for questions like 'appeared: houses'; several times for "
            "several pairs",
        )
    parser.add_argument(
        "--query", "-q", action="append", default=[], metavar="TEXT", help="may be given several times"
    )
    parser.add_argument(
        "--watch-list",
        metavar="FILE",
        help="a CSV with a 'query' column (and 'before', 'after' of a question about two dates), or a "
        ".txt with a query a line",
    )
    parser.add_argument(
        "--min-score",
        type=float,
        metavar="S",
        help="least match score of a hit (strong from 2, likely from 1, weak from 0), where a watch-list "
        "gives none (default: any)",
    )
    parser.add_argument("--out", required=True, metavar="FILE.gpkg", help="where results go as they come")
    parser.add_argument("--report", metavar="FILE.html", help="write a page with counts, areas and pictures")
    parser.add_argument("-k", type=int, default=100, metavar="N", help="most hits of a query on a raster")
    parser.add_argument("--all", action="store_true", help="keep all of overlapping tiles, not only the best")
    parser.add_argument(
        "--plan", action="store_true", help="tell tiles, time and what is indexed already, and scan nothing"
    )
    add_bands(parser)
    add_aoi(parser)
    add_scan(parser)
    add_model(parser)
    add_cache(parser)
    add_json(parser)


def describe(parser: argparse.ArgumentParser) -> None:
    """Of `msa describe`."""
    parser.add_argument("raster", metavar="RASTER", help="anything GDAL opens")
    add_bands(parser)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--at", type=numbers(2), metavar="X,Y", help="centre of the window")
    where.add_argument("--bounds", type=numbers(4), metavar="MINX,MINY,MAXX,MAXY", help="the window itself")
    where.add_argument("--polygon", metavar="WKT", help="windows spread over a polygon")
    parser.add_argument(
        "--crs", default="", metavar="CRS", help="CRS of the coordinates (default: the raster's)"
    )
    parser.add_argument("--scale", type=float, metavar="M", help="side of the window in metres on the ground")
    parser.add_argument("--every-scale", action="store_true", help="tell the scales of a scan apart as well")
    parser.add_argument("--phrases", metavar="FILE.csv", help="phrases to choose from (default: the shipped)")
    parser.add_argument("-k", type=int, default=10, metavar="N", help="how many phrases (default: 10)")
    add_language(parser)
    add_model(parser)
    add_json(parser)


def explore(parser: argparse.ArgumentParser) -> None:
    """Of `msa explore`."""
    parser.add_argument("indexes", nargs="+", metavar="INDEX", help="index files or indexed rasters")
    parser.add_argument(
        "--groups",
        type=int,
        default=GROUPS,
        metavar="N",
        help=f"how many groups, at most (default: {GROUPS})",
    )
    parser.add_argument("--out", metavar="FILE.gpkg", help="write the groups, and a style beside the file")
    parser.add_argument(
        "--phrases", metavar="FILE.csv", help="phrases to name groups by (default: the shipped)"
    )
    add_language(parser)
    add_model(parser)
    add_cache(parser)
    add_json(parser)


def indexes_list(parser: argparse.ArgumentParser) -> None:
    """Of `msa indexes list`."""
    parser.add_argument("places", nargs="*", metavar="FOLDER|RASTER")
    _add_whose(parser)


def indexes_delete(parser: argparse.ArgumentParser) -> None:
    """Of `msa indexes delete`."""
    parser.add_argument("index", metavar="INDEX")
    _add_whose(parser)


def indexes_move(parser: argparse.ArgumentParser) -> None:
    """Of `msa indexes move`."""
    parser.add_argument("index", metavar="INDEX")
    parser.add_argument("folder", metavar="FOLDER")
    _add_whose(parser)


def indexes_export(parser: argparse.ArgumentParser) -> None:
    """Of `msa indexes export`."""
    parser.add_argument("index", metavar="INDEX|RASTER")
    parser.add_argument("out", metavar="FILE.parquet")
    _add_whose(parser)


def coverage(parser: argparse.ArgumentParser) -> None:
    """Of `msa coverage`."""
    parser.add_argument("index", metavar="INDEX|RASTER")
    parser.add_argument("--out", metavar="FILE", help="write the areas to a .gpkg or .geojson file")
    _add_whose(parser)


def info(parser: argparse.ArgumentParser) -> None:
    """Of `msa info`."""
    parser.add_argument("indexes", nargs="*", metavar="INDEX", help="index files")
    parser.add_argument(
        "--model", metavar="NAME|DIR", help="a shipped name, or the folder of a checkpoint or CLIP model"
    )
    add_engine(parser)
    parser.add_argument(
        "--measure", action="store_true", help="measure the engines again, whatever was measured before"
    )
    add_json(parser)


def nothing(_parser: argparse.ArgumentParser) -> None:
    """Of a command that takes nothing."""


def _add_whose(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", metavar="NAME|DIR", help="whose indexes are current")
    add_cache(parser)
    add_json(parser)
