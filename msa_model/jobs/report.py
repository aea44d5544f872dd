"""The report of a batch: one HTML file that needs nothing else.

The report's page. What is put in is escaped, unless it is markup of this program's own making.
How the report looks, on a light and on a dark screen.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from msa_model.files.replacing import check_replaceable, is_sealed, mark, replacing, sealed
from msa_model.index.batch_changes import BatchChange, ChangesFile, ChangeSummary
from msa_model.index.batch_file import BatchHit, PairSummary
from msa_model.jobs.batch_tasks import BatchTask, PairTask
from msa_model.jobs.open_files import OpenSources
from msa_model.jobs.report_pictures import outline_map, thumbnails
from msa_model.jobs.thumbnails import OpenRaster, shown
from msa_model.protocol.batch import BatchRequest, WatchedQuery
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.match import match_of
from msa_model.protocol.messages import MapStyle, Progress

if TYPE_CHECKING:
    from jinja2 import Template

MADE = "batch report"
MARK = f"<!-- {mark(MADE)} -->"  # with room for a checksum

_HEAD = """<!DOCTYPE html>{{ mark|safe }}
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>Batch search: {{ hits }} hits</title><style>{{ style|safe }}</style></head><body><main>
<h1>Batch search</h1><p>{{ queries }} queries on {{ rasters }} rasters · {{ hits }} hits · {{ made }}</p>
<p>All hits: <code>{{ file }}</code>{% for layer in layers %}, layer <code>{{ layer }}</code>{% endfor %}.</p>
<table>
<tr><th>Query<th>Raster<th>Verdict<th>Hits<th>Area (ha)<th>Tiles
{% for row in rows -%}
<tr><td><a href="#s{{ loop.index0 }}">{{ row.title }}</a><td>{{ row.raster }}
<td class="{{ row.level }}">{{ row.verdict }}<td>{{ row.hits }}<td>{{ row.area }}<td>{{ row.tiles }}
{% endfor %}</table>
{% if failed %}<h2>Rasters that failed</h2><ul>
{%- for name, sentence in failed %}<li><b>{{ name }}</b>: {{ sentence }}{% endfor %}</ul>{% endif %}
"""
_SECTION = """<section id="s{{ number }}"><h2>{{ row.title }}</h2>
<h3>{{ row.raster }}</h3><p>{{ which }} on {{ row.area }} ha; {{ row.verdict }}
{%- if runner_up %}; the best tiles look most like “{{ runner_up }}”{% endif %}</p>
<div class="row">{{ map }}
{%- for figure in figures -%}
<figure{% if figure.pictures|length > 1 %} class="dates"{% endif %}>
{%- for picture in figure.pictures %}{{ picture }}{% endfor %}
<figcaption title="{{ figure.phrase }}">{{ figure.caption }}</figcaption></figure>
{%- endfor %}</div>
</section>
"""
END = "</main></body></html>\n"


@cache
def _template(text: str) -> Template:
    """Compiled when the first report is written: a worker starts the sooner."""
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415  (a thirtieth of a worker's start)

    return Environment(autoescape=True, undefined=StrictUndefined).from_string(text)


STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 0; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem; }
h1, h2, h3 { line-height: 1.2; margin: 1.4em 0 .3em; }
h3 { margin-top: 0; font-weight: 500; opacity: .75; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #8884; }
th:nth-child(n+4), td:nth-child(n+4) { text-align: right; }
td.good { color: #1a7f37; } td.doubtful { color: #9a6700; } td.nothing { color: #848d97; }
section { border-top: 1px solid #8884; margin-top: 1.5rem; }
.row { display: flex; flex-wrap: wrap; gap: .8rem; align-items: flex-start; }
figure { margin: 0; width: 128px; } figure img { width: 128px; height: 128px; border-radius: 3px; }
figure.dates { width: 260px; } figure.dates img + img { margin-left: 4px; }
figcaption { font-size: 12px; opacity: .8; }
svg.map { width: 260px; height: 260px; border: 1px solid #8886; border-radius: 3px; background: #8882; }
svg.map image { opacity: .8; }
svg.map .raster { fill: none; stroke: #888; } svg.map .hit { fill: #e8590c44; stroke: #e8590c; }
@media print { section { break-inside: avoid; } }
"""


_CHANGE_SAYS = {"good": "stands out", "doubtful": "doubtful", "nothing": "nothing changed that way"}
_MOST_PICTURES = 400
_PICTURES_EACH = 6


