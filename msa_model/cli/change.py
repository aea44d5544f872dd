"""`msa search --before A --after B`: what changed between two dates.

The indexes of several dates of one place, found, or made where the user agrees.

`msa series`: a query over many dates of one place.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from msa_model.cli.index import prepare_indexes, scan_with_bar
from msa_model.cli.inputs import area_of, classes_of, load_engine
from msa_model.cli.output import (
    centre,
    duration,
    json_of,
    metres,
    note,
    print_json,
    stage_times,
    table,
    words_table,
)
from msa_model.index.vector_files import write_hits
from msa_model.jobs.engine import Engine
from msa_model.jobs.index_files import check_outputs
from msa_model.jobs.pairing import OtherDate, check_comparable, check_different, first_date, other_date
from msa_model.jobs.series import checked_dates
from msa_model.jobs.steps import outcome
from msa_model.model.checkpoint import checkpoint_identity
from msa_model.protocol.change_forms import LIKE
from msa_model.protocol.changing import (
    ChangeHit,
    ChangeReply,
    ChangeRequest,
    SeriesHit,
    SeriesReply,
    SeriesRequest,
    points_of,
)
from msa_model.protocol.errors import BadArgument, IndexMissing
from msa_model.protocol.hit_filter import CHANGE_FIELDS, SERIES_FIELDS
from msa_model.protocol.messages import Aoi
from msa_model.protocol.query import parse_change, parse_query
from msa_model.raster.dates import checked_date
from msa_model.shipped import checkpoint_folder


def indexed_dates(args: argparse.Namespace, rasters: Sequence[str]) -> tuple[Engine, list[str]]:
    """The engine, and the index of each raster (or index) on the lattice of the first.

    Raises:
        IndexMissing: one has none, and `--scan` is not given; the sentence tells what it would cost.
        not_comparable, RasterMissing and the other errors of `first_date` and `other_date`.
        BadArgument: `--out` would replace one of them.
    """
    sha256 = checkpoint_identity(checkpoint_folder(args.model))[1]
    first, engine = first_date(rasters[0], sha256, args.cache), None
    if first.scan is not None:
        check_comparable(first.raster, rasters[1:])
        engine = load_engine(args)
        _scan(engine, first, agreed=args.scan)
    others = [other_date(first.index, raster, sha256, args.cache) for raster in rasters[1:]]
    check_different([first.raster, *(other.raster for other in others)])
    known = [first, *(other for other in others if other.scan is None)]
    check_outputs([args.out] if args.out else [], [date.index for date in known], args.aoi)
    engine = engine or load_engine(args)
    for other in others:
        _scan(engine, other, agreed=args.scan or other.laid_over)
    return engine, [first.index, *(other.index for other in others)]


def _scan(engine: Engine, date: OtherDate, *, agreed: bool) -> None:
    """Encodes what a date lacks, and tells what that costs.

    Raises:
        IndexMissing: nobody agreed to it.
    """
    if date.scan is None:
        return
    plan = outcome(engine.plan(date.scan))
    cost = f"{plan.missing} tiles, about {duration(plan.seconds)}"
    if not agreed:
        raise IndexMissing(
            f"{date.raster} has not been indexed with this model ({cost}); --scan does it here."
        )
    if plan.missing:
        why = "Other pixels: tiles are read on those of the first" if date.laid_over else "Not indexed yet"
        note(f"{Path(date.raster).name}: {why} ({cost}). Index: {date.index}")
        scan_with_bar(engine.scan(date.scan), plan.missing)


_WITH_ONE_DATE = {
    "heatmap": "--heatmap",
    "unlike": "--unlike",
    "scales": "--scales",
    "min_valid": "--min-valid",
}


def search_changes(args: argparse.Namespace) -> int:
    """Finds or makes the indexes, asks, writes the file asked for, prints the ranked list."""
    _check(args)
    aoi = area_of(args)
    engine, (before, after) = indexed_dates(args, (args.before, args.after))
    asked = _request(args, before, after, aoi)
    prepare_indexes(engine, (asked.before, asked.after))
    reply = engine.changes.search(asked, words=args.explain, classes=classes_of(args))
    if args.out:
        write_hits(args.out, reply.results, reply.query, CHANGE_FIELDS)
    for warning in reply.warnings:
        note(warning.sentence)
    print_json(json_of(reply)) if args.json else print(_text(reply))
    return 0


def _check(args: argparse.Namespace) -> None:
    """What is wrong shows before the model loads."""
    if args.before is None or args.after is None:
        raise BadArgument("Two dates need --before and --after.")
    if len(args.words) != 1:
        raise BadArgument("With --before and --after, give the question alone, in quotes.")
    for name, option in _WITH_ONE_DATE.items():
        if getattr(args, name):
            raise BadArgument(f"{option} goes with one date, not with --before and --after.")
    if parse_change(args.words[0]).kind == LIKE and not args.like:
        raise BadArgument("'like this change' needs --like X,Y: a place that went the way you look for.")
    checked_date(args.date_before, "--date-before")
    checked_date(args.date_after, "--date-after")


def _request(args: argparse.Namespace, before: str, after: str, aoi: Aoi | None) -> ChangeRequest:
    return ChangeRequest(
        query=args.words[0],
        before=before,
        after=after,
        k=args.k,
        aoi=aoi,
        date_before=args.date_before,
        date_after=args.date_after,
        point=args.like[0].point if args.like else None,
        point_crs=args.like_crs,
        merge=args.merge,
        language=args.language,
    )


def _text(reply: ChangeReply) -> str:
    header = ("rank", "change", "before", "after", "scale", "centre", "was", "is")
    rows = [_row(hit) for hit in reply.results]
    words = [words_table(reply.results)] if any(hit.words for hit in reply.results) else []
    return "\n".join([table(header, rows, left=(5, 6, 7)), *words, *_lines(reply)])


def _lines(reply: ChangeReply) -> Iterator[str]:
    dates = f"{reply.date_before or '?'} → {reply.date_after or '?'}"
    yield f"{reply.tiles} tiles compared, {dates}; {stage_times(reply.timings)}"
    yield f"{reply.verdict.sentence} (change of the best: {reply.verdict.best_score:+.1f})"


def _row(hit: ChangeHit) -> tuple[str, ...]:
    scores = ["" if score is None else f"{score:+.1f}" for score in (hit.score_before, hit.score_after)]
    return (
        str(hit.rank),
        f"{hit.change:+.2f}",
        *scores,
        metres(hit.scale_m),
        centre(hit.bounds),
        hit.phrase_before,
        hit.phrase_after,
    )


_LEAST_WORDS = 3  # two rasters and the query


def series(args: argparse.Namespace) -> int:
    """Finds or makes the indexes, asks, writes the file asked for, prints the ranked list.

    Raises:
        BadArgument: fewer than two rasters, or dates that do not belong to them.
        And what `SeriesSearch.search` raises.
    """
    *rasters, query = args.words
    if len(args.words) < _LEAST_WORDS:
        raise BadArgument("Give at least two rasters of one place, and then the query.")
    parse_query(query)
    dates = _dates(args, len(rasters))
    aoi = area_of(args)
    engine, indexes = indexed_dates(args, rasters)
    prepare_indexes(engine, indexes)
    reply = engine.series.search(_series_request(args, query, tuple(indexes), dates, aoi))
    if args.out:
        write_hits(args.out, list(points_of(reply)), reply.query, SERIES_FIELDS)
    for warning in reply.warnings:
        note(warning.sentence)
    print_json(json_of(reply)) if args.json else print(_series_text(reply))
    return 0


def _dates(args: argparse.Namespace, rasters: int) -> tuple[str, ...]:
    """What is wrong shows before the model loads."""
    return checked_dates(args.dates.split(",") if args.dates else (), rasters)


def _series_request(
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


def _series_text(reply: SeriesReply) -> str:
    header = ("rank", *reply.dates, "first", "last", "trend", "scale", "centre")
    width = len(reply.dates)
    rows = [_tile_row(hit) for hit in reply.results]
    return "\n".join(
        [
            table(header, rows, left=(width + 1, width + 2, width + 5)),
            f"{reply.tiles} tiles at {width} dates; {stage_times(reply.timings)}",
        ]
    )


def _tile_row(hit: SeriesHit) -> tuple[str, ...]:
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
