"""What may still be taken of memory: by limits of a real process, in a container of either version."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from msa_model.files import memory
from tests.refusals import raises_kind

MB = 1_000_000
ASK = "from msa_model.files.memory import free_memory; print(free_memory())"


@pytest.mark.skipif(sys.platform != "linux", reason="limits and what is taken are Linux's")
@pytest.mark.parametrize("limit", ["-d", "-v"])
def test_a_limit_of_the_process_counts_with_what_it_has_taken(limit: str) -> None:
    command = ["bash", "-c", f'ulimit {limit} 900000 && exec "$0" -c "$1"', sys.executable, ASK]
    told = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert 500 * MB < told < 900_000 * 1024


@pytest.mark.parametrize(
    ("first", "files"),
    [
        (True, {"memory.limit_in_bytes": "5000", "memory.usage_in_bytes": "3000"}),
        (False, {"memory.max": "5000", "memory.current": "3000"}),
    ],
)
def test_a_container_s_file_cache_is_free(tmp_path: Path, first: bool, files: dict[str, str]) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert list(memory._group(tmp_path, first)) == [2000]
    (tmp_path / "memory.stat").write_text("active_file 900\ninactive_file 700\n")
    assert list(memory._group(tmp_path, first)) == [2700]


def test_a_container_without_a_limit_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("3000\n")
    assert list(memory._group(tmp_path, first=False)) == []


def test_a_limit_of_any_group_above_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def nothing(folder: Path, _: bool) -> Iterator[int]:
        asked.append(str(folder))
        return iter(())

    monkeypatch.setattr(memory, "_group", nothing)
    monkeypatch.setattr(Path, "read_text", lambda _: "0::/job_1/step_0/task_0\n")
    assert list(memory._container()) == []
    above = ("/job_1/step_0/task_0", "/job_1/step_0", "/job_1", "")
    assert asked == [f"/sys/fs/cgroup{place}" for place in above]


def test_what_fits_is_not_refused_and_what_does_not_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_told", lambda: iter((3_000 * MB, 2_200 * MB)))
    memory.check_fits(2_000 * MB, "This", "do that")
    with raises_kind("not_enough_memory", match=r"^This takes 2\.05 GB of memory, and 2\.00 GB are free: do"):
        memory.check_fits(2_050 * MB, "This", "do that")


def test_where_nobody_can_tell_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_told", lambda: iter(()))
    memory.check_fits(10**15, "This", "do that")
