"""Steps of long jobs: waiting for what takes its time, and taking all of them in one go."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeVar

from msa_model.jobs.waiting import aside
from msa_model.protocol.messages import Progress
from msa_model.raster.source import Readable

Result = TypeVar("Result")

_WAIT_SECONDS = 0.1


def outcome(steps: Generator[Progress, None, Result]) -> Result:
    """Takes all steps; errors as of the job."""
    try:
        while True:
            next(steps)
    except StopIteration as end:
        result: Result = end.value
        return result
    finally:
        steps.close()


def reading(source: Readable, work: Callable[[], Result]) -> Generator[Progress, None, Result]:
    """The result of reading, which of a drawn layer is waited for as in `looking`."""
    return (yield from looking(work)) if source.is_drawn else work()


def looking(work: Callable[[], Result]) -> Generator[Progress, None, Result]:
    """The result of looking at a raster in a thread of its own; reports that it is under way meanwhile.

    A slow file then holds up no other request, and looking at it can be cancelled.
    """
    steps = aside(work, _WAIT_SECONDS)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: Result = end.value
            return result
        yield Progress.at(0, 0)
