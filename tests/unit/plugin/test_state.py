from __future__ import annotations

import pytest

from msa_model.protocol.errors import WorkerDied, WorkerMissing
from qgis_msa_plugin.worker.state import Lifecycle, RestartAllowance, WorkerState


def test_the_usual_life_of_a_worker() -> None:
    life = Lifecycle()
    assert life.state is WorkerState.STOPPED
    assert life.enter(WorkerState.MISSING, WorkerMissing("gone"))
    for state in (WorkerState.STARTING, WorkerState.READY, WorkerState.STARTING, WorkerState.FAILED):
        assert life.enter(state)
    assert life.enter(WorkerState.STOPPED)


def test_the_same_state_again_is_no_change_unless_for_another_reason() -> None:
    life = Lifecycle()
    assert not life.enter(WorkerState.STOPPED)
    life.enter(WorkerState.STARTING)
    first, second = WorkerDied("first"), WorkerDied("second")
    assert life.enter(WorkerState.FAILED, first)
    assert not life.enter(WorkerState.FAILED, first)
    assert life.enter(WorkerState.FAILED, second)
    assert life.error is second


@pytest.mark.parametrize("state", [WorkerState.READY, WorkerState.FAILED])
def test_a_stopped_worker_cannot_jump(state: WorkerState) -> None:
    with pytest.raises(ValueError, match="stopped cannot become"):
        Lifecycle().enter(state)


def test_leaving_a_state_forgets_why_it_was_entered() -> None:
    life = Lifecycle()
    life.enter(WorkerState.MISSING, WorkerMissing("gone"))
    life.enter(WorkerState.STARTING)
    assert life.error is None


def test_one_restart_per_period() -> None:
    allowance = RestartAllowance(period_s=300)
    assert allowance.grant(1000.0)
    assert not allowance.grant(1299.0)
    assert allowance.grant(1300.0)
    assert not allowance.grant(1301.0)
