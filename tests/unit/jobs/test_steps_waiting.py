"""A slow generator neither holds up its consumer nor loses an item."""

from __future__ import annotations

import threading
from collections.abc import Generator
from itertools import islice

import pytest

from msa_model.jobs.steps import with_pauses


def test_items_come_whole_and_in_order_with_none_while_one_is_waited_for() -> None:
    go_on = threading.Event()

    def slow() -> Generator[int, None, None]:
        yield 1
        go_on.wait(10)
        yield 2

    items = with_pauses(slow(), 0.01)
    assert next(items) == 1
    assert list(islice(items, 3)) == [None, None, None]
    go_on.set()
    assert [item for item in items if item is not None] == [2]


def test_an_error_reaches_the_consumer() -> None:
    def broken() -> Generator[int, None, None]:
        yield 1
        raise ValueError("damaged")

    items = with_pauses(broken(), 1)
    assert next(items) == 1
    with pytest.raises(ValueError, match="damaged"):
        next(items)


def test_closing_does_not_wait_but_closes_the_generator_in_the_end() -> None:
    go_on, closed = threading.Event(), threading.Event()

    def slow() -> Generator[int, None, None]:
        try:
            go_on.wait(600)
            yield 1
        finally:
            closed.set()

    items = with_pauses(slow(), 0.01)
    assert next(items) is None
    items.close()
    assert not closed.is_set()
    go_on.set()
    assert closed.wait(600)
