"""Which program the worker is, with which arguments and environment; knows no Qt.

What is known about a worker that has gone: its exit code and its last words.
Whether a worker sees this machine's files: it is asked for one that was made a moment ago; knows no Qt.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from msa_model.protocol.errors import MsaError, WorkerMissing

COMMAND_VARIABLE = "MSA_SEARCH_WORKER"
MARKER = "msa_search.json"  # the last file that setting up writes

# QGIS sets these for its own Python, GDAL, PROJ and Qt; in the worker they lead to the wrong files.
_DROPPED = frozenset(
    (
        "PYTHONHOME",
        "PYTHONPATH",
        "PYTHONEXECUTABLE",
        "PYTHONUNBUFFERED",  # a print before the worker claims its wire would land on it
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "QT_PLUGIN_PATH",
    )
)
_DROPPED_PREFIXES = ("GDAL_", "PROJ_")


class WorkerNotSetUp(WorkerMissing):
    """No worker is named, and the plugin has built none."""


class WorkerUnfinished(WorkerMissing):
    """The environment of the plugin was begun and not finished."""

    kind = "worker_unfinished"


@dataclass(frozen=True)
class Launch:
    """A program that exists, its arguments and the whole environment it gets."""

    program: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Host:
    """Where the plugin runs: the process environment, the profile's folder, the kind of system."""

    environ: Mapping[str, str]
    profile_folder: Path
    windows: bool = os.name == "nt"


def managed_environment(profile_folder: Path) -> Path:
    """The folder of the worker environment that the plugin installs."""
    return profile_folder / "msa_search" / "env"


def find_worker(command: str, host: Host) -> Launch:
    """The worker of the settings' `command`, else of the environment variable, else the managed one.

    Raises:
        WorkerMissing: there is no such program.
        WorkerNotSetUp: none is named, and none was built.
        WorkerUnfinished: the managed one is half built.
    """
    words = split_command(command or host.environ.get(COMMAND_VARIABLE, ""), host.windows)
    if not words:
        words = [str(_finished_program(host)), "worker"]
    environment = clean_environment(host.environ)
    program = shutil.which(words[0], path=host.environ.get("PATH"))
    if program is None:
        raise WorkerMissing(f"The worker's program is not there: {words[0]}")
    # Not resolved: the Python of a virtual environment is a link, and finds its packages by the link's place.
    return Launch(os.path.abspath(program), tuple(words[1:]), environment)


def split_command(command: str, windows: bool) -> list[str]:
    """The words of a command line; a mere program (its path may hold spaces) is told to be a worker."""
    command = command.strip()
    if Path(command.strip('"')).is_file():
        return [command.strip('"'), "worker"]
    lexer = shlex.shlex(command, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.commenters = True, ""
    if windows:
        lexer.escape = ""
    try:
        return list(lexer)
    except ValueError as error:
        raise WorkerMissing(f"The worker's command has an open quotation: {command}") from error


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without what QGIS set for itself; the worker's log is UTF-8 everywhere."""
    kept = {
        name: value
        for name, value in environ.items()
        if name.upper() not in _DROPPED and not name.upper().startswith(_DROPPED_PREFIXES)
    }
    return {**kept, "PYTHONIOENCODING": "utf-8"}


def managed_program(environment: Path, windows: bool) -> Path:
    """The worker's program in an environment, whether it exists or not."""
    return environment / "Scripts" / "msa.exe" if windows else environment / "bin" / "msa"


def _finished_program(host: Host) -> Path:
    environment = managed_environment(host.profile_folder)
    if environment.is_dir() and not (environment / MARKER).is_file():
        raise WorkerUnfinished(f"The worker's environment is only half built: {environment}")
    program = managed_program(environment, host.windows)
    if not program.is_file():
        raise WorkerNotSetUp("The worker is not set up yet.")
    return program


TAIL_LINES = 200
LONGEST_LINE = 4096


def crash_of(exit_code: int, crashed: bool, tail: str) -> MsaError:
    """The error for a child that ended without being asked to."""
    how = f"crashed (code {exit_code})" if crashed else f"ended with exit code {exit_code}"
    last = tail.rstrip().rpartition("\n")[2].strip()
    said = f"; its last words: {last[:200]}" if last else ""
    return MsaError.of("worker_died", f"The worker {how}{said}.", tail)


class StderrTail:
    """The last lines that a child wrote to its standard error."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=TAIL_LINES)
        self._rest = b""

    def feed(self, chunk: bytes) -> list[str]:
        """The lines that `chunk` completes; a line without end is cut at `LONGEST_LINE` bytes."""
        *whole, self._rest = (self._rest + chunk).replace(b"\r", b"\n").split(b"\n")
        while len(self._rest) > LONGEST_LINE:
            whole.append(self._rest[:LONGEST_LINE])
            self._rest = self._rest[LONGEST_LINE:]
        lines = [line[:LONGEST_LINE].decode("utf-8", "replace") for line in whole if line.strip()]
        self._lines.extend(lines)
        return lines

    def text(self) -> str:
        """All that is kept, with an unfinished last line."""
        rest = [self._rest.decode("utf-8", "replace")] if self._rest.strip() else []
        return "\n".join([*self._lines, *rest])


# Programs that run a command elsewhere, or in a file system of its own.
_ELSEWHERE = frozenset(("ssh", "plink", "mosh", "docker", "podman", "kubectl", "srun", "wsl"))


class Probe:
    """A file under a name that nobody else can have; `path` is empty where none can be made."""

    def __init__(self, folder: Path) -> None:
        self._file: Optional[Path] = folder / f"probe-{uuid.uuid4().hex}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file.touch(exist_ok=False)
        except OSError:
            self._file = None

    @property
    def path(self) -> Optional[str]:
        """What to ask the worker for."""
        return str(self._file.absolute()) if self._file is not None else None

    def remove(self) -> None:
        """Take the file away again."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.unlink()
        self._file = None


def looks_remote(program: str) -> bool:
    """A guess by the program's name, until the worker has said where it runs."""
    return Path(program).stem.lower() in _ELSEWHERE
