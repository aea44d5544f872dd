from __future__ import annotations

import threading

import pytest

from msa_model.jobs.steps import BatchWriter, StageTimes
from msa_model.protocol.errors import DiskFull
from msa_model.protocol.plan_parts import STAGES


def test_batches_are_written_in_order_one_behind_and_all_of_them_at_the_end() -> None:
    written: list[int] = []
    with BatchWriter(StageTimes()) as writer:
        counts = [writer.write(tiles, lambda tiles=tiles: written.append(tiles)) for tiles in (3, 5, 7)]  # type: ignore[misc]
        assert [*counts, writer.finish(), writer.finish()] == [0, 3, 5, 7, 0]
    assert written == [3, 5, 7]


def test_the_next_batch_is_made_while_one_is_written() -> None:
    goes_on = threading.Event()
    with BatchWriter(StageTimes()) as writer:
        assert writer.write(3, goes_on.wait) == 0  # returns, though nothing is written yet
        goes_on.set()
        assert writer.finish() == 3


def test_what_was_begun_is_written_when_the_scan_is_stopped() -> None:
    written: list[int] = []

    def stopped() -> None:
        with BatchWriter(StageTimes()) as writer:
            writer.write(3, lambda: written.append(3))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert written == [3]


def test_a_failure_to_write_ends_the_scan_before_another_batch_is_begun() -> None:
    written: list[int] = []

    def fail() -> None:
        raise DiskFull("There is no room left.")

    def scanned() -> None:
        with BatchWriter(StageTimes()) as writer:
            writer.write(3, fail)
            writer.write(5, lambda: written.append(5))

    with pytest.raises(DiskFull):
        scanned()
    assert written == []


def test_the_stage_that_took_longest_limits_the_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter((0.0, 1.0, 2.0, 2.0, 8.0, 8.0, 9.5, 10.0))
    monkeypatch.setattr("msa_model.jobs.steps.time.monotonic", lambda: next(now))
    clock = StageTimes()
    assert clock.timed("reading", lambda: "pixels") == "pixels"
    assert list(clock.each("encoding", iter(("vectors",)))) == ["vectors"]
    profile = clock.profile()
    assert [getattr(profile, stage) for stage in STAGES] == [1.0, 0.0, 7.5, 0.0]
    assert (profile.limit, profile.share) == ("encoding", 0.75)
