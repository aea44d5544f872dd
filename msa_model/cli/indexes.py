"""`msa indexes` and `msa coverage`: what lies on disk, and what of a raster is indexed."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from msa_model.cli.options import Commands, add_cache, add_json
from msa_model.cli.output import facts, metres, note, print_json, size, table
from msa_model.jobs.models import checkpoint_folder
from msa_model.protocol.codec import to_wire
from msa_model.protocol.indexes import (
    CoverageReply,
    CoverageRequest,
    IndexDeleteRequest,
    IndexExportRequest,
    IndexInfo,
    IndexListRequest,
    IndexMoveRequest,
)


def add_parser(commands: Commands) -> None:
    """Adds `msa indexes` with its actions, and `msa coverage`."""
    parser = commands.add_parser("indexes", help="list, delete, move or export index files")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="those of folders, of rasters, and of the cache")
    listing.add_argument("places", nargs="*", metavar="FOLDER|RASTER")
    deleting = actions.add_parser("delete", help="delete an index; the raster is not touched")
    deleting.add_argument("index", metavar="INDEX")
    moving = actions.add_parser("move", help="bring an index to another folder")
    moving.add_argument("index", metavar="INDEX")
    moving.add_argument("folder", metavar="FOLDER")
    exporting = actions.add_parser("export", help="write an index as GeoParquet")
    exporting.add_argument("index", metavar="INDEX|RASTER")
    exporting.add_argument("out", metavar="FILE.parquet")
    for action, job in ((listing, _list), (deleting, _delete), (moving, _move), (exporting, _export)):
        _finish(action)
        action.set_defaults(run=job)
    coverage = commands.add_parser("coverage", help="tell what of a raster is indexed")
    coverage.add_argument("index", metavar="INDEX|RASTER")
    coverage.add_argument("--out", metavar="FILE", help="write the areas to a .gpkg or .geojson file")
    _finish(coverage)
    coverage.set_defaults(run=_coverage)


def _finish(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", metavar="NAME|DIR", help="whose indexes are current")
    add_cache(parser)
    add_json(parser)


def _list(args: argparse.Namespace) -> int:
    from msa_model.jobs.index_files import IndexFiles  # noqa: PLC0415  (rasterio)

    folders = tuple(place for place in args.places if Path(place).is_dir())
    rasters = tuple(place for place in args.places if place not in folders)
    reply = IndexFiles(_identity(args), args.cache).listed(IndexListRequest(folders, rasters))
    print_json(to_wire(reply)) if args.json else print(_list_text(reply.indexes))
    return 0


def _delete(args: argparse.Namespace) -> int:
    from msa_model.jobs.index_files import deleted  # noqa: PLC0415

    changed = deleted(IndexDeleteRequest(args.index))
    print_json(to_wire(changed)) if args.json else print(f"{size(changed.bytes)} freed")
    return 0


def _move(args: argparse.Namespace) -> int:
    from msa_model.jobs.index_files import moved  # noqa: PLC0415
    from msa_model.jobs.steps import outcome  # noqa: PLC0415

    changed = outcome(moved(IndexMoveRequest(args.index, args.folder)))
    print_json(to_wire(changed)) if args.json else print(changed.index)
    return 0


def _export(args: argparse.Namespace) -> int:
    from msa_model.jobs.index_files import exported  # noqa: PLC0415
    from msa_model.jobs.steps import outcome  # noqa: PLC0415

    reply = outcome(exported(IndexExportRequest(_index(args), args.out)))
    text = facts([("file", reply.out), ("tiles", str(reply.tiles)), ("size", size(reply.bytes))])
    print_json(to_wire(reply)) if args.json else print(text)
    return 0


def _coverage(args: argparse.Namespace) -> int:
    from msa_model.index.coverage_file import write_coverage  # noqa: PLC0415  (rasterio)
    from msa_model.jobs.coverage import coverage  # noqa: PLC0415
    from msa_model.jobs.places import check_outputs  # noqa: PLC0415

    index = _index(args)
    reply = coverage(CoverageRequest(index), _identity(args), args.cache)
    if args.out:
        check_outputs([args.out], [index])
        write_coverage(args.out, reply)
        note(f"Written to {args.out}.")
    print_json(to_wire(reply)) if args.json else print(_coverage_text(reply))
    return 0


def _identity(args: argparse.Namespace) -> str:
    from msa_model.model.checkpoint import checkpoint_identity  # noqa: PLC0415

    return checkpoint_identity(checkpoint_folder(args.model))[1]


def _index(args: argparse.Namespace) -> str:
    from msa_model.jobs.places import index_of  # noqa: PLC0415

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
    import shapely  # noqa: PLC0415

    whole = shapely.from_wkt(reply.raster).area
    rows = [
        (metres(area.scale_m), str(area.tiles), f"{shapely.from_wkt(area.wkt).area / whole:.1%}")
        for area in reply.areas
    ]
    places = facts([("index", reply.index), ("raster", reply.source)])
    return f"{table(('side', 'tiles', 'indexed'), rows)}\n\n{places}"
