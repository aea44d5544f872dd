"""The worker process: takes the wire, shakes hands, loads the model, serves, ends.

Nothing heavy is imported before the greeting, so that it comes within a second; nothing reads the wire while
imports run on the main thread; the main thread then computes, and only then the reader thread starts.
The worker yields to QGIS: it computes when nobody else wants the processor, unless the environment says that
this machine is there for it.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from msa_model.jobs.threads import wait_passively
from msa_model.protocol.codec import to_wire
from msa_model.protocol.errors import MsaError, ProtocolError
from msa_model.protocol.messages import Initialize
from msa_model.protocol.redaction import RedactingFormatter
from msa_model.protocol.rpc import FAILED, READY, Notification, Request, failure_of
from msa_model.worker.drawings import Drawings
from msa_model.worker.handshake import shake_hands
from msa_model.worker.inbox import Inbox, StreamEnd, report_broken_stream, start_reader
from msa_model.worker.server import Methods, Server, named
from msa_model.worker.wire import Channel, claim_wire

_NICENESS, _NICEST = 10, 19
_BELOW_NORMAL_PRIORITY_CLASS = 0x4000
PRIORITY_VARIABLE = "MSA_SEARCH_PRIORITY"  # "normal" for a worker that yields to nobody


def lower_priority() -> None:
    """Lowers this process; on Linux, where a niceness belongs to a thread, every thread that it has."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415  (only there)

        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL_PRIORITY_CLASS)
    else:
        niceness = min(_NICEST, os.getpriority(os.PRIO_PROCESS, 0) + _NICENESS)
        for thread in _threads():
            with suppress(ProcessLookupError):  # it has just ended
                os.setpriority(os.PRIO_PROCESS, thread, niceness)


def _threads() -> list[int]:
    """Ids of this process's threads; 0, the process, where the system does not list them."""
    tasks = Path("/proc/self/task")
    return [int(task.name) for task in tasks.iterdir()] if tasks.is_dir() else [0]


EXIT_FAILED = 70  # sysexits' EX_SOFTWARE

_log = logging.getLogger(__name__)


def run() -> NoReturn:
    """Serves the parent process over stdin and stdout; never returns."""
    channel = Channel(claim_wire())
    _log_to_stderr()
    _leave(_live(channel))


def _live(channel: Channel) -> int:
    try:
        asked = shake_hands(channel)
        return 0 if asked is None else _serve(channel, asked)
    except ProtocolError as error:
        report_broken_stream(channel, error)
        return StreamEnd.BROKEN.exit_code
    except BrokenPipeError:
        _log.warning("QGIS does not listen any more.")
        return 0
    except KeyboardInterrupt:
        return 130
    except BaseException:
        _log.exception("The worker has failed")
        return EXIT_FAILED


def _serve(channel: Channel, asked: Initialize) -> int:
    wait_passively()
    methods = _load(channel, asked)
    if os.environ.get(PRIORITY_VARIABLE) != "normal":
        lower_priority()  # from here on; somebody waits for the loading
    inbox = Inbox()
    drawings = Drawings(channel.send)
    start_reader(channel, inbox, drawings.settle)
    return Server(channel, inbox, drawings, methods).serve()


def _load(channel: Channel, asked: Initialize) -> Methods:
    try:
        from msa_model.worker.handlers import load_model  # noqa: PLC0415  (numpy, rasterio, torch)

        ready, methods = load_model(asked)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # Rust's panics are no Exception
        reason = named(error, "Loading the model")
        channel.send(Notification(FAILED, to_wire(failure_of(None, reason).error)))
        return WithoutModel(reason)
    channel.send(Notification(READY, to_wire(ready)))
    return methods


def _log_to_stderr() -> None:
    faulthandler.enable()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def _leave(code: int) -> NoReturn:
    """Ends without waiting for the threads of libraries: every index is closed by now."""
    logging.shutdown()
    sys.stderr.flush()
    os._exit(code)


class WithoutModel:
    """Refuses every request with the error that kept the model from loading."""

    def __init__(self, reason: MsaError) -> None:
        self._reason = reason

    def knows(self, method: str) -> bool:
        """Every method is refused for the same reason."""
        return True

    def answer(self, request: Request) -> NoReturn:
        """Raises the reason."""
        raise self._reason

    def is_long(self, method: str) -> bool:
        """Nothing gets as far as a first step."""
        return False

    def is_brief(self, method: str) -> bool:
        """Nothing gets as far as a first step."""
        return False

    def steps(self, request: Request, draw: object) -> NoReturn:
        """Raises the reason."""
        raise self._reason
