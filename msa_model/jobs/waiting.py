"""Waiting for slow reading without holding up whoever else wants something."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_END = object()


def with_pauses(items: Generator[Item, None, None], seconds: float) -> Generator[Item | None, None, None]:
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


def aside(work: Callable[[], Result], seconds: float) -> Generator[None, None, Result]:
    """The result of work that is done in a thread of its own; yields each time that it takes longer.

    Closing does not wait: the work goes on unheard, and holds up no exit.
    """
    done: Future[Result] = Future()
    threading.Thread(target=_fulfil, args=(done, work), name="aside", daemon=True).start()
    while not wait([done], seconds).done:
        yield
    return done.result()


def _fulfil(done: Future[Result], work: Callable[[], Result]) -> None:
    try:
        done.set_result(work())
    except BaseException as error:
        done.set_exception(error)
