"""A Dask scheduler and its workers, as somebody starts them in terminals, on this machine alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import pytest

Process = subprocess.Popen[str]

LOCAL = ("--host", "127.0.0.1", "--no-dashboard")


@dataclass
class Machines:
    """A scheduler and its workers, as somebody starts them in terminals."""

    folder: Path
    address: str = ""
    processes: list[Process] = field(default_factory=list)

    def start(self, module: str, *options: str, env: Mapping[str, str] = MappingProxyType({})) -> Process:
        command = [sys.executable, "-m", f"distributed.cli.{module}", *options, *LOCAL]
        env = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", **env}
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env, cwd=self.folder)
        self.processes.append(process)
        return process

    def start_scheduler(self) -> None:
        process = self.start("dask_scheduler", "--port", "0")
        assert process.stderr is not None
        for line in process.stderr:
            if "Scheduler at:" in line:
                self.address = line.split()[-1]
                return
        pytest.fail("the scheduler ended")

    def start_worker(self, **env: str) -> Process:
        alone = ("--nthreads", "1", "--no-nanny", "--local-directory", ".")
        process = self.start("dask_worker", self.address, *alone, env=env)
        assert process.stderr is not None
        for line in process.stderr:
            if "Registered to:" in line:
                return process
        pytest.fail("a worker ended")

    def end(self) -> None:
        for process in reversed(self.processes):
            process.kill()
            process.communicate()


@contextmanager
def running(folder: Path, workers: int = 1) -> Iterator[Machines]:
    """A scheduler with so many workers, until they are no longer wanted."""
    machines = Machines(folder)
    try:
        machines.start_scheduler()
        for _ in range(workers):
            machines.start_worker()
        yield machines
    finally:
        machines.end()