@dataclass(frozen=True)
class Section:
    """A query on a raster, or on a pair of them."""

    watched: WatchedQuery
    task: BatchTask
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
    path: Path, request: BatchRequest, tasks: Sequence[BatchTask], out: ChangesFile, sources: OpenSources
) -> Generator[Progress, None, None]:
    """Write counts, areas and pictures of every query on every raster, in place of an older report.

    Raises:
        FileNotOurs, folder_read_only, DiskFull, storage_failed: it cannot be written.
    """
    sections = _sections(request, tasks, out)
    each = max(1, min(_PICTURES_EACH, _MOST_PICTURES // max(1, len(sections))))
    open_raster = partial(shown, sources, styles=_styles(request, tasks))
    pages = [_head(request, tasks, out, sections)]
    for number, section in enumerate(sections):
        yield Progress.at(0, 0, label=path.name)
        pages.append(_section(number, section, out.crs, each, open_raster))
    with replacing(path, is_own_report) as part:
        part.write_bytes(sealed("\n".join([*pages, END]), MADE))


def _styles(request: BatchRequest, tasks: Sequence[BatchTask]) -> tuple[MapStyle, ...]:
    """Those of the request; a raster that is laid over another one is shown as it is itself."""
    pairs = (task for task in tasks if isinstance(task, PairTask))
    laid = {pair.after.address: pair.laid.after.address for pair in pairs if pair.laid}
    others = (replace(style, source=laid[style.source]) for style in request.styles if style.source in laid)
    return (*request.styles, *others)


def _sections(request: BatchRequest, tasks: Sequence[BatchTask], out: ChangesFile) -> list[Section]:
    return [
        Section(watched, task, summary, task.hits(out, watched))
        for watched in request.queries
        for task in tasks
        if watched in task.queries and (summary := task.done(out, watched)) is not None
    ]


def _head(
    request: BatchRequest, tasks: Sequence[BatchTask], out: ChangesFile, sections: Sequence[Section]
) -> str:
    rows = [(task.name, task.known_row(out)) for task in tasks]
    return _template(_HEAD).render(
        mark=MARK,
        style=STYLE,
        hits=sum(section.summary.hits for section in sections),
        queries=len(request.queries),
        rasters=len(rows),
        made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        file=out.path.name,
        layers=["hits", "changes"] if any(isinstance(task, PairTask) for task in tasks) else ["hits"],
        rows=[_row(section) for section in sections],
        failed=[(name, row.sentence) for name, row in rows if row and row.error],
    )


def _row(section: Section) -> dict[str, object]:
    summary = section.summary
    return {
        "title": _title(section.watched),
        "raster": section.task.name,
        "level": summary.verdict,
        "verdict": _verdict(summary),
        "hits": summary.hits,
        "area": f"{summary.area_ha:,.1f}",
        "tiles": summary.tiles,
    }


def _section(number: int, section: Section, crs: str, pictures: int, open_raster: OpenRaster) -> str:
    summary, least, best = section.summary, section.watched.min_score, section.hits[:pictures]
    what = "places" if isinstance(section.task, PairTask) else "tiles"
    which = f"the best {summary.hits} {what}" if least is None else f"{summary.hits} hits above {least:+g}"
    return _template(_SECTION).render(
        number=number,
        which=which,
        runner_up=summary.runner_up,
        map=outline_map(open_raster, section.task.ref, crs, section.hits),
        figures=list(map(_figure, best, _pictures(open_raster, section.task, best))),
        row=_row(section),
    )


def _pictures(open_raster: OpenRaster, task: BatchTask, hits: Sequence[BatchHit]) -> list[tuple[Markup, ...]]:
    """Of each hit its tile, of two dates at both."""
    first = thumbnails(open_raster, task.ref, hits)
    if not isinstance(task, PairTask) or task.laid is None:
        return [(own,) for own in first]
    later = [replace(hit, index=hit.index_after) for hit in hits if isinstance(hit, BatchChange)]
    return list(zip(first, thumbnails(open_raster, task.laid.after, later), strict=True))


def _figure(hit: BatchHit, pictures: Sequence[Markup]) -> dict[str, object]:
    caption, phrase = f"{hit.rank}{_worth(hit)} · {hit.scale_m:.0f} m", hit.phrase or ""
    if isinstance(hit, BatchChange):
        phrase = f"{hit.phrase_before} → {hit.phrase_after}"
    return {"pictures": pictures, "phrase": phrase, "caption": caption}


def _worth(hit: BatchHit) -> str:
    if isinstance(hit, BatchChange):
        return f" · change {hit.change:+.1f}"
    return "" if hit.match_score is None else f" · match {match_of(hit.match_score)}"


def _title(watched: WatchedQuery) -> str:
    return f"{watched.name}: {watched.query}" if watched.name else watched.query


def _verdict(summary: PairSummary) -> str:
    if summary.best_score is None:
        return summary.verdict
    if isinstance(summary, ChangeSummary):
        return f"{_CHANGE_SAYS[summary.verdict]} (change of the best {summary.best_score:+.1f})"
    return f"match {match_of(summary.best_score)} ({summary.best_score:+.1f})"
