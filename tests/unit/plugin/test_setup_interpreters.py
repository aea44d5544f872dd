"""Which Pythons are asked, and which of those that answer the worker can use."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from qgis_msa_plugin.setup.interpreters import (
    PROBE,
    Flaw,
    Interpreter,
    InterpreterSearch,
    candidates,
    find_uv,
    flaw_of,
    interpreter_of,
    is_bundled,
    usable,
)

GOOD = Interpreter("/usr/bin/python3", (3, 11, 2), (), 64, "x86_64")


def put(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    return folder


def around(path: Path, prefix: str = "/usr", windows: bool = False) -> InterpreterSearch:
    return InterpreterSearch({"PATH": str(path)}, Path(prefix), windows)


def test_named_versions_come_before_whatever_python3_is(tmp_path: Path) -> None:
    place = put(tmp_path / "bin", "python3", "python3.12")
    mine = [command[0] for command in candidates(around(place)) if command[0].startswith(str(tmp_path))]
    assert mine == [str(place / "python3.12"), str(place / "python3")]


def test_the_python_of_an_installed_qgis_is_left_out(tmp_path: Path) -> None:
    app = tmp_path / "QGIS.app" / "Contents" / "MacOS"
    inside, outside = put(app / "bin", "python3"), put(tmp_path / "brew", "python3.12")
    found = candidates(InterpreterSearch({"PATH": f"{inside}{os.pathsep}{outside}"}, app, windows=False))
    assert (str(outside / "python3.12"),) in found
    assert not [command for command in found if "QGIS.app" in command[0]]


def test_a_link_into_qgis_is_qgis_too(tmp_path: Path) -> None:
    prefix = put(tmp_path / "app" / "bin", "python3").parent
    link = tmp_path / "python3"
    link.symlink_to(prefix / "bin" / "python3")
    assert is_bundled(link, InterpreterSearch({}, prefix, windows=False))
    assert not is_bundled(Path("/usr/bin/python3"), InterpreterSearch({}, Path("/usr"), windows=False))


def test_the_stand_in_of_the_windows_shop_is_not_asked(tmp_path: Path) -> None:
    place = put(tmp_path / "WindowsApps", "python3", "python")
    assert not [c for c in candidates(around(place)) if "WindowsApps" in c[0]]


def test_uv_is_found_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find_uv(around(tmp_path)) is None
    assert find_uv(around(put(tmp_path / "bin", "uv"))) == str(tmp_path / "bin" / "uv")


def test_a_real_python_answers_the_probe() -> None:
    said = subprocess.run([sys.executable, "-I", "-c", PROBE], capture_output=True, text=True, check=True)
    found = interpreter_of("a warning on the way\n" + said.stdout)
    assert found is not None
    assert found.version == sys.version_info[:3]
    assert found.bits == 64


@pytest.mark.parametrize("output", ["", "Python 3.11", "{}", "[1]", json.dumps({"version": [3]}), "null"])
def test_what_answers_something_else_is_no_python(output: str) -> None:
    assert interpreter_of(output) is None


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        ({}, None),
        ({"version": (3, 10, 9)}, Flaw.OLD),
        ({"version": (3, 15, 0)}, Flaw.NEW),
        ({"bits": 32}, Flaw.NARROW),
        ({"missing": ("ensurepip",)}, Flaw.INCOMPLETE),
    ],
)
def test_a_python_that_does_not_do_is_told_from_one_that_does(
    change: dict[str, object], flaw: Flaw | None
) -> None:
    assert flaw_of(dataclasses.replace(GOOD, **change)) is flaw  # type: ignore[arg-type]


def test_the_best_comes_first_and_each_version_once() -> None:
    other = dataclasses.replace(GOOD, program="/opt/python3")
    newer = dataclasses.replace(GOOD, program="/opt/python3.12", version=(3, 12, 1))
    old = dataclasses.replace(GOOD, version=(3, 9, 1))
    assert usable([old, newer, GOOD, other]) == [GOOD, newer]
