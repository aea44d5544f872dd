"""The way to a Dask scheduler, and what its failures mean to a user."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from msa_model.cluster.tasks import A_MACHINE, Expected, check, sees
from msa_model.protocol.errors import BadArgument, MsaError
from msa_model.protocol.redaction import redacted

_ADDRESS = re.compile(r"(?:tcp|tls)://(?:[\w.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):(?P<port>\d{1,5})", re.ASCII)
_MOST_PORT = 2**16 - 1
_SECONDS = 10  # until there is no scheduler, or no worker
_SILENT_SECONDS = 120  # until one that was there is given up: importing torch for a first task it is silent
_SHOWN = 80  # characters of an address that is none
_GONE = ("CommClosedError", "FutureCancelledError", "ClosedClientError", "CancelledError")


@dataclass(frozen=True)
class Cluster:
    """A scheduler with workers that have the same version and model as this machine."""

    client: Any  # distributed.Client
    expected: Expected

    @property
    def workers(self) -> int:
        """How many there are now."""
        return len(self.client.nthreads())

    def check_seen(self, rasters: Sequence[str]) -> None:
        """Whether every machine opens the rasters.

        Raises:
            not_shared: one does not.
        """
        for worker, missing in self.client.run(sees, list(rasters)).items():
            if missing:
                raise MsaError.of("not_shared", f"The machine {worker} does not see {missing[0]}.")

    def check_alive(self) -> None:
        """Whether anybody is there to work.

        Raises:
            cluster_workers_lost: nobody is, and nobody comes.
        """
        try:
            self.client.wait_for_workers(1, timeout=_SECONDS)
        except TimeoutError as error:
            raise MsaError.of(
                "cluster_workers_lost", "There is no 'dask worker' at the scheduler."
            ) from error


@contextmanager
def connected(address: str, expected: Expected) -> Iterator[Cluster]:
    """The cluster behind a scheduler's address.

    Raises:
        BadArgument, part_missing: the address is none, or Dask is not installed.
        scheduler_unreachable: nobody answers, or no longer, or another server does.
        cluster_workers_lost: there are no workers, or they end one after the other.
        cluster_worker_differs: a worker has another version or model.
    """
    found = _ADDRESS.fullmatch(address)
    if found is None or not 0 < int(found["port"]) <= _MOST_PORT:
        raise BadArgument(
            f"The scheduler's address must look like tcp://host:8786, not '{redacted(address)[:_SHOWN]}'."
        )
    if find_spec("distributed") is None:
        raise MsaError.of(
            "part_missing", 'Work on several machines needs Dask: python -m pip install "msa-model[cluster]"'
        )
    distributed = import_module("distributed")
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what it logs is said in a sentence here
    with _answering(address):
        import_module("distributed.utils").LoopRunner().run_sync(_greet, address)
    with named(address):
        client = distributed.Client.__new__(distributed.Client)
        try:  # the garbage collector would close one that reaches nobody in the midst of another's start
            with _answering(address):
                distributed.Client.__init__(client, address, timeout=_SECONDS)
            with _listened_to(client, address):
                cluster = Cluster(client, expected)
                cluster.check_alive()
                _check_workers(cluster)
                yield cluster
        finally:
            client.close(timeout=_SECONDS)


@contextmanager
def _listened_to(client: Any, address: str) -> Iterator[None]:  # noqa: ANN401  (distributed.Client)
    """Give up a scheduler that is there and says nothing more: Dask's client would wait for it for ever.

    Raises:
        scheduler_unreachable: it has been silent for long.
    """
    over, silent = threading.Event(), threading.Event()
    listener = threading.Thread(target=_listen, args=(client, over, silent), daemon=True)
    listener.start()
    try:
        yield
    except Exception as error:
        if silent.is_set():
            text = f"The scheduler at {address} has said nothing for {_SILENT_SECONDS} s."
            raise MsaError.of("scheduler_unreachable", text) from error
        raise
    finally:
        over.set()


def _listen(client: Any, over: threading.Event, silent: threading.Event) -> None:  # noqa: ANN401
    while not over.wait(_SECONDS):
        try:
            client.sync(client.scheduler.echo, data=0, callback_timeout=_SILENT_SECONDS)
        except TimeoutError:
            silent.set()
            with suppress(Exception):  # whoever waits for an answer is told that there is none
                client.close(timeout=_SECONDS)
            return
        except Exception:  # Dask's client connects again, unless it is closed
            if client.status in {"closed", "closing"}:
                return


async def _greet(address: str) -> None:
    """Exchange Dask's first words with the server: the client would wait for them for ever."""
    distributed = import_module("distributed")
    options = distributed.Security().get_connection_args("client")
    greeted = distributed.comm.connect(address, timeout=_SECONDS, **options)
    comm = await distributed.utils.wait_for(greeted, 2 * _SECONDS)
    comm.abort()


@contextmanager
def _answering(address: str) -> Iterator[None]:
    """Name what Dask raises at words that are not its own: what it fails at depends on the bytes.

    Raises:
        scheduler_unreachable: another server is there, or one that says nothing.
    """
    try:
        with named(address):
            yield
    except MsaError:
        raise
    except TimeoutError as error:
        text = f"The scheduler at {address} takes a connection, but says nothing."
        raise MsaError.of("scheduler_unreachable", text) from error
    except Exception as error:
        text = f"The server at {address} is no Dask scheduler, or one of another version."
        raise MsaError.of("scheduler_unreachable", text) from error


@contextmanager
def named(address: str) -> Iterator[None]:
    """Name what Dask raises; errors as of `connected`."""
    try:
        yield
    except MsaError:
        raise
    except Exception as error:
        kind = type(error).__name__
        if kind == "KilledWorker":
            raise MsaError.of(
                "cluster_workers_lost", "Machine after machine ended in the middle of a part."
            ) from error
        if kind in _GONE or (isinstance(error, OSError) and address in str(error)):
            raise MsaError.of(
                "scheduler_unreachable", f"The scheduler at {address} does not answer."
            ) from error
        if isinstance(error, TypeError) and "ssl_context" in str(error):
            raise BadArgument(
                "tls:// needs certificates in Dask's configuration (distributed.comm.tls)."
            ) from error
        if isinstance(error, UnicodeError):
            raise BadArgument(f"{address} names no host.") from error
        raise


def _check_workers(cluster: Cluster) -> None:
    """Whether every machine has the version and the model.

    Where the package is missing or another, Dask tells in many ways that it cannot read the task.

    Raises:
        cluster_worker_differs: one has not, by its address.
    """
    for worker, found in cluster.client.run(check, cluster.expected, on_error="return").items():
        if isinstance(found, MsaError):
            raise MsaError.of(found.kind, found.sentence.replace(A_MACHINE, f"The machine {worker}", 1))
        if found is not None:
            raise MsaError.of(
                "cluster_worker_differs",
                f"The machine {worker} has another MSA Search than this one ({cluster.expected.version}), or "
                "none.",
            ) from (found if isinstance(found, Exception) else None)
