"""What there is to build with: Pythons, uv and a graphics card; asked one by one, without waiting.

Work on files beside the GUI thread.
"""

from __future__ import annotations

import os
import shutil
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, QObject, QThread

from qgis_msa_plugin.setup.commands import PROBE_S, Outcome, SetupCommand, SetupStep, has_nvidia, nvidia_probe
from qgis_msa_plugin.setup.interpreters import (
    PROBE,
    Interpreter,
    InterpreterSearch,
    candidates,
    find_uv,
    flaw_of,
    interpreter_of,
    usable,
)
from qgis_msa_plugin.setup.runner import Runner


@dataclass(frozen=True)
class Inventory:
    """What the inspection found; an empty `gpu` means that there is no card of NVIDIA."""

    interpreters: tuple[Interpreter, ...]
    flawed: tuple[Interpreter, ...] = ()
    uv: str = ""
    gpu: str = ""


def interpreter_search() -> InterpreterSearch:
    """Those of this QGIS."""
    return InterpreterSearch(os.environ, Path(QgsApplication.prefixPath()))


class Inspection(QObject):
    """`start` calls `done` once; `ask` looks at one program that the user named."""

    def __init__(self, around: InterpreterSearch, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._around = around
        self._runner = Runner({}, self)
        self._waiting: list[tuple[str, ...]] = []
        self._answers: list[Interpreter] = []
        self._done: Optional[Callable[[Inventory], None]] = None

    def start(self, done: Callable[[Inventory], None]) -> None:
        """Look at everything."""
        self.stop()
        self._done, self._answers = done, []
        self._waiting = candidates(self._around)
        self._next()

    def ask(self, program: str, done: Callable[[Optional[Interpreter]], None]) -> None:
        """Look at one program; nothing if it is no Python."""
        self.stop()
        words = (shutil.which(program) or program, "-I", "-c", PROBE)
        self._runner.run(_probe(words), lambda outcome: done(_answer(outcome)))

    def stop(self) -> None:
        """Ask no further."""
        self._runner.stop()
        self._waiting = []

    def _next(self) -> None:
        if not self._waiting:
            self._runner.run(nvidia_probe(SetupStep.PYTHON), self._finish)
            return
        command = self._waiting.pop(0)
        self._runner.run(_probe((*command, "-I", "-c", PROBE)), self._take)

    def _take(self, outcome: Outcome) -> None:
        interpreter = _answer(outcome)
        if interpreter is not None:
            self._answers.append(interpreter)
        self._next()

    def _finish(self, outcome: Outcome) -> None:
        gpu = outcome.output.partition("\n")[0].partition(" (UUID")[0] if has_nvidia(outcome) else ""
        if self._done is not None:
            flawed = tuple(answer for answer in self._answers if flaw_of(answer) is not None)
            self._done(Inventory(tuple(usable(self._answers)), flawed, find_uv(self._around) or "", gpu))


def _probe(words: tuple[str, ...]) -> SetupCommand:
    return SetupCommand(SetupStep.PYTHON, words[0], words[1:], limit_s=PROBE_S, optional=True)


def _answer(outcome: Outcome) -> Optional[Interpreter]:
    return interpreter_of(outcome.output) if outcome.code == 0 else None


class FileWorkThread(QThread):
    """Runs `work` once; `told` gets its outcome in the GUI thread unless `forget` came before."""

    def __init__(self, work: Callable[[], None], told: Callable[[Outcome], None]) -> None:
        super().__init__(QCoreApplication.instance())
        self._work = work
        self._told: Optional[Callable[[Outcome], None]] = told
        self._outcome = Outcome(0)
        # A slot of an object of the GUI thread: it is called there.
        self._receiver = _Receiver(self._tell, self)
        self.finished.connect(self._receiver.call)

    def run(self) -> None:
        """The thread's body."""
        try:
            self._work()
        except OSError as error:
            self._outcome = Outcome(1, str(error))
        except Exception:  # a fault here must not end QGIS
            self._outcome = Outcome(1, traceback.format_exc())

    def forget(self) -> None:
        """Let it end by itself; its outcome is not told any more."""
        self._told = None

    def _tell(self) -> None:
        told, self._told = self._told, None
        if told is not None:
            told(self._outcome)
        self.deleteLater()


class _Receiver(QObject):
    def __init__(self, call: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._call = call

    def call(self) -> None:
        self._call()
