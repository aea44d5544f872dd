"""Images that are read and augmented anew at every step, by processes of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from msa_model.research.train.augment import Augmentation
from msa_model.research.train.frozen import FrozenStages, Start
from msa_model.research.train.plan import Plan, Step
from msa_model.research.train.ranks import ProcessRank
from msa_model.research.train.sample import Sample
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
