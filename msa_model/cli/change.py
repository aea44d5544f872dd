"""`msa search --before A --after B`: what changed between two dates."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from msa_model.cli.dates import indexed_dates
from msa_model.cli.inputs import area_of, classes_of
from msa_model.cli.output import centre, json_of, metres, note, print_json, stage_times, table, words_table
from msa_model.index.vector_files import write_hits
from msa_model.protocol.change_forms import LIKE
from msa_model.protocol.changing import ChangeHit, ChangeReply, ChangeRequest
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.hit_filter import CHANGE_FIELDS
from msa_model.protocol.messages import Aoi
from msa_model.protocol.query import parse_change
from msa_model.raster.dates import checked_date

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
