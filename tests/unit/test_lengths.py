"""How long a file and the body of a function may grow."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(f for package in ("qgis_msa_plugin", "msa_model") for f in (ROOT / package).rglob("*.py"))
ALL_PYTHON = sorted([*SOURCES, *(f for folder in ("tests", "tools") for f in (ROOT / folder).rglob("*.py"))])
LONGEST_FILE, LONGEST_BODY = 350, 25  # lines; of a body without its docstring
# One row after another: options of a command, methods with their jobs, parts of a window, signals with their
# slots, words; a reply of many fields; a loop that is read in one piece.
TABLES = {
    "msa_model/adapt/distil.py: learn",
    "msa_model/cli/arguments.py: _add_hits",
    "msa_model/cli/arguments.py: batch",
    "msa_model/cli/arguments.py: index",
    "msa_model/cli/arguments.py: search",
    "msa_model/cli/arguments.py: series",
    "msa_model/cli/calibrate.py: add_arguments",
    "msa_model/jobs/change.py: search",
    "msa_model/research/commands/evaluate.py: _add_choices",
    "msa_model/research/commands/evaluate.py: add_arguments",
    "msa_model/research/evaluate/change.py: change_tables",
    "msa_model/worker/handlers.py: __init__",
    "qgis_msa_plugin/describe/panel.py: _make_parts",
    "qgis_msa_plugin/dock/cost_strip.py: __init__",
    "qgis_msa_plugin/dock/fold_line.py: __init__",
    "qgis_msa_plugin/dock/search_dock.py: _connect",
    "qgis_msa_plugin/dock/target_bar.py: __init__",
    "qgis_msa_plugin/gis/hit_form.py: _names",
    "qgis_msa_plugin/processing/searching.py: add_rest",
    "qgis_msa_plugin/search/scanning.py: __init__",
}


def bodies(source: str) -> Iterator[tuple[str, int]]:
    """Every function with the lines of its body; a docstring does not count."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            told = ast.get_docstring(node) is not None
            body = node.body[1:] if told else node.body
            yield node.name, (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    lengths = {str(f.relative_to(ROOT)): len(f.read_text(encoding="utf-8").splitlines()) for f in ALL_PYTHON}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_longer_but_the_tables_that_are_named() -> None:
    found = {
        f"{file.relative_to(ROOT).as_posix()}: {name}"
        for file in SOURCES
        for name, lines in bodies(file.read_text(encoding="utf-8"))
        if lines > LONGEST_BODY
    }
    assert found == TABLES


def test_a_docstring_is_no_part_of_a_body_and_an_inner_function_is() -> None:
    source = 'def f():\n    """One.\n\n    Two."""\n    def g():\n        return 1\n\n    return g\n'
    assert dict(bodies(source)) == {"f": 4, "g": 1}
