"""Images on their way into the network: read and augmented anew at every step, or resident on the device."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate
from torch.utils.data import DataLoader, Dataset

from msa_model.measure.dataset import read_pixels
from msa_model.model.transform import ImageTransform
from msa_model.raster.tiles import prefetched
from msa_model.research.train.augment import Augmentation, View, draw_view, render
from msa_model.research.train.plan import Plan, Step
from msa_model.research.train.ranks import ProcessRank
from msa_model.research.train.samples import Sample, draw_cells, generator_of
from msa_model.research.train.stages import FrozenStages, Start
from msa_model.research.train.views import draw_views, upright


@dataclass(frozen=True)
class FreshViews:
    """Images without a cache, read by `workers` processes; seed and step tell what a view looks like."""

    stages: FrozenStages
    samples: Sequence[Sample]
    options: Augmentation
    workers: int
    seed: int
    count: int = 1

    def __len__(self) -> int:
        return len(self.samples)

    def starts(self, plan: Plan, first: int, ranks: ProcessRank) -> Iterator[tuple[Step, Start]]:
        """The steps from number `first` on, each with the start of this process's share of its images."""
        numbers = range(first, plan.steps)
        pixels = _StepPixels(self, plan, ranks)
        loader = DataLoader(pixels, batch_size=None, sampler=numbers, num_workers=self.workers)
        for number, images in zip(numbers, loader, strict=True):
            step = plan.step(number)
            yield step, self.stages(images, step.side)

    def start(self, rows: Sequence[int], views: Sequence[int]) -> Start:
        """What the trained layers start from, for upright images, whatever the views."""
        return self.stages(upright([self.samples[row] for row in rows], self.stages.transform))


class _StepPixels(Dataset[Tensor]):
    """Augmented images uint8 [n, 3, s, s] of each step: this process's share."""

    def __init__(self, views: FreshViews, plan: Plan, ranks: ProcessRank) -> None:
        self._plan, self._ranks, self._samples = plan, ranks, views.samples
        self._seed, self._how = views.seed, (views.options, views.stages.transform)

    def __len__(self) -> int:
        return self._plan.steps

    def __getitem__(self, number: int) -> Tensor:
        step = self._plan.step(number)
        own = self._ranks.share(len(step.rows), step.side**2)
        return draw_views(
            [self._samples[row] for row in step.rows[own]], f"{self._seed}:{number}", *self._how
        )


READERS = 16  # threads that decode


@dataclass(frozen=True)
class StepImages:
    """What a step shows: the images of every scene's cells by number, and the view of each scene."""

    cells: tuple[tuple[int, ...], ...]
    views: tuple[View, ...]


class ResidentViews:
    """All images of `samples` as uint8 [m, 3, s, s] on a device; seed and step tell what a view looks like.

    Raises:
        DatasetUnreadable: an image cannot be decoded.
    """

    count = 1

    def __init__(
        self, stages: FrozenStages, samples: Sequence[Sample], options: Augmentation, seed: int, device: str
    ) -> None:
        self._stages, self._samples, self._options, self._seed = stages, samples, options, seed
        paths = dict.fromkeys(path for sample in samples for path in _images(sample))
        self._place = {path: number for number, path in enumerate(paths)}
        self._pixels = decode(tuple(paths), stages.transform).to(device)

    def __len__(self) -> int:
        return len(self._samples)

    def starts(self, plan: Plan, first: int, ranks: ProcessRank) -> Iterator[tuple[Step, Start]]:
        """The steps from number `first` on, each with the start of this process's share of its images."""
        for step, shown in prefetched(
            range(first, plan.steps), lambda number: self._draw(plan, number, ranks), threads=1
        ):
            yield step, self._stages(render(self._scenes(shown.cells), shown.views), step.side)

    def start(self, rows: Sequence[int], views: Sequence[int]) -> Start:
        """What the trained layers start from, for whole images, whatever the views."""
        first = [tuple(self._place[images[0]] for images in _cells(self._samples[row])) for row in rows]
        return self._stages(self._scenes(first))

    def _draw(self, plan: Plan, number: int, ranks: ProcessRank) -> tuple[Step, StepImages]:
        step = plan.step(number)
        own = ranks.share(len(step.rows), step.side**2)
        cells, views = [], []
        for row in step.rows[own]:
            sample = self._samples[row]
            draw = generator_of(sample, f"{self._seed}:{number}")
            cells.append(tuple(self._place[path] for path in draw_cells(sample, draw)))
            views.append(draw_view(draw, self._options))
        return step, StepImages(tuple(cells), tuple(views))

    def _scenes(self, cells: Sequence[tuple[int, ...]]) -> Tensor:
        """Cells of scenes to the scenes, uint8 [n, 3, s, s]."""
        size, device = self._pixels.shape[-1], self._pixels.device
        scenes = self._pixels.new_empty(len(cells), 3, size, size)
        for count in sorted({len(own) for own in cells}):
            rows = [row for row, own in enumerate(cells) if len(own) == count]
            images = torch.tensor([cells[row] for row in rows], device=device)  # [k, side²]
            scenes[torch.tensor(rows, device=device)] = _grid(
                self._pixels[images.flatten()], math.isqrt(count)
            )
        return scenes


def decode(paths: Sequence[Path], transform: ImageTransform) -> Tensor:
    """Image files to uint8 [m, 3, s, s], squeezed to the network's input.

    Raises:
        DatasetUnreadable: one cannot be decoded.
    """
    with ThreadPoolExecutor(READERS) as readers:
        return torch.cat(list(readers.map(lambda path: transform.resize(read_pixels(path)[None]), paths)))


def _images(sample: Sample) -> Iterator[Path]:
    for images in _cells(sample):
        yield from images
    yield from sample.alike


def _cells(sample: Sample) -> Sequence[Sequence[Path]]:
    return sample.cells or ((sample.path,),)


def _grid(images: Tensor, side: int) -> Tensor:
    """Images uint8 [n · side², 3, s, s] to grids of them at a `side`-th of their size, uint8 [n, 3, s, s]."""
    if side == 1:
        return images
    size = images.shape[-1]
    small = avg_pool2d(images.float(), side)  # [n · side², 3, s / side, s / side]
    rows = small.reshape(-1, side, side, *small.shape[1:]).permute(0, 3, 1, 4, 2, 5)
    grids = rows.reshape(-1, 3, side * small.shape[-2], side * small.shape[-1])
    if grids.shape[-1] != size:
        grids = interpolate(grids, size=size, mode="bilinear")
    return grids.round_().to(torch.uint8)
