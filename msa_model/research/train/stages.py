"""A backbone cut in two: what stays frozen, and what is trained after it.

The stages of a backbone that are not trained.
Strided depthwise convolutions whose gradient a CPU can afford.

oneDNN's input gradient of a strided depthwise convolution takes some 50 times as long as its forward pass,
and the weight gradient of a 5 × 5 one 25 to 45 times (docs/training.md). On the CPU, strided ones run at
stride 1 and are then sampled, which is the same function, and depthwise filters stay as initialised.
In which number format layers run during training.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d

from msa_model.model.backbone import FeatureStages
from msa_model.model.device import has_bfloat16
from msa_model.model.network import ImageTower
from msa_model.model.transform import ImageTransform
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


@dataclass(frozen=True)
class Precision:
    """Mixed precision of a device; weights, losses and optimiser stay in float32."""

    device: str
    bfloat16: bool

    @classmethod
    def choose(cls, wanted: str, device: str) -> Precision:
        """As wanted; "auto" is bfloat16 where the device computes with it."""
        kind = device.partition(":")[0]
        return cls(kind, has_bfloat16(device) if wanted == "auto" else wanted == "bfloat16")

    def __call__(self) -> AbstractContextManager[None]:
        """The context that layers run in."""
        context: AbstractContextManager[None] = torch.autocast(
            self.device, torch.bfloat16, enabled=self.bfloat16
        )
        return context


@dataclass(frozen=True)
class Start:
    """Where training sets in for n images: `pooled` [n, Σ c_k] of the frozen stages, and `maps` [n, c, h, w].

    The maps are those after the last frozen block, or the images themselves if none is frozen.
    """

    pooled: Tensor
    maps: Tensor

    def to(self, device: torch.device) -> Start:
        """The same on a device."""
        maps = self.maps.to(device, memory_format=torch.channels_last)
        return Start(self.pooled.to(device), maps)


class FrozenStages:
    """The stages before the cut, without gradients."""

    def __init__(self, tower: ImageTower, cut: Cut, transform: ImageTransform, precision: Precision) -> None:
        self.transform = transform
        self._tower, self._cut, self._precision = tower, cut, precision
        self._device = next(tower.parameters()).device

    def __call__(self, images: Tensor, side: int = 1) -> Start:
        """Images uint8 [n, 3, s, s], seen in scenes of `side` × `side` of them, to where training sets in."""
        images = stitch(self.transform.normalise(images, str(self._device)), side)
        with torch.no_grad(), self._precision():
            maps, start = self._cut.before(images)
        pooled = pool_stages([cells_of(stage.float(), side) for stage in maps], 0, len(self._tower.means))
        none = images.new_zeros(len(images) * side**2, 0)
        return Start(torch.cat([none, *pooled], dim=1), cells_of(start, side))

    @property
    def sha256(self) -> str:
        """Of the frozen weights and of how they are run."""
        digest = hashlib.sha256(f"{self._cut.frozen} {self._cut.blocks} {self._precision}".encode())
        for block in self._cut.frozen_blocks():
            for name, tensor in block.state_dict().items():
                digest.update(name.encode() + tensor.cpu().numpy().tobytes())
        return digest.hexdigest()


def pool_stages(maps: Sequence[Tensor], first: int, count: int) -> list[Tensor]:
    """Maps [n, c_k, h_k, w_k] of the stages from number `first` on to scales s_k [n, c_k].

    The last of all `count` stages is averaged, of the others the maxima are taken.
    """
    return [
        stage.mean(dim=(2, 3)) if k == count - 1 else stage.amax(dim=(2, 3))
        for k, stage in enumerate(maps, start=first)
    ]


def stitch(maps: Tensor, side: int) -> Tensor:
    """Maps [n · side², c, h, w] to scenes of side × side of them, row by row [n, c, side · h, side · w]."""
    if side == 1:
        return maps
    count, channels, height, width = maps.shape
    grid = maps.reshape(count // side**2, side, side, channels, height, width)
    scenes = grid.permute(0, 3, 1, 4, 2, 5).reshape(-1, channels, side * height, side * width)
    return scenes.contiguous(memory_format=torch.channels_last)


def cells_of(scenes: Tensor, side: int) -> Tensor:
    """The reverse of `stitch`, for maps of any stage whose height and width `side` divides."""
    if side == 1:
        return scenes
    count, channels, height, width = scenes.shape
    grid = scenes.reshape(count, channels, side, height // side, side, width // side)
    return grid.permute(0, 2, 4, 1, 3, 5).reshape(-1, channels, height // side, width // side)


class SampledDepthwise(nn.Module):
    """A strided depthwise convolution as one of stride 1, of which every stride-th value is kept.

    With "same" padding (timm's `Conv2dSame`), ⌊p/2⌋ of p = max((⌈h/s⌉ - 1) s + k - h, 0) rows are put above
    the image: the kept rows start at (k - 1)/2 - ⌊p/2⌋. With symmetric padding they start at 0.
    """

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.weight, self.bias = conv.weight, conv.bias
        self._kernel, self._stride = _square(conv.kernel_size), _square(conv.stride)
        self._same = type(conv).__name__ == "Conv2dSame"
        self._padding = self._kernel // 2 if self._same else _square(cast(tuple[int, ...], conv.padding))

    def forward(self, x: Tensor) -> Tensor:
        """Maps [n, c, h, w] to [n, c, ⌈h/s⌉, ⌈w/s⌉]."""
        full = conv2d(x, self.weight, self.bias, 1, self._padding, 1, x.shape[1])
        top, left = (self._offset(side) for side in x.shape[2:])
        return full[:, :, top :: self._stride, left :: self._stride]

    def _offset(self, side: int) -> int:
        if not self._same:
            return 0
        padding = max((-(-side // self._stride) - 1) * self._stride + self._kernel - side, 0)
        return self._kernel // 2 - padding // 2


def ease_depthwise(net: nn.Module) -> None:
    """Make, in place, the depthwise convolutions of `net` cheap to train through on a CPU."""
    for parent in list(net.modules()):
        for name, conv in list(parent.named_children()):
            if isinstance(conv, nn.Conv2d) and conv.groups == conv.in_channels > 1:
                conv.weight.requires_grad = False
                if _can_be_sampled(conv):
                    setattr(parent, name, SampledDepthwise(conv))


def _can_be_sampled(conv: nn.Conv2d) -> bool:
    shapes = (conv.kernel_size, conv.stride, conv.dilation)
    square = all(len(set(shape)) == 1 for shape in shapes) and isinstance(conv.padding, tuple)
    odd = conv.kernel_size[0] % 2 == 1
    return (
        square and odd and conv.stride[0] > 1 and conv.dilation[0] == 1 and conv.out_channels == conv.groups
    )


def _square(shape: tuple[int, ...]) -> int:
    return shape[0]
