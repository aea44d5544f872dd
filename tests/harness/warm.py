"""Jobs in processes of their own, forked from one that has imported everything and holds the model.

Only the seconds before a job's first tile are shared; what is killed is a whole process.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from multiprocessing.forkserver import ensure_running
from pathlib import Path
from subprocess import TimeoutExpired
from typing import IO

from tests.present import present

_CONTEXT = multiprocessing.get_context("forkserver")
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # a fork takes no other thread along


@dataclass(frozen=True)
class Order:
    """`msa` with these words, in this environment, writing no file beyond so many bytes."""

    words: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    largest_file: int | None = None


@dataclass(frozen=True)
class Forked:
    """A process and pipes to its streams, as `subprocess.Popen` has them."""

    process: ForkServerProcess
    stdin: IO[bytes]
    stdout: IO[bytes]
    stderr: IO[bytes]

    @property
    def pid(self) -> int:
        """Its process id."""
        return present(self.process.pid)

    def kill(self) -> None:
        """SIGKILL, unless it has ended."""
        self.process.kill()

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status; `TimeoutExpired` if it still runs after so many seconds."""
        self.process.join(timeout)
        if self.process.exitcode is None:
            raise TimeoutExpired(self.process.name, timeout or 0)
        return self.process.exitcode


@dataclass(frozen=True)
class Server:
    """The warm process that jobs are forked from."""

    pid: int

    def fork(self, order: Order) -> Forked:
        """A process that does what is ordered."""
        (stdin, to_it), (from_it, stdout), (said, stderr) = os.pipe(), os.pipe(), os.pipe()
        its = (
            Connection(stdin, writable=False),
            Connection(stdout, readable=False),
            Connection(stderr, readable=False),
        )
        process = _CONTEXT.Process(target=_obey, args=(order, its))
        process.start()
        for end in its:
            end.close()
        return Forked(process, os.fdopen(to_it, "wb"), os.fdopen(from_it, "rb"), os.fdopen(said, "rb"))


def start_server(preloaded: Path | None) -> Server:
    """Start the process to fork from, once for all, with this library preloaded; it is warm then."""
    _CONTEXT.set_forkserver_preload(["pytest", f"{__package__}.warmed"])
    with _environment({**_ONE_THREAD, **({"LD_PRELOAD": str(preloaded)} if preloaded else {})}):
        ensure_running()
    ours, its = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=_tell_server, args=(its,))
    process.start()
    server = Server(ours.recv())
    process.join()
    return server


@contextmanager
def _environment(changed: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(changed)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _tell_server(told: Connection) -> None:
    assert f"{__package__}.warmed" in sys.modules, "The server could not be warmed."
    told.send(os.getppid())


def _obey(order: Order, streams: tuple[Connection, Connection, Connection]) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream.fileno(), number)
        stream.close()
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(n, "w" if n else "r", 1, closefd=False) for n in range(3))
    os.environ.update(order.environment)
    if order.largest_file is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order.largest_file, order.largest_file))
    sys.exit(import_module("msa_model.cli.main").main(order.words))
