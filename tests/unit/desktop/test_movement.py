"""When a wait for QGIS is given up."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from tests.desktop.movement import Movement, children_ticks

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="reads /proc")


def test_what_stands_still_is_over_after_the_patience() -> None:
    movement = Movement(os.getpid(), 0.1)
    assert not movement.is_over("same")
    time.sleep(0.2)
    assert movement.is_over("same")


def test_another_state_is_movement() -> None:
    movement = Movement(os.getpid(), 0.1)
    for state in range(3):
        assert not movement.is_over(state)
        time.sleep(0.2)


def test_a_child_that_computes_is_movement() -> None:
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as child:
        before = children_ticks(os.getpid()).get(str(child.pid), 0)
        while children_ticks(os.getpid())[str(child.pid)] <= before:
            time.sleep(0.05)
        child.kill()
