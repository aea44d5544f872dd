"""The size of a step and the count of what is done."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from msa_model.jobs.pace import STEP_SECONDS, Pace, StepSize


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
    pace = Pace(sum(steps))
    reports = [pace.progress(), *map(pace.advance, steps)]
    assert reports[0].seconds_left is None
    assert [report.total for report in reports] == [sum(steps)] * len(reports)
    assert reports[-1].done == sum(steps)
    if steps:
        assert reports[-1].rate > 0
        assert reports[-1].seconds_left == 0
