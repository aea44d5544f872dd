"""`msa indexes` and `msa coverage`: what lies on disk, and what of a raster is indexed."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import shapely

from msa_model.cli.output import facts, metres, note, print_json, size, table
from msa_model.index.vector_files import write_coverage
from msa_model.jobs.index_files import (
    IndexLister,
    check_outputs,
    coverage,
    deleted,
    exported,
    index_of,
    moved,
)
from msa_model.jobs.steps import outcome
from msa_model.model.checkpoint import checkpoint_identity
from msa_model.protocol.codec import to_wire
from msa_model.protocol.errors import PathMissing
from msa_model.protocol.indexes import (
    CoverageReply,
    CoverageRequest,
    IndexDeleteRequest,
    IndexExportRequest,
    IndexInfo,
    IndexListRequest,
    IndexMoveRequest,
)
from msa_model.raster.handles import is_plain_path
from msa_model.shipped import checkpoint_folder


def list_indexes(args: argparse.Namespace) -> int:
    """Those of folders, of rasters, and of the cache."""
    folders = tuple(place for place in args.places if Path(place).is_dir())
    rasters = tuple(place for place in args.places if place not in folders)
    reply = IndexLister(_identity(args), args.cache).listed(IndexListRequest(folders, rasters))
    _check_there(rasters, reply.indexes)
    print_json(to_wire(reply)) if args.json else print(_list_text(reply.indexes))
    return 0


def _check_there(rasters: Sequence[str], found: Sequence[IndexInfo]) -> None:
    """A raster may be gone while its index lies there.

    Raises:
        PathMissing: there is neither.
    """
    known = {name for info in found for name in (info.source, info.index)}
    for place in rasters:
        if is_plain_path(place) and not os.path.lexists(place) and os.path.abspath(place) not in known:
            raise PathMissing(f"There is neither a folder nor a raster with an index at {place}.")


def delete_index(args: argparse.Namespace) -> int:
    """Deletes an index; the raster is not touched."""
    changed = deleted(IndexDeleteRequest(args.index))
    print_json(to_wire(changed)) if args.json else print(f"{size(changed.bytes)} freed")
    return 0


def move_index(args: argparse.Namespace) -> int:
    """Brings an index to another folder."""
    changed = outcome(moved(IndexMoveRequest(args.index, args.folder)))
    print_json(to_wire(changed)) if args.json else print(changed.index)
    return 0


def export_index(args: argparse.Namespace) -> int:
    """Writes an index as GeoParquet."""
    reply = outcome(exported(IndexExportRequest(_index(args), args.out)))
    text = facts([("file", reply.out), ("tiles", str(reply.tiles)), ("size", size(reply.bytes))])
    print_json(to_wire(reply)) if args.json else print(text)
    return 0


def show_coverage(args: argparse.Namespace) -> int:
    """Tells what of a raster is indexed, and writes the areas where asked to."""
    index = _index(args)
    reply = coverage(CoverageRequest(index), _identity(args), args.cache)
    if args.out:
        check_outputs([args.out], [index])
        write_coverage(args.out, reply)
        note(f"Written to {args.out}.")
    print_json(to_wire(reply)) if args.json else print(_coverage_text(reply))
    return 0


def _identity(args: argparse.Namespace) -> str:
    return checkpoint_identity(checkpoint_folder(args.model))[1]


def _index(args: argparse.Namespace) -> str:
    return str(index_of(args.index, _identity(args), args.cache))


def _list_text(indexes: tuple[IndexInfo, ...]) -> str:
    rows = [
        (info.state, str(info.tiles), size(info.bytes), info.model, _when(info.modified), info.index)
        for info in indexes
    ]
    header = ("state", "tiles", "size", "model", "changed (UTC)", "index")
    return table(header, rows, left=(0, 3, 4, 5)) if rows else "There is no index."


def _when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")


def _coverage_text(reply: CoverageReply) -> str:
    whole = shapely.from_wkt(reply.raster).area
    rows = [
        (metres(area.scale_m), str(area.tiles), f"{shapely.from_wkt(area.wkt).area / whole:.1%}")
        for area in reply.areas
    ]
    places = facts([("index", reply.index), ("raster", reply.source)])
    return f"{table(('side', 'tiles', 'indexed'), rows)}\n\n{places}"
