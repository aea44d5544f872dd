"""The pages on structure and decisions name files, folders and code that are there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGE = DOCS / "architecture.md"
# Of an earlier stage, of a profile, of a cache: no part of the code.
ELSEWHERE = {"rerank_unavailable", "msa_search/env", "vectors/"}
PAGES = [PAGE, *sorted((DOCS / "adr").glob("*.md"))]
BASES = (ROOT, DOCS, ROOT / "msa_model", ROOT / "qgis_msa_plugin", ROOT / "tests")
NAMED = re.compile(r"`([\w/]+/[\w./]*|[\w/]+\.(?:py|md))`|\[\"([\w/]+(?:/|\.py))<br>|\]\(([\w/.-]+)")
# `TileIndex.append`, `wait_passively()`: names of code, as no word of English is spelt.
CODE = re.compile(
    r"`((?:\w+\.)*(?:[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+|[a-z0-9]+(?:_[a-z0-9]+)+)(?:\.\w+)*)(?:\(\))?`"
)
FILES = ("*.py", "*.toml", "*.qml", "*.json")


@cache
def words_of_the_code() -> frozenset[str]:
    """Every word that stands in code, tests and settings."""
    folders = ("msa_model", "qgis_msa_plugin", "tests", "tools", "resources")
    files = [file for folder in folders for kind in FILES for file in (ROOT / folder).rglob(kind)]
    own = [file for file in files if file != Path(__file__).resolve()]
    return frozenset(word for file in own for word in re.findall(r"\w+", file.read_text(encoding="utf-8")))


def gone(text: str, page: Path = PAGE) -> Iterator[str]:
    """Paths and names of code that a page names and that are not there."""
    for names in NAMED.findall(text):
        name = next(filter(None, names))
        if not any((base / name).exists() for base in (page.parent, *BASES)):
            yield name
    for dotted in CODE.findall(text):
        if not set(dotted.split(".")) <= words_of_the_code():
            yield dotted


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_names_is_there(page: Path) -> None:
    assert set(gone(page.read_text(encoding="utf-8"), page)) <= ELSEWHERE


def test_the_page_on_the_structure_names_much() -> None:
    assert len(NAMED.findall(PAGE.read_text(encoding="utf-8"))) > 40


def test_a_name_that_is_gone_is_found() -> None:
    text = 'see `jobs/gone.py`, [ADR](adr/0000-gone.md) and a["lost/<br>words"]; `search/state.py` is there'
    assert list(gone(text)) == ["jobs/gone.py", "adr/0000-gone.md", "lost/"]
    text = "`TileIndex.append`, `wait_passively()` are there, `TileIndexx` and `no_such_word` are not"
    assert list(gone(text)) == ["TileIndexx", "no_such_word"]
