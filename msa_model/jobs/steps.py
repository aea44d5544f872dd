"""Long jobs without a server: taken to their end in one go."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

from msa_model.protocol.messages import Progress

Result = TypeVar("Result")


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
