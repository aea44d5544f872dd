"""Measures the engines in a child process: one that crashes on this processor harms nobody."""

from __future__ import annotations

import importlib.util
import json
import logging
import signal
import subprocess  # nosec B404
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from msa_model.model.engines.record import Record, circumstances, read_record, write_record
from msa_model.protocol.codec import decoded
from msa_model.protocol.models import (
    OPENVINO_FLOAT32,
    OPENVINO_INT8,
    TORCH_BFLOAT16,
    TORCH_FLOAT32,
    Trial,
    is_openvino,
)
from msa_model.protocol.warning_table import EngineWarning

_TRIAL = "msa_model.model.engines.trial"
_MOST_SECONDS = 100.0  # of a child: QGIS waits for 120 s (its `worker/calls.py`)
_ALL = (
    TORCH_FLOAT32,
    TORCH_BFLOAT16,
    OPENVINO_FLOAT32,
    OPENVINO_INT8,
    f"{OPENVINO_INT8}:GPU",  # Intel's; without one, that is told at once
    f"{OPENVINO_INT8}:NPU",
)

_log = logging.getLogger(__name__)


def measured(folder: Path, sha256: str, threads: int | None, again: bool = False) -> Record:
    """The record of a checkpoint on this machine; measured, in some ten seconds, where there is none to keep.

    `again`: whatever the record says.
    """
    about = circumstances(sha256, threads)
    known = None if again else read_record(about)
    if known is not None and known.is_settled:
        return known
    _log.info("Measuring the engines, which takes some ten seconds.")
    record = Record(tuple(try_engines(folder, threads, _ALL))).or_quieter(known)
    write_record(about, record)
    return record


def try_engines(folder: Path, threads: int | None, names: Sequence[str]) -> list[Trial]:
    """A trial of each engine, in order; after a crash a new child goes on with the next one."""
    found: list[Trial] = []
    missing = [] if importlib.util.find_spec("openvino") else [name for name in names if is_openvino(name)]
    left = [name for name in names if name not in missing]
    while left:
        trials = _run(folder, threads, left)
        found += trials
        left = left[len(trials) :]
    return found + [
        Trial(name, fault="OpenVINO is not installed.", cause=EngineWarning("engine_missing", texts=(name,)))
        for name in missing
    ]


def _run(folder: Path, threads: int | None, names: Sequence[str]) -> list[Trial]:
    """The trials of one child, at least one; the last of them may be that it ended."""
    command = [sys.executable, "-m", _TRIAL, str(folder.absolute()), str(threads or 0), *names]
    try:
        done = subprocess.run(  # noqa: S603  # nosec B603
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_MOST_SECONDS,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        said, how = done.stdout, _how(done.returncode)
    except subprocess.TimeoutExpired as error:
        trials = list(_trials(error.stdout or b""))
        return [*trials, *map(_late, names[len(trials) :])]
    except OSError as error:
        return [Trial(name, fault=f"No process could be started to try it: {error}.") for name in names]
    trials = list(_trials(said))
    if len(trials) < len(names):
        name = names[len(trials)]
        cause = EngineWarning("engine_ended", texts=(name, how))
        trials.append(Trial(name, fault=f"It ended the process that tried it ({how}).", cause=cause))
    return trials


def _how(status: int) -> str:
    """What ended a process: 'illegal instruction' for the status -4."""
    told = signal.strsignal(-status) if status < 0 else None
    return (told or f"status {status}").lower()


def _late(name: str) -> Trial:
    late = f"It did not answer within {_MOST_SECONDS:.0f} seconds."
    return Trial(name, fault=late, share=0.0, cause=EngineWarning("engine_late", (_MOST_SECONDS,), (name,)))


def _trials(said: bytes) -> list[Trial]:
    found = []
    for line in said.decode("utf-8", errors="replace").splitlines():
        with suppress(ValueError):  # what a library prints
            found.append(decoded(Trial, json.loads(line)))
    return found
