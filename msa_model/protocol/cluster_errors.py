"""Failures of work that is spread over several machines; `errors` lists them with all others."""

from __future__ import annotations

from msa_model.protocol.errors import MsaError


class SchedulerUnreachable(MsaError):
    """There is no Dask scheduler at the address, or it went away."""

    kind = "scheduler_unreachable"
    remedy = "Check the address and that 'dask scheduler' runs there; the same command again goes on."


class ClusterWorkerDiffers(MsaError):
    """A machine of the cluster has another version of MSA Search, another model, or none."""

    kind = "cluster_worker_differs"
    remedy = "Install the same version and model on every machine, then start its 'dask worker' again."


class NotShared(MsaError):
    """A machine of the cluster does not see a file, or sees another one under that name."""

    kind = "not_shared"
    remedy = "Let every machine reach the folder under the same path, or use an address such as /vsis3/…"


class ClusterWorkersLost(MsaError):
    """The machines of the cluster end, one after the other, or none is there."""

    kind = "cluster_workers_lost"
    remedy = "Look at the workers' logs, start them again, and repeat the command: what is done is kept."
