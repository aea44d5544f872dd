"""Views of training images as the backbone sees them, and the frozen stages' maps of them, cached on disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import torch
from numpy.lib.format import open_memmap
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from msa_model.files.folders import writing
from msa_model.files.replacing import replacing_together
from msa_model.measure.dataset import read_pixels
from msa_model.model.transform import ImageTransform
from msa_model.raster.tiles import prefetched
from msa_model.research.train.augment import Augmentation, draw_view, render, scene_of
from msa_model.research.train.plan import Plan, Step
from msa_model.research.train.ranks import ProcessRank
from msa_model.research.train.samples import Sample, draw_cells, generator_of, shown_in
from msa_model.research.train.stages import FrozenStages, Start

BATCH = 64
UPRIGHT = "upright"  # the view of a composed scene that is not turned
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class ViewMaps:
    """What a `Start` of n images holds: `pooled` float32 [n, Σ c_k], `maps` float16 [n, h, w, c]."""

    pooled: NDArray[np.float32]
    maps: NDArray[np.float16]


class CachedViews:
    """Several views of the same images, the upright one first."""

    def __init__(self, views: Sequence[Sequence[ViewMaps]]) -> None:
        self._views = views
        counts = [len(part.pooled) for part in views[0]]
        self._part = np.repeat(np.arange(len(counts)), counts)
        self._row = np.concatenate([np.arange(count) for count in counts])

    def __len__(self) -> int:
        return len(self._row)

    @property
    def count(self) -> int:
        """How many views of each image there are."""
        return len(self._views)

    def starts(self, plan: Plan, first: int, ranks: ProcessRank) -> Iterator[tuple[Step, Start]]:
        """The steps from number `first` on, each with the start of this process's share of its images.

        The next ones are read meanwhile.
        """

        def read(number: int) -> tuple[Step, Start]:
            step = plan.step(number)
            own = ranks.share(len(step.rows), step.side**2)
            return step, self.start(step.rows[own], step.views[own])

        return prefetched(range(first, plan.steps), read, threads=1)

    def start(self, rows: Sequence[int], views: Sequence[int]) -> Start:
        """What the trained layers start from, for each row in its view."""
        places = [(self._views[v][self._part[r]], self._row[r]) for r, v in zip(rows, views, strict=True)]
        maps = torch.from_numpy(np.stack([part.maps[row] for part, row in places]))  # [n, h, w, c]
        pooled = torch.from_numpy(np.stack([part.pooled[row] for part, row in places]))
        return Start(pooled, maps.permute(0, 3, 1, 2).float())


def draw_views(
    samples: Sequence[Sample], view: str, options: Augmentation, transform: ImageTransform
) -> Tensor:
    """One view of each image, uint8 [n, 3, s, s]; the same for the same name of the view.

    Raises:
        DatasetUnreadable: an image cannot be decoded.
    """
    return torch.cat([_draw_view(sample, view, options, transform) for sample in samples])


def _draw_view(sample: Sample, view: str, options: Augmentation, transform: ImageTransform) -> Tensor:
    draw = generator_of(sample, view)
    pixels = scene_of(draw_cells(sample, draw))
    return render(transform.resize(pixels[None]), [draw_view(draw, options)])


def upright(samples: Sequence[Sample], transform: ImageTransform) -> Tensor:
    """The whole images, uint8 [n, 3, s, s]; a composed scene in its first drawing.

    Raises:
        DatasetUnreadable: one cannot be decoded.
    """
    return torch.cat([transform.resize(_whole(sample)[None]) for sample in samples])


def _whole(sample: Sample) -> Pixels:
    if not sample.cells:
        return read_pixels(sample.path)
    return scene_of(draw_cells(sample, generator_of(sample, UPRIGHT)))


def cached_views(
    stages: FrozenStages, samples: Sequence[Sample], options: Augmentation, count: int, folder: Path
) -> CachedViews:
    """`count` views of `samples`, each data set's read from `folder` if it is there, else computed and kept.

    Raises:
        DatasetUnreadable: an image cannot be decoded.
        DiskFull, folder_read_only: the cache cannot be written.
    """
    sets = [tuple(part) for _, part in groupby(samples, key=lambda sample: sample.source)]
    views = [[_view(stages, part, options, view, folder) for part in sets] for view in range(count)]
    return CachedViews(views)


def _view(
    stages: FrozenStages, samples: Sequence[Sample], options: Augmentation, view: int, folder: Path
) -> ViewMaps:
    stem = folder / _key(stages, samples, options, view)
    pooled, maps = stem.with_suffix(".pooled.npy"), stem.with_suffix(".maps.npy")
    if not pooled.is_file():
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        with replacing_together({maps: _is_left_over, pooled: _is_left_over}) as parts:
            _compute(stages, _inputs(stages.transform, samples, options, view), len(samples), parts)
    return ViewMaps(np.load(pooled), np.load(maps, mmap_mode="r"))


@torch.inference_mode()
def _compute(stages: FrozenStages, inputs: Iterator[Tensor], count: int, files: tuple[Path, ...]) -> None:
    pooled, maps, done = [], None, 0
    for images in tqdm(inputs, total=-(-count // BATCH), desc="frozen stages", leave=False):
        start = stages(images)
        rows = start.maps.permute(0, 2, 3, 1).half().cpu().numpy()  # [n, h, w, c]
        if maps is None:
            maps = open_memmap(files[0], mode="w+", dtype=np.float16, shape=(count, *rows.shape[1:]))
        maps[done : done + len(rows)] = rows
        pooled.append(start.pooled.float().cpu().numpy())
        done += len(rows)
    np.save(files[1], np.concatenate(pooled))  # takes its place last: it marks a finished view


def _is_left_over(path: Path) -> bool:
    """A view whose process was killed between its two files: named by a checksum, in the cache."""
    return path.name.endswith(".maps.npy")


def _inputs(
    transform: ImageTransform, samples: Sequence[Sample], options: Augmentation, view: int
) -> Iterator[Tensor]:
    parts = (samples[start : start + BATCH] for start in range(0, len(samples), BATCH))
    return prefetched(parts, lambda part: _read(part, view, options, transform), threads=1)


def _read(samples: Sequence[Sample], view: int, options: Augmentation, transform: ImageTransform) -> Tensor:
    if view == 0:
        return upright(samples, transform)
    return draw_views(samples, str(view), options, transform)


def _key(stages: FrozenStages, samples: Sequence[Sample], options: Augmentation, view: int) -> str:
    drawn = repr((view, options)) if view else ""
    shown = [shown_in(sample, drawn=view > 0) for sample in samples]
    text = json.dumps([stages.sha256, repr(stages.transform), drawn, shown])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
