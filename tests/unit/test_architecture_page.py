"""docs/architecture.md names files and folders that are there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "architecture.md"
BASES = (ROOT, PAGE.parent, ROOT / "msa_model", ROOT / "qgis_msa_plugin")
NAMED = re.compile(r"`([\w/]+/[\w./]*|[\w/]+\.(?:py|md))`|\[\"([\w/]+(?:/|\.py))<br>|\]\(([\w/.-]+)")


def gone(text: str) -> Iterator[str]:
    """Paths that a page names and that are not there."""
    for names in NAMED.findall(text):
        name = next(filter(None, names))
        if not any((base / name).exists() for base in BASES):
            yield name


def test_every_file_that_the_page_names_is_there() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert len(NAMED.findall(text)) > 40
    assert list(gone(text)) == []


def test_a_name_of_a_file_that_is_gone_is_found() -> None:
    text = 'see `jobs/gone.py`, [ADR](adr/0000-gone.md) and a["lost/<br>words"]; `search/state.py` is there'
    assert list(gone(text)) == ["jobs/gone.py", "adr/0000-gone.md", "lost/"]
