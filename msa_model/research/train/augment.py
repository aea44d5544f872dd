"""Augmentation for images seen from above, on any device; the cached, fresh and resident paths share it."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, interpolate

from msa_model.measure.dataset import read_pixels
from msa_model.model.transform import SYMMETRIES, symmetry_of

Pixels = NDArray[np.uint8]
GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601
COARSER = (0.75, 0.5, 0.35)  # of the pixels a side that a coarser view keeps


@dataclass(frozen=True)
class Augmentation:
    """What an image may become; images from above have no up, so all eight symmetries are as likely.

    `crop` bounds the side of a crop as a share of the image's: objects grow by its inverse at most, and keep
    to sizes that they have within the range of ground sample distances that a data set covers. Crops,
    colours and a coarser ground sample distance are drawn for the shares `crop_share`, `colour_share` and
    `coarse_share` of the views; factors are 1 ± the value, `cast` is that of each channel by itself.
    """

    symmetries: bool = True
    crop: tuple[float, float] = (0.65, 1.0)
    crop_share: float = 0.7
    colour_share: float = 0.6
    brightness: float = 0.2
    contrast: float = 0.2
    saturation: float = 0.3
    cast: float = 0.0
    coarse_share: float = 0.0


@dataclass(frozen=True)
class View:
    """One view: the crop's `side` and centre (`x`, `y` from -1 to 1) in the image, and what is done to it.

    `colour` holds the factors of brightness, saturation and contrast; `cast` those of red, green and blue.
    """

    symmetry: int = 0
    side: float = 1.0
    x: float = 0.0
    y: float = 0.0
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0)
    cast: tuple[float, float, float] = (1.0, 1.0, 1.0)
    kept: float = 1.0


def draw_view(draw: random.Random, options: Augmentation) -> View:
    """One of the views that `options` allow."""
    side = draw.uniform(*options.crop) if draw.random() < options.crop_share else 1.0
    x, y = (draw.uniform(side - 1, 1 - side) for _ in range(2))
    colour = cast = (1.0, 1.0, 1.0)
    if draw.random() < options.colour_share:
        brightness, saturation, contrast = (
            draw.uniform(1 - spread, 1 + spread)
            for spread in (options.brightness, options.saturation, options.contrast)
        )
        red, green, blue = (draw.uniform(1 - options.cast, 1 + options.cast) for _ in range(3))
        colour, cast = (brightness, saturation, contrast), (red, green, blue)
    kept = draw.choice(COARSER) if draw.random() < options.coarse_share else 1.0
    return View(draw.randrange(SYMMETRIES) if options.symmetries else 0, side, x, y, colour, cast, kept)


def render(images: Tensor, views: Sequence[View]) -> Tensor:
    """Images uint8 [n, 3, s, s], each in its view, uint8 [n, 3, s, s] on the same device."""
    matrices = torch.tensor([_matrix(view) for view in views], device=images.device)  # [n, 2, 3]
    grid = affine_grid(matrices, list(images.shape), align_corners=False)
    shown = grid_sample(images.float(), grid, padding_mode="reflection", align_corners=False)
    return _coarser(_recoloured(shown, views), views).round_().clamp_(0, 255).to(torch.uint8)


def _matrix(view: View) -> list[list[float]]:
    """From a place in the view to its place in the image, both from -1 to 1."""
    turns, mirrored = symmetry_of(view.symmetry)
    cos, sin = ((1, 0), (0, 1), (-1, 0), (0, -1))[turns]
    across = -view.side if mirrored else view.side
    return [[across * cos, -sin * view.side, view.x], [across * sin, cos * view.side, view.y]]


def _recoloured(images: Tensor, views: Sequence[View]) -> Tensor:
    """Brightness and cast, then saturation about each pixel's grey, then contrast about the mean grey."""

    def factors(values: Sequence[float] | Sequence[Sequence[float]]) -> Tensor:
        found = torch.tensor(values, device=images.device)
        return found.reshape(len(images), -1, 1, 1)

    grey = torch.tensor(GREY, device=images.device).view(1, 3, 1, 1)
    images = images * factors([view.colour[0] for view in views]) * factors([view.cast for view in views])
    level = (images * grey).sum(dim=1, keepdim=True)
    images = torch.lerp(level, images, factors([view.colour[1] for view in views]))
    mean = level.mean(dim=(2, 3), keepdim=True)
    return torch.lerp(mean, images, factors([view.colour[2] for view in views]))


def _coarser(images: Tensor, views: Sequence[View]) -> Tensor:
    side = images.shape[-1]
    for kept in sorted({view.kept for view in views} - {1.0}):
        rows = torch.tensor([i for i, view in enumerate(views) if view.kept == kept], device=images.device)
        small = interpolate(images[rows], size=max(1, round(side * kept)), mode="bilinear", antialias=True)
        images[rows] = interpolate(small, size=side, mode="bilinear")
    return images


def scene_of(paths: Sequence[Path]) -> Pixels:
    """The images at side² `paths`, brought to the first one's size, as a grid of side × side, row by row.

    Raises:
        DatasetUnreadable: an image cannot be decoded.
    """
    side = math.isqrt(len(paths))
    first, *others = (read_pixels(path) for path in paths)
    cells = [first, *(_fit(pixels, first.shape) for pixels in others)]
    rows = [np.concatenate(cells[row * side : (row + 1) * side], axis=1) for row in range(side)]
    return np.concatenate(rows)


def _fit(pixels: Pixels, shape: tuple[int, ...]) -> Pixels:
    if pixels.shape == shape:
        return pixels
    return np.asarray(Image.fromarray(pixels).resize((shape[1], shape[0]), Image.Resampling.BILINEAR))
