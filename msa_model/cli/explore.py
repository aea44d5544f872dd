"""`msa explore`: what is in indexed rasters, in groups of tiles that are alike."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from msa_model.cli.describe import NOT_CALIBRATED
from msa_model.cli.inputs import load_engine
from msa_model.cli.output import metres, note, print_json, table
from msa_model.index.vector_files import check_explored, style_of, write_explored
from msa_model.jobs.index_files import check_outputs, index_of
from msa_model.protocol.codec import to_wire
from msa_model.protocol.exploring import ExploreReply, ExploreRequest, TileGroup, area_text, group_name


def run(args: argparse.Namespace) -> int:
    """Groups the tiles of indexes.

    Raises:
        BadArgument, FileNotOurs: `--out`, before any work is done.
        And what `Engine.explore` raises.
    """
    out = Path(args.out) if args.out else None
    if out is not None:
        check_explored(out)
    engine = load_engine(args)
    indexes = tuple(str(index_of(place, engine.encoder.sha256, args.cache)) for place in args.indexes)
    if out is not None:
        check_outputs([str(out), str(style_of(out))], indexes)
    reply = engine.explore(ExploreRequest(indexes, args.groups, args.phrases, args.language))
    if out is not None:
        write_explored(out, reply)
        note(f"Written: {out}, {style_of(out)}")
    print_json(_json(reply)) if args.json else print(_text(reply))
    return 0


def _json(reply: ExploreReply) -> dict[str, Any]:
    """Without shapes, which are for files; a group that no phrase fits is called by its number."""
    groups = [
        {
            "id": group.id,
            "phrase": group_name(group),
            "verdict": group.verdict,
            "tiles": group.tiles,
            "area_m2": group.area_m2,
            "examples": [
                {**to_wire(one.tile), "bounds": one.bounds, "crs": one.crs} for one in group.examples
            ],
        }
        for group in reply.groups
    ]
    return {
        "groups": groups,
        "tiles": reply.tiles,
        "scales_m": reply.scales_m,
        "crs": reply.crs,
        "calibrated": reply.calibrated,
    }


def _text(reply: ExploreReply) -> str:
    scales = ", ".join(dict.fromkeys(map(metres, reply.scales_m)))
    parts = [
        table(
            ("id", "group", "match", "tiles", "area"), [_row(group) for group in reply.groups], left=(1, 2)
        ),
        f"{reply.tiles:,} tiles of {scales}; ground under overlapping tiles is counted once",
    ]
    return "\n".join(parts if reply.calibrated else [NOT_CALIBRATED, *parts])


def _row(group: TileGroup) -> tuple[str, ...]:
    return (
        str(group.id),
        group_name(group),
        group.verdict,
        f"{group.tiles:,}",
        area_text(group.area_m2),
    )
