"""From pixels to the network's input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from msa_model.model.config import ImageConfig

SYMMETRIES = 8  # of a square


@dataclass(frozen=True)
class ImageTransform:
    """Resize to `size` px square (antialiased), then (x - mean) / std per channel."""

    size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    filter: Literal["bilinear", "bicubic"] = "bilinear"

    @classmethod
    def of(cls, config: ImageConfig) -> ImageTransform:
        """The transform that the image tower expects."""
        return cls(config.size, config.mean, config.std)

    def __call__(self, pixels: NDArray[np.uint8], device: str = "cpu") -> Tensor:
        """RGB pixels uint8 [n, h, w, 3] to float32 [n, 3, size, size], channels last in memory."""
        return self.normalise(self.resize(pixels), device)

    def resize(self, pixels: NDArray[np.uint8]) -> Tensor:
        """RGB pixels uint8 [n, h, w, 3] to uint8 [n, 3, size, size], on the CPU whatever the device."""
        images = torch.from_numpy(np.require(pixels, requirements=["C", "W"])).permute(0, 3, 1, 2)
        if images.shape[2:] != (self.size, self.size):
            images = interpolate(images, size=(self.size, self.size), mode=self.filter, antialias=True)
        return images

    def fit(self, images: Tensor) -> Tensor:
        """Images float32 [n, 3, h, w] from 0 to 255, on any device, to the network's input on the same."""
        if images.shape[2:] != (self.size, self.size):
            images = interpolate(images, size=(self.size, self.size), mode=self.filter, antialias=True)
        return self.normalise(images.clone(), str(images.device))

    def normalise(self, images: Tensor, device: str = "cpu") -> Tensor:
        """Images uint8 [n, 3, size, size] to float32 on a device, channels last in memory."""
        shift, scale = (torch.tensor(v, device=device).view(1, 3, 1, 1) for v in (self.mean, self.std))
        images = images.to(device).to(torch.float32, memory_format=torch.channels_last)
        return images.sub_(shift).div_(scale)


def symmetry_of(number: int) -> tuple[int, bool]:
    """One of a square's eight symmetries: so many quarter turns, then mirrored or not."""
    return number % 4, number >= SYMMETRIES // 2


def in_symmetry(pixels: NDArray[np.uint8], number: int) -> NDArray[np.uint8]:
    """Pixels [h, w, 3] in a symmetry."""
    turns, mirrored = symmetry_of(number)
    turned = np.rot90(pixels, turns)
    return np.ascontiguousarray(turned[:, ::-1] if mirrored else turned)
