"""Augmentation for images seen from above; the cached and the fresh path share it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

from msa_model.eval.dataset import read_pixels

Pixels = NDArray[np.uint8]
SYMMETRIES = 8  # of a square


@dataclass(frozen=True)
class Augmentation:
    """What an image may become; images from above have no up, so all eight symmetries are as likely.

    `crop` bounds the side of a crop as a share of the image's: objects grow by its inverse at most, and keep
    to sizes that they have within the range of ground sample distances that a data set covers. Crops and
    colours are drawn for the shares `crop_share` and `colour_share` of the views; factors are 1 ± the value.
    """

    symmetries: bool = True
    crop: tuple[float, float] = (0.65, 1.0)
    crop_share: float = 0.7
    colour_share: float = 0.6
    brightness: float = 0.2
    contrast: float = 0.2
    saturation: float = 0.3


def augment(pixels: Pixels, draw: random.Random, options: Augmentation) -> Pixels:
    """RGB pixels uint8 [h, w, 3] to a crop of them in other colours, turned and mirrored."""
    image = Image.fromarray(pixels)
    if draw.random() < options.crop_share:
        image = _crop(image, draw, options.crop)
    if draw.random() < options.colour_share:
        image = _recolour(image, draw, options)
    return symmetry(np.asarray(image), draw.randrange(SYMMETRIES) if options.symmetries else 0)


def symmetry(pixels: Pixels, number: int) -> Pixels:
    """One of a square's eight symmetries: `number % 4` quarter turns, then mirrored from 4 on."""
    turned = np.rot90(pixels, number % 4)
    return np.ascontiguousarray(turned[:, ::-1] if number >= SYMMETRIES // 2 else turned)


def scene_of_class(path: Path, alike: Sequence[Path], side: int, draw: random.Random) -> Pixels:
    """An image and `side`² - 1 drawn from `alike`, brought to its size, as a grid of `side` × `side`.

    Raises:
        DatasetUnreadable: an image cannot be decoded.
    """
    first = read_pixels(path)
    cells = [first] + [_fit(read_pixels(draw.choice(alike)), first.shape) for _ in range(side * side - 1)]
    rows = [np.concatenate(cells[row * side : (row + 1) * side], axis=1) for row in range(side)]
    return np.concatenate(rows)


def _fit(pixels: Pixels, shape: tuple[int, ...]) -> Pixels:
    if pixels.shape == shape:
        return pixels
    return np.asarray(Image.fromarray(pixels).resize((shape[1], shape[0]), Image.Resampling.BILINEAR))


def _crop(image: Image.Image, draw: random.Random, bounds: tuple[float, float]) -> Image.Image:
    share = draw.uniform(*bounds)
    width, height = (max(1, round(side * share)) for side in image.size)
    left, top = draw.randint(0, image.width - width), draw.randint(0, image.height - height)
    return image.crop((left, top, left + width, top + height))


def _recolour(image: Image.Image, draw: random.Random, options: Augmentation) -> Image.Image:
    for enhance, spread in (
        (ImageEnhance.Brightness, options.brightness),
        (ImageEnhance.Color, options.saturation),
        (ImageEnhance.Contrast, options.contrast),
    ):
        image = enhance(image).enhance(draw.uniform(1 - spread, 1 + spread))
    return image
