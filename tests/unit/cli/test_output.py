"""What a command prints reaches a console of any encoding."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from msa_model.cli.output import facts, json_of, note, table
from msa_model.protocol.batch import BatchCost, BatchPlan
from msa_model.protocol.messages import ScanSummary
from msa_model.protocol.warning_table import EngineWarning

PROGRAM = r"""
from msa_model.cli.output import note, print_json, write_any_name
write_any_name()
name = "\u6b63\u5c04 \U0001f6f0 \xe9 \udcff.tif"
print_json({"source": name})
print(name)
note(name)
"""


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8", "cp932"])
def test_names_of_any_system_are_written(encoding: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, check=True, env=environment, timeout=60
    )
    text = done.stdout.decode(encoding)
    head, _, line = text.partition("}")
    assert json.loads(head + "}") == {"source": "\u6b63\u5c04 \U0001f6f0 \xe9 \udcff.tif"}
    assert line.strip().endswith(".tif")
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("odd", ["\x1b]0;title\x07\x1b[2J", "a\rb", "a\nb", "\x9b31m", "\u202egnp.fit"])
def test_a_name_commands_no_terminal(odd: str, capsys: pytest.CaptureFixture[str]) -> None:
    note(f"There is no raster at {odd}.")
    printed = [table(("name", "n"), [(odd, "1")], left=(0,)), facts([("raster", odd), ("n", "1")])]
    assert all(line.isprintable() for text in printed for line in text.split("\n"))
    assert [len(text.split("\n")) for text in printed] == [3, 2]
    assert all(line.isprintable() for line in capsys.readouterr().err.split("\n"))


@pytest.mark.skipif(os.name != "posix", reason="names are Unicode on Windows")
def test_a_file_is_found_by_its_name_where_the_locale_knows_only_ascii(tmp_path: Path) -> None:
    name = "\u6b63\u5c04 \xe9.tif"
    (tmp_path / name).write_text("no raster")
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "msa_model.cli.main", "coverage", str(tmp_path / name)],
        capture_output=True,
        check=False,
        env={**os.environ, **ascii_only},
    )
    said = done.stderr.decode("ascii")
    assert "not recognized as being in a supported file format" in said
    assert "\\u6b63\\u5c04 \\xe9.tif" in said


def test_warnings_are_sentences_in_json_however_deep() -> None:
    grey = EngineWarning("grey")
    summary = ScanSummary("a.gpkg", 1, 1, 0, 0, 0.5, engine_warnings=(EngineWarning("runs_on_torch"),))
    assert json_of(summary)["engine_warnings"] == ["The model runs on torch instead."]
    (cost,) = json_of(BatchPlan((BatchCost("a.tif", 1, 1, 0.5, 9, (grey,)),), 1, 1, 1, 0.5, 9))["rasters"]
    assert cost["warnings"] == [grey.sentence]
