"""Exceptions of a job become named errors once, here."""

from __future__ import annotations

import logging

from msa_model.jobs.failures import known
from msa_model.protocol.errors import MsaError
from msa_model.protocol.rpc import shortened

_log = logging.getLogger(__name__)


def named(error: BaseException, job: str) -> MsaError:
    """The error to report for `job`; what is no named error yet is logged with its traceback."""
    if isinstance(error, MsaError):
        _log.info("%s: %s: %s", job, error.kind, shortened(error.sentence))
        return error
    _log.error("%s failed", job, exc_info=error)
    return known(error, job) or MsaError(f"{job} failed unexpectedly ({type(error).__name__}: {error}).")
