"""`msa describe`: what is at a place, in words.

`msa explore`: what is in indexed rasters, in groups of tiles that are alike.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msa_model.cli.index import prepare_indexes
from msa_model.cli.inputs import load_encoder, load_engine
from msa_model.cli.output import centre, metres, note, print_json, table
from msa_model.index.vector_files import check_explored, style_of, write_explored
from msa_model.jobs.engine import Engine
from msa_model.jobs.index_files import check_outputs, index_of
from msa_model.jobs.open_files import OpenSources
from msa_model.jobs.steps import outcome
from msa_model.protocol.codec import to_wire
from msa_model.protocol.describing import (
    DescribeReply,
    DescribeRequest,
    Keyword,
    Phrase,
    shown,
)
from msa_model.protocol.messages import RasterRef
from msa_model.protocol.tile_groups import (
    ExploreReply,
    ExploreRequest,
    TileGroup,
    area_text,
    group_name,
)

_PHRASES, _KEYWORDS = 3, 5
NO_PHRASE = "No phrase fits."
NOT_CALIBRATED = (
    "This model is not calibrated for descriptions (msa calibrate --describe): "
    "these phrases are the nearest, whether they fit or not."
)


def run(args: argparse.Namespace) -> int:
    """Describes one window."""
    raster = RasterRef(args.raster, args.bands)
    sources = OpenSources()
    sources.source(raster)  # a wrong path shows before the model loads
    request = DescribeRequest(
        raster=raster,
        crs=args.crs,
        point=args.at,
        bounds=args.bounds,
        scale_m=args.scale,
        phrases=args.phrases,
        k=args.k,
        polygon=args.polygon,
        every_scale=args.every_scale,
        language=args.language,
    )
    reply = outcome(Engine(load_encoder(args)).describe(request))
    print_json(to_wire(reply)) if args.json else print(
        _text(reply, "windows" if args.polygon else "a window")
    )
    return 0


def _text(reply: DescribeReply, what: str) -> str:
    seen = f"{what} of {metres(reply.scale_m)} around {centre(reply.bounds)}"
    share = "" if reply.valid >= 1 else f", {reply.valid:.0%} of it with data"
    parts = [*_phrases(reply), f"{seen}{share}"]
    if reply.keywords:
        parts.insert(-1, f"keywords: {', '.join(_words(reply.keywords))}")
    if reply.scales:
        parts.append("\n" + _scales(reply))
    return "\n".join(parts)


def _phrases(reply: DescribeReply) -> Iterator[str]:
    """Those that match; of a model that is not calibrated the nearest ones, with a warning."""
    told = _told(reply.phrases, reply)
    if not reply.calibrated:
        yield NOT_CALIBRATED
    if not told:
        yield NO_PHRASE
        return
    rows = [
        (phrase.match, f"{phrase.match_score:+.1f}", f"{phrase.cosine:.3f}", phrase.phrase) for phrase in told
    ]
    yield table(("match", "score", "cosine", "phrase"), rows, left=(0, 3))


def _told(phrases: tuple[Phrase, ...], reply: DescribeReply) -> tuple[Phrase, ...]:
    return shown(phrases) if reply.calibrated else phrases


def _scales(reply: DescribeReply) -> str:
    rows = [
        (
            metres(scale.scale_m),
            str(scale.windows),
            "; ".join(phrase.phrase for phrase in _told(scale.phrases, reply)[:_PHRASES]) or NO_PHRASE,
            ", ".join(_words(scale.keywords)),
        )
        for scale in reply.scales
    ]
    return table(("scale", "windows", "phrases", "keywords"), rows, left=(2, 3))


def _words(keywords: Sequence[Keyword]) -> list[str]:
    return [keyword.word for keyword in keywords[:_KEYWORDS]]


def explore(args: argparse.Namespace) -> int:
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
    prepare_indexes(engine, indexes)
    reply = engine.explore(ExploreRequest(indexes, args.groups, args.phrases, args.language))
    if out is not None:
        write_explored(out, reply)
        note(f"Written: {out}, {style_of(out)}")
    print_json(_json(reply)) if args.json else print(_groups_text(reply))
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


def _groups_text(reply: ExploreReply) -> str:
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
