"""One training image with its texts, and the pictures that a view of it is made of."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Sample:
    """One image: its `captions`, the `phrases` of its class, and how small images are put into scenes.

    `alike` are the training images of its class in the same data set, `source` is that set's file.
    With `cells` it is no image of its own but a grid of side × side, each cell drawn from its images.
    """

    path: Path
    captions: tuple[str, ...]
    label: str
    phrases: tuple[str, ...] = ()
    alike: tuple[Path, ...] = ()
    grids: tuple[int, ...] = (1,)
    source: str = ""
    cells: tuple[tuple[Path, ...], ...] = ()


def draw_cells(sample: Sample, draw: random.Random) -> list[Path]:
    """The images of a view of a sample: its own, or the cells of a grid of side × side, row by row."""
    if sample.cells:
        return [draw.choice(images) for images in sample.cells]
    grid = draw.choice(sample.grids)
    return [sample.path, *(draw.choice(sample.alike) for _ in range(grid * grid - 1))]


def generator_of(sample: Sample, view: str) -> random.Random:
    """What draws a view of a sample: the same for the same name of the view."""
    return random.Random(f"{sample.source}:{sample.path.name}:{view}")  # noqa: S311  # nosec B311  (no secret)
