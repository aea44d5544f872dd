"""The stages of a backbone that are not trained."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from msa_model.model.network import ImageTower
from msa_model.model.transform import ImageTransform
from msa_model.research.train.precision import Precision
from msa_model.research.train.stages import Cut


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
