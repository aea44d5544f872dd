"""The processes that train together: what `torchrun` started, or this one alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor
from torch.nn.functional import pad

from msa_model.model.text import TextStates
from msa_model.protocol.errors import BadArgument
from msa_model.research.train.trained_network import Pairs


@dataclass(frozen=True)
class ProcessRank:
    """This process is number `own` of `count`."""

    own: int = 0
    count: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process measures, logs and writes."""
        return self.own == 0

    def share(self, batch: int, scene: int) -> slice:
        """This process's part of a batch of which `scene` images stay together.

        Raises:
            BadArgument: the batch cannot be shared evenly.
        """
        if batch % (self.count * scene):
            raise BadArgument(f"A batch of {batch} cannot be shared by {self.count} processes: change it.")
        size = batch // self.count
        return slice(self.own * size, (self.own + 1) * size)

    def gather(self, pairs: Pairs) -> Pairs:
        """The pairs of all processes, in their order, with gradients to each."""
        if self.count == 1:
            return pairs
        states = pairs.states
        missing = _longest(states.tokens) - states.tokens.shape[1]
        tokens, mask = pad(states.tokens, (0, 0, 0, missing)), pad(states.mask, (0, missing))
        words = TextStates(_gather(tokens), _gather(mask.float()) > 0, _gather(states.sentences))
        scales = [_gather(scale) for scale in pairs.scales]
        return Pairs(_gather(pairs.images), _gather(pairs.texts), scales, words)

    @contextmanager
    def leader_first(self) -> Iterator[None]:
        """The first process runs the block alone, then the others do: they find what it left on disk."""
        if not self.leads:
            self.wait()
        yield
        if self.leads:
            self.wait()

    def wait(self) -> None:
        """Until all processes are here."""
        if self.count > 1:
            dist.barrier()


def local_device(wanted: str) -> str:
    """The device of this process: under `torchrun`, one GPU each."""
    number = os.environ.get("LOCAL_RANK")
    own = number is not None and wanted in ("auto", "cuda") and torch.cuda.is_available()
    return f"cuda:{number}" if own else wanted


@contextmanager
def joined(device: str) -> Iterator[ProcessRank]:
    """The processes that `torchrun` started, for as long as the block runs; without it, this one alone."""
    if "RANK" not in os.environ:
        yield ProcessRank()
        return
    cuda = device.startswith("cuda")
    if cuda:
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if cuda else "gloo")
    try:
        yield ProcessRank(dist.get_rank(), dist.get_world_size())
    finally:
        dist.destroy_process_group()


class _Gather(torch.autograd.Function):
    """Rows of all processes; the gradient of a row is summed over them."""

    @staticmethod
    def forward(ctx: Any, own: Tensor) -> Tensor:  # noqa: ANN401  (torch's context)
        ctx.rows = len(own)
        parts = [torch.empty_like(own) for _ in range(dist.get_world_size())]
        dist.all_gather(parts, own.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # noqa: ANN401
        total = gradient.contiguous()
        dist.all_reduce(total)
        start = dist.get_rank() * ctx.rows
        return total[start : start + ctx.rows]


def _gather(own: Tensor) -> Tensor:
    gathered: Tensor = _Gather.apply(own)  # type: ignore[no-untyped-call]
    return gathered


def _longest(tokens: Tensor) -> int:
    length = torch.tensor(tokens.shape[1], device=tokens.device)
    dist.all_reduce(length, dist.ReduceOp.MAX)
    return int(length)
