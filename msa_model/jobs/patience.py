"""Waiting for slow reading without holding up whoever else wants something."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

Item = TypeVar("Item")

_END = object()


def patiently(items: Generator[Item, None, None], seconds: float) -> Generator[Item | None, None, None]:
    """The items of a generator that runs in a thread of its own; None each time that one takes longer.

    Closing does not wait for the item under way: its generator is closed when that is done.
    """
    pool = ThreadPoolExecutor(1, thread_name_prefix="tiles")
    try:
        pending = pool.submit(next, items, _END)
        while True:
            wait([pending], seconds)
            if not pending.done():
                yield None
                continue
            item = pending.result()
            if item is _END:
                return
            pending = pool.submit(next, items, _END)
            yield item  # type: ignore[misc]
    finally:
        pool.submit(items.close)
        pool.shutdown(wait=False)
