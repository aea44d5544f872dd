"""The report of a batch: one HTML file that needs nothing else."""

from __future__ import annotations

import html
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from msa_model.index.batch_file import BatchFile, BatchHit, PairSummary
from msa_model.index.places import is_writable
from msa_model.index.replacing import replacing
from msa_model.jobs.report_pictures import outline_map, thumbnail
from msa_model.jobs.report_style import STYLE
from msa_model.jobs.sources import OpenSources
from msa_model.protocol.batch import BatchRequest, WatchedQuery
from msa_model.protocol.errors import BadArgument, IndexFolderReadOnly
from msa_model.protocol.messages import Progress, RasterRef

_MARK = "<!-- msa-search batch report -->"
_MOST_PICTURES = 400
_PICTURES_EACH = 6


@dataclass(frozen=True)
class Section:
    """A query on a raster."""

    watched: WatchedQuery
    raster: RasterRef
    summary: PairSummary
    hits: tuple[BatchHit, ...]


def check_report(path: Path) -> None:
    """Whether a report may be written.

    Raises:
        BadArgument: the file is something else than an earlier report.
        IndexFolderReadOnly: its folder cannot be written to.
    """
    if path.suffix.lower() not in (".html", ".htm"):
        raise BadArgument(f"{path} must end in .html.")
    if not path.parent.is_dir() or not is_writable(path.parent):
        raise IndexFolderReadOnly(f"{path} cannot be written: check its folder.")
    if path.is_dir() or (path.exists() and _MARK not in _beginning(path)):
        raise BadArgument(f"{path} exists and is something else than the report of a batch.")


def write_report(
    path: Path, request: BatchRequest, out: BatchFile, sources: OpenSources
) -> Generator[Progress, None, None]:
    """Write counts, areas and pictures of every query on every raster, in place of an older report.

    Raises:
        IndexFolderReadOnly, DiskFull: it cannot be written.
    """
    sections = _sections(request, out)
    each = max(1, min(_PICTURES_EACH, _MOST_PICTURES // max(1, len(sections))))
    parts = [_head(request, out, sections)]
    for number, section in enumerate(sections):
        yield Progress(0, 0, 0, 0.0, None, path.name)
        parts.append(_section(number, section, out.crs, each, sources))
    with replacing(path, OSError) as part:
        part.write_text("\n".join([*parts, "</main></body></html>\n"]), encoding="utf-8")


def _beginning(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(len(_MARK) + 100).decode("utf-8", errors="replace")


def _sections(request: BatchRequest, out: BatchFile) -> list[Section]:
    return [
        Section(watched, raster, summary, out.hits(watched.query, raster.address))
        for watched in request.queries
        for raster in request.rasters
        if (summary := out.done(watched.query, raster.address)) is not None
    ]


def _head(request: BatchRequest, out: BatchFile, sections: Sequence[Section]) -> str:
    hits = sum(s.summary.hits for s in sections)
    made = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    facts = f"{len(request.queries)} queries on {len(request.rasters)} rasters · {hits} hits · {made}"
    return "\n".join(
        [
            f"<!DOCTYPE html>{_MARK}",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Batch search: {hits} hits</title><style>{STYLE}</style></head><body><main>",
            f"<h1>Batch search</h1><p>{facts}</p>",
            f"<p>All hits: <code>{_text(out.path.name)}</code>, layer <code>hits</code>.</p>",
            _table(sections),
            _failures(request, out),
        ]
    )


def _table(sections: Sequence[Section]) -> str:
    head = "<tr><th>Query<th>Raster<th>Verdict<th>Hits<th>Area (ha)<th>Tiles"
    rows = [
        f'<tr><td><a href="#s{number}">{_text(_title(s.watched))}</a><td>{_text(Path(s.raster.address).name)}'
        f'<td class="{_text(s.summary.verdict)}">{_verdict(s.summary)}<td>{s.summary.hits}'
        f"<td>{s.summary.area_ha:,.1f}<td>{s.summary.tiles}"
        for number, s in enumerate(sections)
    ]
    return "\n".join(["<table>", head, *rows, "</table>"])


def _failures(request: BatchRequest, out: BatchFile) -> str:
    rows = [out.raster(raster.address) for raster in request.rasters]
    failed = [f"<li><b>{_text(row.source)}</b>: {_text(row.sentence)}" for row in rows if row and row.error]
    return f"<h2>Rasters that failed</h2><ul>{''.join(failed)}</ul>" if failed else ""


def _section(number: int, section: Section, crs: str, pictures: int, sources: OpenSources) -> str:
    summary = section.summary
    name = Path(section.raster.address).name
    least = section.watched.min_score
    which = f"the best {summary.hits} tiles" if least is None else f"{summary.hits} hits above {least:+g}"
    text = f"{which} on {summary.area_ha:,.1f} ha; {_verdict(summary)}"
    if summary.runner_up:
        text += f"; the best tiles look most like “{_text(summary.runner_up)}”"
    shown = "".join(_figure(hit, thumbnail(sources, section.raster, hit)) for hit in section.hits[:pictures])
    return "\n".join(
        [
            f'<section id="s{number}"><h2>{_text(_title(section.watched))}</h2>',
            f"<h3>{_text(name)}</h3><p>{text}</p>",
            f'<div class="row">{outline_map(sources, section.raster, crs, section.hits)}{shown}</div>',
            "</section>",
        ]
    )


def _figure(hit: BatchHit, picture: str) -> str:
    honest = "" if hit.honest is None else f" · {hit.honest:+.1f}"
    caption = f"{hit.rank}{honest} · {hit.scale_m:.0f} m"
    return f'<figure>{picture}<figcaption title="{_text(hit.phrase or "")}">{caption}</figcaption></figure>'


def _title(watched: WatchedQuery) -> str:
    return f"{watched.name}: {watched.query}" if watched.name else watched.query


def _verdict(summary: PairSummary) -> str:
    words = {"good": "matches well", "doubtful": "may match", "nothing": "nothing matches well"}
    standing = "" if summary.standing is None else f" ({summary.standing:+.1f})"
    return f"{words.get(summary.verdict, summary.verdict)}{standing}"


def _text(text: str) -> str:
    return html.escape(text, quote=True)
