import threading

import pytest

from msa_model.raster.tiles import prefetched


def test_results_come_in_order_and_only_so_many_wait() -> None:
    begun = []

    def work(job: int) -> int:
        begun.append(job)
        return job * job

    for count, result in enumerate(prefetched(range(50), work, threads=3, ahead=4)):
        assert result == count * count
        assert len(begun) <= count + 1 + 4
    assert len(begun) == 50


def test_a_failure_reaches_the_consumer_in_its_turn() -> None:
    def work(job: int) -> int:
        if job == 3:
            raise KeyError(job)
        return job

    results = prefetched(range(10), work)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(KeyError):
        next(results)


def test_nothing_is_begun_once_the_consumer_leaves() -> None:
    begun = []
    gate = threading.Event()

    def work(job: int) -> int:
        begun.append(job)
        gate.wait(0.05)
        return job

    results = prefetched(range(1000), work, threads=2, ahead=3)
    next(results)
    results.close()
    assert len(begun) <= 1 + 3 + 2
