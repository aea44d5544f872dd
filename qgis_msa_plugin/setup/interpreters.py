"""Which Pythons there are, and which of them the worker can use; knows no Qt.

QGIS's own is not among them where QGIS brings one along: it lacks parts, and goes with the next update.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Optional

OLDEST, NEWEST = (3, 11), (3, 14)  # for which the pinned packages come as wheels
# The pins are tested with the first.
PREFERRED = ((3, 11), (3, 12), (3, 13), (3, 14))
MANAGED = "3.12"  # what uv is asked to provide

PROBE = """
import importlib.util as util, json, platform, struct, sys
parts = [name for name in ("venv", "ensurepip", "ssl", "sqlite3", "ctypes") if util.find_spec(name) is None]
print(json.dumps({"program": sys.executable, "version": list(sys.version_info[:3]), "missing": parts,
                  "bits": 8 * struct.calcsize("P"), "machine": platform.machine()}))
"""
_SYSTEM_PREFIXES = ("/usr", "/usr/local")
_UNIX_FOLDERS = ("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "~/.local/bin")


@dataclass(frozen=True)
class InterpreterSearch:
    """Where interpreters are looked for; `qgis_prefix` is where QGIS is installed."""

    environ: Mapping[str, str]
    qgis_prefix: Path
    windows: bool = os.name == "nt"


@dataclass(frozen=True)
class Interpreter:
    """A Python that answered."""

    program: str
    version: tuple[int, int, int]
    missing: tuple[str, ...] = ()
    bits: int = 64
    machine: str = ""

    @property
    def number(self) -> str:
        """'3.11.2'."""
        return ".".join(map(str, self.version))


def candidates(around: InterpreterSearch) -> list[tuple[str, ...]]:
    """Commands that may start a Python, the likeliest first, each once."""
    found = [*_by_launcher(around), *_by_name(around)]
    kept = [command for command in found if not is_bundled(Path(command[0]), around)]
    return list(dict.fromkeys(kept))


def is_bundled(program: Path, around: InterpreterSearch) -> bool:
    """Whether the program is part of QGIS's own installation."""
    prefix = around.qgis_prefix
    if not prefix.name or (not around.windows and str(prefix) in _SYSTEM_PREFIXES):
        return False
    root = next((parent for parent in (prefix, *prefix.parents) if parent.suffix == ".app"), prefix)
    if around.windows and len(prefix.parts) > 3:  # noqa: PLR2004  (C:/Program Files/QGIS/apps/qgis)
        root = prefix.parents[1]
    places = {os.path.normcase(os.path.abspath(program)), os.path.normcase(os.path.realpath(program))}
    inside = os.path.normcase(str(root)) + os.sep
    return any(place.startswith(inside) for place in places)


def find_uv(around: InterpreterSearch) -> Optional[str]:
    """uv, which can provide a Python of its own, if it is installed."""
    usual = os.pathsep.join(os.path.expanduser(folder) for folder in ("~/.local/bin", "~/.cargo/bin"))
    path = os.pathsep.join(filter(None, (around.environ.get("PATH", ""), usual)))
    return shutil.which("uv", path=path)


def interpreter_of(output: str) -> Optional[Interpreter]:
    """What a Python said to the probe; nothing if it said something else."""
    for line in reversed(output.splitlines()):
        try:
            said = json.loads(line)
            major, minor, patch = said["version"]
            version = (int(major), int(minor), int(patch))
            missing = tuple(map(str, said["missing"]))
            return Interpreter(said["program"], version, missing, int(said["bits"]), str(said["machine"]))
        except (ValueError, KeyError, TypeError):
            continue
    return None


class Flaw(Enum):
    """Why the worker cannot use a Python."""

    OLD = "old"
    NEW = "new"
    NARROW = "32 bit"
    INCOMPLETE = "incomplete"


def flaw_of(interpreter: Interpreter) -> Optional[Flaw]:
    """Why the worker cannot use it; nothing if it can."""
    if interpreter.version[:2] < OLDEST:
        return Flaw.OLD
    if interpreter.version[:2] > NEWEST:
        return Flaw.NEW
    if interpreter.bits < 64:  # noqa: PLR2004
        return Flaw.NARROW
    return Flaw.INCOMPLETE if interpreter.missing else None


def usable(interpreters: list[Interpreter]) -> list[Interpreter]:
    """Those that the worker can use, the best first, each version once."""
    best: dict[tuple[int, int, int], Interpreter] = {}
    for interpreter in interpreters:
        if flaw_of(interpreter) is None:
            best.setdefault(interpreter.version, interpreter)
    order = {version: place for place, version in enumerate(PREFERRED)}
    return sorted(best.values(), key=lambda i: (order[i.version[:2]], -i.version[2]))


def _by_launcher(around: InterpreterSearch) -> Iterator[tuple[str, ...]]:
    launcher = shutil.which("py", path=around.environ.get("PATH")) if around.windows else None
    if launcher:
        yield from ((launcher, f"-{major}.{minor}") for major, minor in PREFERRED)


def _by_name(around: InterpreterSearch) -> Iterator[tuple[str, ...]]:
    names = [f"python{major}.{minor}" for major, minor in PREFERRED] + ["python3", "python"]
    folders = around.environ.get("PATH", "").split(os.pathsep)
    if not around.windows:
        folders = [os.path.expanduser(folder) for folder in _UNIX_FOLDERS] + folders
    for name in names:
        for folder in filter(None, folders):
            found = shutil.which(name, path=folder)
            # The shop's stand-in of Windows opens a window instead of running anything.
            if found and "WindowsApps" not in found:
                yield (found,)
