"""What is known about a worker that has gone: its exit code and its last words."""

from __future__ import annotations

from collections import deque

from msa_model.protocol.errors import MsaError

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
