"""Work done ahead in threads, a bounded number of steps before its consumer."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Job = TypeVar("Job")
Done = TypeVar("Done")


def prefetched(
    jobs: Iterable[Job], work: Callable[[Job], Done], *, threads: int = 2, ahead: int = 2
) -> Generator[Done, None, None]:
    """Yield work(job) in order; at most `ahead` results wait. Closing it waits for what is running."""
    pending: deque[Future[Done]] = deque()
    queue = iter(jobs)
    pool = ThreadPoolExecutor(threads, thread_name_prefix="reader")
    try:
        pending.extend(pool.submit(work, job) for job in islice(queue, ahead))
        while pending:
            done = pending.popleft().result()
            pending.extend(pool.submit(work, job) for job in islice(queue, 1))
            yield done
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
