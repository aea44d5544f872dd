"""docs/errors.md names every failure that a user can meet."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from msa_model.protocol.error_table import ERRORS

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "msa_model" / "protocol" / "error_table.py"
SOURCES = [file for part in ("msa_model", "qgis_msa_plugin") for file in (ROOT / part).rglob("*.py")]
TREES = {file: ast.parse(file.read_text(encoding="utf-8")) for file in SOURCES}
PAGE = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")


def entries() -> dict[str, str]:
    """The text under each kind's heading."""
    parts = re.split(r"^### (\w+)$", PAGE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def kinds_raised() -> set[str]:
    """The kinds that product code names, in `MsaError.of` and tables, or gives classes."""
    return {
        str(node.value)
        for file, tree in TREES.items()
        for node in ast.walk(tree)
        if file != TABLE and isinstance(node, ast.Constant) and node.value in ERRORS
    }


def test_every_kind_of_failure_has_an_entry_and_every_entry_a_kind() -> None:
    assert set(entries()) == set(ERRORS)


def test_every_entry_begins_with_what_qgis_says() -> None:
    begun = {kind: text.split("\n\n")[0].strip() for kind, text in entries().items()}
    assert begun == {kind: f"> {row.heading}: {row.remedy_in_qgis}" for kind, row in ERRORS.items()}


def test_every_row_of_the_table_is_raised_and_every_error_has_a_row() -> None:
    assert kinds_raised() == set(ERRORS)
    named = [
        call.args[0].value
        for tree in TREES.values()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "MsaError.of"
        if isinstance(call.args[0], ast.Constant)
    ]
    assert len(named) > 100
    assert set(named) - set(ERRORS) == set()


@pytest.mark.parametrize("kind", ERRORS)
def test_every_kind_has_a_heading_and_remedies(kind: str) -> None:
    row = ERRORS[kind]
    assert row.heading
    assert not row.heading.endswith(".")
    assert row.remedy.endswith((".", "…"))
    assert row.remedy_in_qgis.endswith(".")


def test_every_entry_says_something() -> None:
    assert [kind for kind, text in entries().items() if len(text.partition("\n\n")[2].split()) < 5] == []


def test_no_entry_stands_twice() -> None:
    headings = re.findall(r"^### (\w+)$", PAGE, flags=re.MULTILINE)
    assert len(headings) == len(set(headings))
