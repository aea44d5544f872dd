"""What an engine leaves behind that crashes the process which uses it, for the next start. Imports no torch.

While the engine computes, Python's handler of fatal signals writes to a file. A process that is killed, or
ends in any other way, writes nothing there.
"""

from __future__ import annotations

import faulthandler
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from msa_model.model.engines.stages import Stages

_SUFFIX, _MOST_CHARACTERS = ".crash", 100_000
_FATAL = re.compile(r"^(?:Fatal Python error|Windows fatal exception): (?P<why>[^\n]+)$", re.MULTILINE)
_CRASHED_THREAD = re.compile(
    r"^Current thread .*?(?=^Thread |^Current thread's C|\Z)", re.MULTILINE | re.DOTALL
)


class NotedStages:
    """Stages whose crash the next start will know of, by a file."""

    def __init__(self, stages: Stages, note: Path) -> None:
        self.name = stages.name
        self._stages, self._note = stages, note

    def __call__(self, images: Tensor) -> list[Tensor]:
        """As of `Stages`."""
        with crash_noted(self._note):
            return self._stages(images)


def note_beside(record: Path, engine: str) -> Path:
    """The file that tells of an engine's crash, beside the record of a measurement."""
    return record.with_name(f"{record.stem}-{engine.replace(':', '-')}{_SUFFIX}")


@contextmanager
def crash_noted(note: Path) -> Iterator[None]:
    """Should the process crash in the block, the file tells of it, if it can be written."""
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        file = note.open("a", encoding="utf-8")
    except OSError:
        yield
        return
    usual = faulthandler.is_enabled()
    with file:
        faulthandler.enable(file)
        try:
            yield
        finally:
            faulthandler.enable(sys.__stderr__) if usual and sys.__stderr__ else faulthandler.disable()


def crash_told(note: Path) -> str:
    """How the engine crashed ("illegal instruction"); empty where it did not, or something else did."""
    try:
        with note.open(encoding="utf-8", errors="replace") as file:
            text = file.read(_MOST_CHARACTERS)
    except OSError:
        return ""
    fatal, thread = _FATAL.search(text), _CRASHED_THREAD.search(text)
    if fatal is None or (thread is not None and Path(__file__).name not in thread[0]):
        return ""
    why = fatal["why"]
    return why[:1].lower() + why[1:80]


def forget_crash(note: Path) -> None:
    """Empty the file, which another process may have open."""
    with suppress(OSError):
        note.write_bytes(b"")
