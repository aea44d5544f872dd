"""Prepare what comes next while something is at work on what is there."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Asked = TypeVar("Asked")
Made = TypeVar("Made")


def read_ahead(asked: Iterable[Asked], make: Callable[[Asked], Made], ahead: int = 2) -> Iterator[Made]:
    """`make` of each in order, made by one thread up to `ahead` early."""
    with ThreadPoolExecutor(max_workers=1) as maker:
        waiting: deque[Future[Made]] = deque()
        try:
            for item in asked:
                waiting.append(maker.submit(make, item))
                if len(waiting) > ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
