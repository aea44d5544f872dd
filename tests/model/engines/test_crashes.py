"""An engine that crashes the process which uses it is known at the next start."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from msa_model.model.checkpoint import checkpoint_identity
from msa_model.model.encoder import Encoder
from msa_model.model.engines.choosing import chosen_engine
from msa_model.model.engines.crashes import crash_told, forget_crash
from msa_model.model.engines.record import Record, circumstances, crash_note, read_record, write_record
from msa_model.protocol.models import ENGINE_VARIABLE, Trial

FLOAT, INT8 = "torch-float32", "openvino-int8"
SLOW, FAST = Trial(FLOAT, 10.0, 1.0), Trial(INT8, 40.0, 0.99)
CRASH = "Fatal Python error: Illegal instruction\n\n"
IN_ENGINE = """Current thread 0x1 (most recent call first):
  File "/x/openvino/_ov_api.py", line 1 in infer
  File "/x/msa_model/model/engines/crashes.py", line 30 in __call__
"""
ELSEWHERE = """Thread 0x1 (most recent call first):
  File "/x/msa_model/model/engines/crashes.py", line 30 in __call__

Current thread 0x2 (most recent call first):
  File "/x/rasterio/__init__.py", line 1 in read
"""
OF_A_LIBRARY = ELSEWHERE.replace("Current thread", "Thread")


@pytest.fixture(autouse=True)
def about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """What the record of the shipped model holds for, in a cache of its own: both engines run here."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.setenv(ENGINE_VARIABLE, "auto")
    found = circumstances(checkpoint_identity()[1], 1)
    write_record(found, Record((SLOW, FAST)))
    return found


def died(engine: str, how: signal.Signals) -> int:
    command = [sys.executable, "-m", "tests.model.engines.crashing_in_use", engine, str(int(how))]
    return subprocess.run(command, env=os.environ | {"OMP_NUM_THREADS": "1"}, check=False).returncode


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("how", "told"), [(signal.SIGILL, "illegal instruction"), (signal.SIGSEGV, "segmentation fault")]
)
def test_torch_runs_from_the_start_after_a_crash_and_that_is_said_once(
    how: signal.Signals, told: str, about: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("openvino")
    assert died("auto", how) == -how
    with caplog.at_level(logging.WARNING):
        encoder = Encoder.load(None, "cpu", 1, "auto")
        assert encoder.engine == FLOAT
    assert f"'{INT8}' cannot be used: it crashed while it was in use ({told})." in encoder.engine_note
    assert encoder.engine_note in caplog.text
    again = Encoder.load(None, "cpu", 1, "auto")
    assert (again.engine, again.engine_note) == (FLOAT, "")
    named = Encoder.load(None, "cpu", 1, INT8)
    assert named.engine.startswith("torch")
    assert "it crashed while it was in use" in named.engine_note
    assert [warning.kind for warning in named.engine_warnings] == ["engine_crashed", "runs_on_torch"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_engine_whose_process_was_killed_is_used_again(about: tuple[str, ...]) -> None:
    pytest.importorskip("openvino")
    assert died("auto", signal.SIGKILL) == -signal.SIGKILL
    record = read_record(about)
    assert record is not None
    assert record.fastest() == INT8


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ""),
        (CRASH + IN_ENGINE, "illegal instruction"),
        (CRASH + OF_A_LIBRARY, "illegal instruction"),
        (CRASH + ELSEWHERE, ""),
        ("Windows fatal exception: access violation\n\n" + IN_ENGINE, "access violation"),
        ("something else", ""),
    ],
    ids=["nothing", "engine", "thread of a library", "reader", "Windows", "no crash"],
)
def test_a_crash_counts_where_the_engine_worked(text: str, told: str, tmp_path: Path) -> None:
    note = tmp_path / "a.crash"
    note.write_text(text)
    assert crash_told(note) == told
    forget_crash(note)
    assert crash_told(note) == ""


def test_what_cannot_be_used_is_told_once_in_the_choice_of_the_fastest(about: tuple[str, ...]) -> None:
    crash_note(about, INT8).write_text(CRASH + IN_ENGINE)
    first, second = (chosen_engine("auto", Path(), checkpoint_identity()[1], 1) for _ in range(2))
    assert (first.name, second) == (FLOAT, type(second)(FLOAT))
    assert "illegal instruction" in first.note
