"""The set-up as commands to run, each with what came of the one before; runs nothing itself.

uv fetches PyTorch's own builds, for the processor or for the driver of the graphics card. Where it cannot,
or where the user names an index or a folder of wheels, pip installs the same pins from there.

What is installed is compared with the hashes of its pins, but for PyTorch and what its builds for graphics
cards bring: each index has files of its own for a version of those. They come last, when all else is there.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Callable, Optional, Union

from msa_model.protocol.errors import MsaError
from qgis_msa_plugin.setup.environment import PROMPT, Environment, SetupFiles
from qgis_msa_plugin.setup.errors import failure_of
from qgis_msa_plugin.setup.interpreters import MANAGED, OLDEST

PROBE_S, INDEX_S = 20.0, 25.0
# Runs a module until its input ends: when QGIS is killed, pip must not go on behind the next set-up's back.
# What it has started goes with it.
_GUARDED = """
import os, runpy, signal, sys, threading
def end(*_):
    os.killpg(0, signal.SIGKILL)
def watch():
    while os.read(0, 1):
        pass
    end()
os.setpgid(0, 0)
signal.signal(signal.SIGTERM, end)
threading.Thread(target=watch, daemon=True).start()
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""
_LIBRARY_NAMES = "import torch; print(torch.__version__)"


class SetupStep(Enum):
    """The parts of the work, in their order."""

    PYTHON = "python"
    ENVIRONMENT = "environment"
    PACKAGES = "packages"
    TEXT_ENCODER = "text_encoder"
    ENGINE = "engine"
    VERIFY = "verify"


class Backend(Enum):
    """Which build of PyTorch is wanted."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


@dataclass(frozen=True)
class SetupChoice:
    """What the user decided; an empty `python` stands for one that uv provides."""

    python: str = ""
    uv: str = ""
    backend: Backend = Backend.AUTO
    index: str = ""
    wheels: Optional[Path] = None
    reinstall: bool = False


@dataclass(frozen=True)
class SetupCommand:
    """A program to run; it may fail if it is `optional`, and is ended after `limit_s` seconds."""

    step: SetupStep
    program: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    limit_s: Optional[float] = None
    optional: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and what it printed last."""

    code: int
    output: str = ""


@dataclass(frozen=True)
class FileWork:
    """Work on files that takes too long for the GUI thread; its outcome is 0, or 1 and the reason."""

    step: SetupStep
    work: Callable[[], None]


Task = Union[SetupCommand, FileWork]
Run = Generator[Task, Outcome, Outcome]


def build(
    environment: Environment, setup_files: SetupFiles, choice: SetupChoice
) -> Generator[Task, Outcome, str]:
    """All that leads to an environment, but for its verification.

    Returns:
        The version of PyTorch that was installed.

    Raises:
        setup_failed: a command failed that must not.
        python_missing: the interpreter does not do.
    """
    tools = _Tools(environment, setup_files, choice)
    yield from _must(FileWork(SetupStep.ENVIRONMENT, environment.begin))
    yield from _make_environment(environment, choice)
    yield from _must(FileWork(SetupStep.ENVIRONMENT, environment.make_temporary))
    yield from tools.packages()
    yield from tools.pip(SetupStep.TEXT_ENCODER, *tools.hashed("text-encoder"))
    yield from tools.engine()
    said = yield from _must(
        SetupCommand(SetupStep.ENGINE, str(environment.python), ("-I", "-c", _LIBRARY_NAMES))
    )
    return said.output.strip().rpartition("\n")[2]


def index_environment(choice: SetupChoice, cache: Path) -> dict[str, str]:
    """Where pip looks for packages, as variables.

    Addresses may hold passwords, and everybody on the computer sees command lines.
    """
    found = {
        "PIP_CACHE_DIR": str(cache / "pip"),
        "UV_CACHE_DIR": str(cache / "uv"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "PIP_PROGRESS_BAR": "off",
        "PYTHONNOUSERSITE": "1",
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(cache / "temporary")),  # the system's is often small
    }
    first, *more = choice.index.split() or [""]
    if first:
        found["PIP_INDEX_URL"], found["PIP_EXTRA_INDEX_URL"] = first, " ".join(more)
    if choice.wheels is not None:
        found["PIP_NO_INDEX"], found["PIP_FIND_LINKS"] = "1", choice.wheels.resolve().as_uri()
    return found


def _make_environment(environment: Environment, choice: SetupChoice) -> Generator[Task, Outcome, None]:
    folder, python = str(environment.folder), str(environment.python)
    asked = ("-I", "-m", "pip", "--version")
    alive = yield SetupCommand(SetupStep.ENVIRONMENT, python, asked, limit_s=PROBE_S, optional=True)
    if alive.code == 0 and not choice.reinstall:
        return
    base = choice.python
    if not base:
        base = yield from _managed_python(choice.uv)
    # `--clear` empties only this folder: an environment whose Python is gone cannot be mended.
    yield from _must(
        SetupCommand(SetupStep.ENVIRONMENT, base, _module("venv", "--prompt", PROMPT, "--clear", folder))
    )


