"""docs/errors.md names every failure that a user can meet."""

from __future__ import annotations

import re
from pathlib import Path

from msa_model.protocol.errors import error_classes

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")


def entries() -> dict[str, str]:
    """The text under each kind's heading."""
    parts = re.split(r"^### (\w+)$", PAGE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def kinds_of_the_plugin() -> set[str]:
    sources = (file.read_text(encoding="utf-8") for file in (ROOT / "qgis_msa_plugin").rglob("*.py"))
    return {
        kind for text in sources for kind in re.findall(r'^ +kind\b[^=\n]*= "(\w+)"$', text, re.MULTILINE)
    }


def test_every_kind_of_failure_has_an_entry_and_every_entry_a_kind() -> None:
    assert set(entries()) == set(error_classes()) | kinds_of_the_plugin()


def test_every_entry_says_something() -> None:
    assert [kind for kind, text in entries().items() if len(text.split()) < 5] == []


def test_no_entry_stands_twice() -> None:
    headings = re.findall(r"^### (\w+)$", PAGE, flags=re.MULTILINE)
    assert len(headings) == len(set(headings))
