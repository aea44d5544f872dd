"""The size of a step and the count of what is done."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msa_model.jobs import steps as module
from msa_model.jobs.steps import STEP_SECONDS, ProgressMeter, StepSize
from msa_model.protocol.messages import Progress


@given(st.floats(0.1, 1e5))
def test_steps_soon_fit_their_time_whatever_the_machine(real: float) -> None:
    step = StepSize()
    for _ in range(40):
        step.adapt(step.tiles, step.tiles / real)
    assert step.tiles == 1 or step.tiles / real <= STEP_SECONDS
    assert step.tiles >= min(256, real * STEP_SECONDS / 2) - 1


def test_one_slow_step_makes_the_next_one_smaller() -> None:
    step = StepSize()
    for _ in range(40):
        step.adapt(step.tiles, step.tiles / 100)
    before = step.tiles
    step.adapt(before, 1.0)
    assert step.tiles <= before * STEP_SECONDS / 1.0


@given(st.lists(st.integers(1, 50), max_size=30))
def test_progress_counts_up_to_the_total(steps: list[int]) -> None:
    meter = ProgressMeter(sum(steps))
    reports = [meter.progress(), *map(meter.advance, steps)]
    assert reports[0].seconds_left is None
    assert [report.total for report in reports] == [sum(steps)] * len(reports)
    assert reports[-1].done == sum(steps)
    if steps:
        assert reports[-1].rate > 0
        assert reports[-1].seconds_left == 0


class StageTimes:
    """Stands for the machine's clock: it moves when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> StageTimes:
    clock = StageTimes()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.mark.parametrize("wait", [2.0, 8.0, 30.0, 60.0])
def test_blocks_that_a_server_sends_now_and_then_count_with_the_waiting_between(
    clock: StageTimes, wait: float
) -> None:
    meter = ProgressMeter(10_000)
    for _ in range(10):  # a block of 100 tiles, encoded in 1 s after a wait
        clock.now += wait
        for _ in range(10):
            clock.now += 0.1
            told = meter.advance(10)
    true = 9_000 / (100 / (wait + 1))
    assert told.seconds_left == pytest.approx(true, rel=0.35)


def test_the_time_left_grows_while_nothing_comes(clock: StageTimes) -> None:
    meter = ProgressMeter(100)
    clock.now += 1.0
    first = meter.advance(10)
    clock.now += 30.0
    later = meter.progress()
    assert first.seconds_left == pytest.approx(9.0)
    assert later.seconds_left == pytest.approx(279.0)


def test_the_rate_follows_a_machine_that_has_become_busy(clock: StageTimes) -> None:
    meter = ProgressMeter(10_000)
    for seconds in [0.1] * 50 + [1.0] * 50:  # 5 s at 100 tiles/s, then 50 s at 10
        clock.now += seconds
        told = meter.advance(10)
    assert told.rate == pytest.approx(10.0)


def test_the_progress_of_a_part_counts_what_was_done_before_it() -> None:
    part = replace(Progress.at(30, 60, rate=10.0, label="town.tif"), id=7)
    assert part.seconds_left == 3.0
    assert part.within(40, 100, "1 of 2") == Progress(7, 70, 100, 10.0, 3.0, "1 of 2")
    assert Progress.at(0, 5, label="x").within(2, 9) == Progress(0, 2, 9, 0.0, None)
