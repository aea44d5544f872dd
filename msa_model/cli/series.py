"""`msa series`: a query over many dates of one place."""

from __future__ import annotations

import argparse

from msa_model.cli.dates import indexed_dates
from msa_model.cli.inputs import area_of
from msa_model.cli.output import centre, json_of, metres, note, print_json, stage_times, table
from msa_model.index.vector_files import write_hits
from msa_model.jobs.series import checked_dates
from msa_model.protocol.changing import SeriesHit, SeriesReply, SeriesRequest, points_of
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.hit_filter import SERIES_FIELDS
from msa_model.protocol.messages import Aoi
from msa_model.protocol.query import parse_query

_LEAST_WORDS = 3  # two rasters and the query


def run(args: argparse.Namespace) -> int:
    """Finds or makes the indexes, asks, writes the file asked for, prints the ranked list."""
    *rasters, query = args.words
    if len(args.words) < _LEAST_WORDS:
        raise BadArgument("Give at least two rasters of one place, and then the query.")
    parse_query(query)
    dates = _dates(args, len(rasters))
    aoi = area_of(args)
    engine, indexes = indexed_dates(args, rasters)
    reply = engine.series.search(_request(args, query, tuple(indexes), dates, aoi))
    if args.out:
        write_hits(args.out, list(points_of(reply)), reply.query, SERIES_FIELDS)
    for warning in reply.warnings:
        note(warning.sentence)
    print_json(json_of(reply)) if args.json else print(_text(reply))
    return 0


def _dates(args: argparse.Namespace, rasters: int) -> tuple[str, ...]:
    """What is wrong shows before the model loads."""
    return checked_dates(args.dates.split(",") if args.dates else (), rasters)


def _request(
    args: argparse.Namespace, query: str, indexes: tuple[str, ...], dates: tuple[str, ...], aoi: Aoi | None
) -> SeriesRequest:
    return SeriesRequest(
        query=query,
        indexes=indexes,
        dates=dates,
        k=args.k,
        threshold=args.threshold,
        aoi=aoi,
        point=args.place,
        point_crs=args.place_crs,
        merge=args.merge,
        language=args.language,
    )


def _text(reply: SeriesReply) -> str:
    header = ("rank", *reply.dates, "first", "last", "trend", "scale", "centre")
    width = len(reply.dates)
    rows = [_row(hit) for hit in reply.results]
    return "\n".join(
        [
            table(header, rows, left=(width + 1, width + 2, width + 5)),
            f"{reply.tiles} tiles at {width} dates; {stage_times(reply.timings)}",
        ]
    )


def _row(hit: SeriesHit) -> tuple[str, ...]:
    scores = ["-" if score is None else f"{score:+.1f}" for score in hit.scores]
    return (
        str(hit.rank),
        *scores,
        hit.first or "-",
        hit.last or "-",
        f"{hit.trend:+.1f}",
        metres(hit.scale_m),
        centre(hit.bounds),
    )
