"""`msa search --before A --after B`: what changed between two dates."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msa_model.cli.areas import area_of
from msa_model.cli.engine import load_engine
from msa_model.cli.index import scan_with_bar
from msa_model.cli.output import duration, metres, note, place, print_json, table
from msa_model.index.results import write_hits
from msa_model.jobs.models import checkpoint_folder
from msa_model.jobs.pairing import Other, other_date
from msa_model.jobs.places import check_outputs, index_of
from msa_model.jobs.steps import outcome
from msa_model.model.checkpoint import checkpoint_identity
from msa_model.protocol.change_query import parse_change
from msa_model.protocol.changing import ChangeHit, ChangeReply, ChangeRequest
from msa_model.protocol.codec import to_wire
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.hit_fields import CHANGE_FIELDS

if TYPE_CHECKING:
    from msa_model.jobs.engine import Engine

_WITH_ONE_DATE = {"heatmap": "--heatmap", "explain": "--words", "unlike": "--unlike"}


def search_changes(args: argparse.Namespace) -> int:
    """Finds or makes the indexes, asks, writes the file asked for, prints the ranked list."""
    request, other = _request(args)
    engine = load_engine(args)
    scan_where_missing(engine, other)
    reply = engine.changes.search(request)
    if args.out:
        write_hits(args.out, reply.results, reply.query, CHANGE_FIELDS)
    for warning in reply.warnings:
        note(warning)
    print_json(to_wire(reply)) if args.json else print(_text(reply))
    return 0


def scan_where_missing(engine: Engine, other: Other) -> None:
    """Encodes another date on the first one's lattice, and tells what that costs."""
    if other.scan is None:
        return
    plan = outcome(engine.plan(other.scan))
    if plan.missing:
        note(
            f"The pixels of the dates differ: {plan.missing} tiles are read on those of the first date, "
            f"which takes about {duration(plan.seconds)}. Index: {other.index}"
        )
        scan_with_bar(engine.scan(other.scan), plan.missing)


def _request(args: argparse.Namespace) -> tuple[ChangeRequest, Other]:
    """What is wrong shows before the model loads."""
    if args.before is None or args.after is None:
        raise BadArgument("Two dates need --before and --after.")
    if len(args.words) != 1:
        raise BadArgument("With --before and --after, give the question alone, in quotes.")
    for name, option in _WITH_ONE_DATE.items():
        if getattr(args, name):
            raise BadArgument(f"{option} goes with one date, not with --before and --after.")
    (query,) = args.words
    parse_change(query)
    sha256 = checkpoint_identity(checkpoint_folder(args.model))[1]
    before = str(index_of(args.before, sha256, args.cache))
    other = other_date(before, args.after, sha256, args.cache)
    indexes = [before] if other.scan else [before, other.index]
    check_outputs([args.out] if args.out else [], indexes)
    request = ChangeRequest(
        query=query,
        before=before,
        after=other.index,
        k=args.k,
        aoi=area_of(args),
        date_before=args.date_before,
        date_after=args.date_after,
        place=args.like[0].point if args.like else None,
        place_crs=args.like_crs,
        merge=args.merge,
        language=args.language,
    )
    return request, other


def _text(reply: ChangeReply) -> str:
    header = ("rank", "change", "before", "after", "scale", "centre", "was", "is")
    rows = [_row(hit) for hit in reply.results]
    return "\n".join([table(header, rows, left=(5, 6, 7)), *_lines(reply)])


def _lines(reply: ChangeReply) -> Iterator[str]:
    times = reply.timings
    yield (
        f"{reply.tiles} tiles compared, {reply.date_before or '?'} → {reply.date_after or '?'}; read in "
        f"{times.load_ms:.0f} ms, text encoded in {times.encode_ms:.0f} ms, ranked in {times.rank_ms:.0f} ms"
    )
    yield f"{reply.verdict.sentence} (change of the best: {reply.verdict.standing:+.1f})"


def _row(hit: ChangeHit) -> tuple[str, ...]:
    x, y = (hit.bounds[0] + hit.bounds[2]) / 2, (hit.bounds[1] + hit.bounds[3]) / 2
    scores = ["" if score is None else f"{score:+.1f}" for score in (hit.score_before, hit.score_after)]
    return (
        str(hit.rank),
        f"{hit.change:+.2f}",
        *scores,
        metres(hit.scale_m),
        place(x, y),
        hit.phrase_before,
        hit.phrase_after,
    )
