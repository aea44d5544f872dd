"""Exceptions of a job become named errors once, here."""

from __future__ import annotations

import logging

from msa_model.protocol.errors import MsaError, OutOfMemory, WorkerMissing

_log = logging.getLogger(__name__)


def named(error: Exception, job: str) -> MsaError:
    """The error to report for `job`; an unforeseen one is logged with its traceback."""
    if isinstance(error, MsaError):
        _log.info("%s: %s: %s", job, error.kind, error.sentence)
        return error
    _log.error("%s failed", job, exc_info=error)
    if isinstance(error, MemoryError):
        return OutOfMemory(f"There was not enough memory for {job}.")
    if isinstance(error, ImportError):
        return WorkerMissing(f"The worker's environment is incomplete: {error}.")
    return MsaError(f"{job} failed unexpectedly ({type(error).__name__}: {error}).")
