"""The report's page. What is put in is escaped, unless it is markup of this program's own making."""

from __future__ import annotations

from jinja2 import Environment, StrictUndefined, Template

from msa_model.files.seal import mark

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
_ENVIRONMENT = Environment(autoescape=True, undefined=StrictUndefined)

HEAD: Template = _ENVIRONMENT.from_string(_HEAD)
SECTION: Template = _ENVIRONMENT.from_string(_SECTION)
END = "</main></body></html>\n"
