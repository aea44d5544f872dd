"""The report of a batch: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from markupsafe import Markup

from msa_model.files.replacing import check_replaceable, replacing
from msa_model.files.seal import is_sealed, sealed
from msa_model.index.batch_file import BatchFile, BatchHit, PairSummary
from msa_model.jobs.report_page import END, HEAD, MADE, MARK, SECTION
from msa_model.jobs.report_pictures import outline_map, thumbnails
from msa_model.jobs.report_style import STYLE
from msa_model.jobs.shown import OpenRaster, shown
from msa_model.jobs.sources import OpenSources
from msa_model.protocol.batch import BatchRequest, WatchedQuery
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.match import match_of
from msa_model.protocol.messages import Progress, Source

_MOST_PICTURES = 400
_PICTURES_EACH = 6


@dataclass(frozen=True)
class Section:
    """A query on a raster."""

    watched: WatchedQuery
    raster: Source
    summary: PairSummary
    hits: tuple[BatchHit, ...]


def check_report(path: Path) -> None:
    """Whether a report may be written.

    Raises:
        BadArgument: its name does not end in .html.
        FileNotOurs: the file is something else than an earlier report, or was changed.
        folder_read_only: its folder cannot be written to.
    """
    if path.suffix.lower() not in (".html", ".htm"):
        raise BadArgument(f"{path} must end in .html.")
    check_replaceable(path, is_own_report)


def is_own_report(path: Path) -> bool:
    """Whether `write_report` wrote the file, and nobody changed it since."""
    return is_sealed(path, MADE)


def write_report(
    path: Path, request: BatchRequest, out: BatchFile, sources: OpenSources
) -> Generator[Progress, None, None]:
    """Write counts, areas and pictures of every query on every raster, in place of an older report.

    Raises:
        FileNotOurs, folder_read_only, DiskFull, storage_failed: it cannot be written.
    """
    sections = _sections(request, out)
    each = max(1, min(_PICTURES_EACH, _MOST_PICTURES // max(1, len(sections))))
    open_raster = partial(shown, sources, looks=request.looks)
    parts = [_head(request, out, sections)]
    for number, section in enumerate(sections):
        yield Progress.at(0, 0, label=path.name)
        parts.append(_section(number, section, out.crs, each, open_raster))
    with replacing(path, is_own_report) as part:
        part.write_bytes(sealed("\n".join([*parts, END]), MADE))


def _sections(request: BatchRequest, out: BatchFile) -> list[Section]:
    return [
        Section(watched, raster, summary, out.hits(watched.query, raster.address))
        for watched in request.queries
        for raster in request.rasters
        if (summary := out.done(watched.query, raster.address)) is not None
    ]


def _head(request: BatchRequest, out: BatchFile, sections: Sequence[Section]) -> str:
    rows = [out.raster(raster.address) for raster in request.rasters]
    return HEAD.render(
        mark=MARK,
        style=STYLE,
        hits=sum(section.summary.hits for section in sections),
        queries=len(request.queries),
        rasters=len(request.rasters),
        made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        file=out.path.name,
        rows=[_row(section) for section in sections],
        failed=[row for row in rows if row and row.error],
    )


def _row(section: Section) -> dict[str, object]:
    summary = section.summary
    return {
        "title": _title(section.watched),
        "raster": section.raster.name,
        "level": summary.verdict,
        "verdict": _verdict(summary),
        "hits": summary.hits,
        "area": f"{summary.area_ha:,.1f}",
        "tiles": summary.tiles,
    }


def _section(number: int, section: Section, crs: str, pictures: int, open_raster: OpenRaster) -> str:
    summary, least, best = section.summary, section.watched.min_score, section.hits[:pictures]
    which = f"the best {summary.hits} tiles" if least is None else f"{summary.hits} hits above {least:+g}"
    return SECTION.render(
        number=number,
        which=which,
        runner_up=summary.runner_up,
        map=outline_map(open_raster, section.raster, crs, section.hits),
        figures=list(map(_figure, best, thumbnails(open_raster, section.raster, best))),
        row=_row(section),
    )


def _figure(hit: BatchHit, picture: Markup) -> dict[str, object]:
    match = "" if hit.honest is None else f" · match {match_of(hit.honest)}"
    caption = f"{hit.rank}{match} · {hit.scale_m:.0f} m"
    return {"picture": picture, "phrase": hit.phrase or "", "caption": caption}


def _title(watched: WatchedQuery) -> str:
    return f"{watched.name}: {watched.query}" if watched.name else watched.query


def _verdict(summary: PairSummary) -> str:
    if summary.standing is None:
        return summary.verdict
    return f"match {match_of(summary.standing)} ({summary.standing:+.1f})"
