"""What a command prints reaches a console of any encoding."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

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