def _managed_python(uv: str) -> Generator[Task, Outcome, str]:
    if not uv:
        raise MsaError.of(
            "python_missing", f"There is no Python {OLDEST[0]}.{OLDEST[1]} or newer on this computer."
        )
    yield from _must(SetupCommand(SetupStep.PYTHON, uv, ("python", "install", MANAGED)))
    said = yield from _must(
        SetupCommand(SetupStep.PYTHON, uv, ("python", "find", "--managed-python", MANAGED))
    )
    return said.output.strip().rpartition("\n")[2].strip()


class _Tools:
    """pip and uv of one environment."""

    def __init__(self, environment: Environment, setup_files: SetupFiles, choice: SetupChoice) -> None:
        self._environment, self._setup_files, self._choice = environment, setup_files, choice
        self._variables = index_environment(choice, environment.cache)

    def pip(self, step: SetupStep, *arguments: str, optional: bool = False) -> Run:
        """`pip install` of this environment."""
        words = _module("pip", "install", *arguments)
        command = SetupCommand(step, str(self._environment.python), words, self._variables, optional=optional)
        return (yield command) if optional else (yield from _must(command))

    def hashed(self, name: str) -> tuple[str, ...]:
        """What makes pip install a list that holds all packages and their hashes, and nothing else."""
        return ("--require-hashes", "--no-deps", "-r", self._setup_files.pin(f"locked/{name}"))

    def packages(self) -> Generator[Task, Outcome, None]:
        """The pinned packages, and the build of PyTorch that is wanted."""
        yield from self.pip(SetupStep.PACKAGES, *self.hashed("worker"))
        if not (yield from self._by_uv()):
            yield from self.pip(SetupStep.PACKAGES, *self._torch())

    def engine(self) -> Generator[Task, Outcome, None]:
        """This project's own package, from the plugin's folder."""
        folder = self._environment.engine
        yield from _must(FileWork(SetupStep.ENGINE, lambda: self._setup_files.put_together(folder)))
        offline = ("--no-index", "--no-deps", "--no-build-isolation", "--force-reinstall")
        yield from self.pip(SetupStep.ENGINE, *offline, str(folder))

    def _by_uv(self) -> Generator[Task, Outcome, bool]:
        if self._choice.index or self._choice.wheels is not None:
            return False
        brought = yield from self.pip(SetupStep.PACKAGES, *self.hashed("setup"), optional=True)
        if brought.code != 0:
            return False
        backend = yield from self._backend()
        quick = {"UV_HTTP_TIMEOUT": "8", "UV_HTTP_RETRIES": "0"}
        trial = ("--dry-run", "--reinstall", "--no-deps", "-r", self._setup_files.pin("torch"))
        answers = yield self._uv(backend, trial, quick, limit_s=INDEX_S)
        if answers.code != 0:
            return False
        done = yield self._uv(backend, self._torch(), {})
        return done.code == 0

    def _backend(self) -> Generator[Task, Outcome, str]:
        if self._choice.backend is not Backend.AUTO:
            return "auto" if self._choice.backend is Backend.CUDA else "cpu"
        seen = yield nvidia_probe(SetupStep.PACKAGES)
        return "auto" if has_nvidia(seen) else "cpu"

    def _uv(
        self, backend: str, arguments: tuple[str, ...], extra: Mapping[str, str], limit_s: float = 0.0
    ) -> SetupCommand:
        python = self._environment.python
        uv = python.with_name("uv.exe" if os.name == "nt" else "uv")
        words = ("pip", "install", "--no-progress", "--python", str(python), "--torch-backend", backend)
        variables = {**self._variables, **extra}
        return SetupCommand(
            SetupStep.PACKAGES, str(uv), (*words, *arguments), variables, limit_s or None, optional=True
        )

    def _torch(self) -> tuple[str, ...]:
        return ("-c", self._setup_files.pin("constraints"), "-r", self._setup_files.pin("torch"))


def nvidia_probe(step: SetupStep) -> SetupCommand:
    """Ask the driver whether there is a graphics card of NVIDIA."""
    return SetupCommand(step, "nvidia-smi", ("-L",), limit_s=PROBE_S, optional=True)


def has_nvidia(outcome: Outcome) -> bool:
    """Whether the driver knows of one."""
    return outcome.code == 0 and "GPU" in outcome.output


def _module(*words: str) -> tuple[str, ...]:
    # On Windows a thread that waits for a pipe can block the loading of libraries.
    return ("-I", "-m", *words) if os.name == "nt" else ("-I", "-c", _GUARDED, *words)


def _must(task: Task) -> Run:
    outcome = yield task
    if outcome.code != 0:
        raise failure_of(_shown(task), outcome.code, outcome.output)
    return outcome


def _shown(task: Task) -> str:
    if isinstance(task, FileWork):
        return task.step.value
    words = [word for word in task.arguments if "\n" not in word and word not in ("-I", "-c", "-m")]
    return " ".join((Path(task.program).name, *words[:4]))
