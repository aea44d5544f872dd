"""A backbone cut in two: what stays frozen, and what is trained after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from msa_model.model.backbone import FeatureStages
from msa_model.protocol.errors import BadArgument


@dataclass(frozen=True)
class Cut:
    """Blocks of a backbone in order: `stages[k]` make stage k + 1 out of what comes before.

    The first `frozen` stages are set apart, and the first `blocks` blocks of the stage after them.
    """

    stages: tuple[tuple[nn.Module, ...], ...]
    frozen: int
    blocks: int

    def before(self, images: Tensor) -> tuple[list[Tensor], Tensor]:
        """Images to the maps of the frozen stages, and to what the trained blocks start from."""
        maps = _run(self.stages[: self.frozen], images)
        start = maps[-1] if maps else images
        for block in self._partly():
            start = block(start)
        return maps, start

    def after(self, start: Tensor) -> list[Tensor]:
        """The start to the maps of the stages that are not frozen."""
        return _run(self._trained_stages(), start)

    def trained_blocks(self) -> list[nn.Module]:
        """The blocks after the cut, in order."""
        return [block for stage in self._trained_stages() for block in stage]

    def frozen_blocks(self) -> list[nn.Module]:
        """The blocks before the cut, in order."""
        return [*(block for stage in self.stages[: self.frozen] for block in stage), *self._partly()]

    def _partly(self) -> Sequence[nn.Module]:
        return self.stages[self.frozen][: self.blocks] if self.frozen < len(self.stages) else ()

    def _trained_stages(self) -> list[Sequence[nn.Module]]:
        own = list(self.stages[self.frozen :])
        return [own[0][self.blocks :], *own[1:]] if own else []


def cut_backbone(backbone: FeatureStages, frozen: int, blocks: int, size: int) -> Cut:
    """A backbone for images of `size` px, cut after `frozen` stages and `blocks` blocks of the next.

    Raises:
        BadArgument: its blocks do not follow each other (a vision transformer's, for instance), or the stage
            has no so many.
    """
    cut = Cut(tuple(tuple(stage) for stage in _stages(backbone.net)), frozen, blocks)
    if not _same_function(cut, backbone, size):
        raise BadArgument(
            "The stages of this backbone cannot be run one after the other, which 'msa train' needs: "
            "choose one whose stages follow each other, such as a MobileNet, ResNet or ConvNeXt."
        )
    counts = [len(stage) for stage in cut.stages]
    if frozen > len(counts) or blocks >= (*counts, 1)[frozen]:
        raise BadArgument(f"The stages of this backbone have {counts} blocks: freeze fewer.")
    return cut


def _run(stages: Sequence[Sequence[nn.Module]], x: Tensor) -> list[Tensor]:
    maps = []
    for blocks in stages:
        for block in blocks:
            x = block(x)
        maps.append(x)
    return maps


def _stages(net: nn.Module) -> Iterator[list[nn.Module]]:
    ends = [name.replace(".", "_") for name in net.feature_info.module_name()]  # type: ignore[union-attr, operator]
    blocks: list[nn.Module] = []
    for name, layer in _layers(net, ends):
        blocks += layer if type(layer) is nn.Sequential else [layer]
        if name in ends:
            yield blocks
            blocks = []


def _layers(net: nn.Module, ends: Sequence[str]) -> Iterator[tuple[str, nn.Module]]:
    """The layers of a net by name; a container of stages is opened."""
    for name, child in net.named_children():
        if name not in ends and any(end.startswith(f"{name}_") for end in ends):
            yield from ((f"{name}_{inner}", layer) for inner, layer in child.named_children())
        else:
            yield name, child


@torch.no_grad()
def _same_function(cut: Cut, backbone: FeatureStages, size: int) -> bool:
    weights = next(backbone.parameters())
    image = torch.linspace(-1, 1, 3 * size * size).reshape(1, 3, size, size).to(weights)
    try:
        found = _run(cut.stages, image)
    except (RuntimeError, TypeError):
        return False
    expected = backbone(image)
    return len(found) == len(expected) and all(map(_close, found, expected))


def _close(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and torch.allclose(one, other, rtol=1e-3, atol=1e-3)
