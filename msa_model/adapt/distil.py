"""A checkpoint's image heads learn from a stronger model which phrases fit which tiles (arXiv 1503.02531).

Its texts stay where they are, so that what no phrase asked for is read as before, in every language. Two
models' cosines have different ranges, and some phrases fit everything a little: so what is learnt are the
teacher's centred scores, spread as wide as the student's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR

from msa_model.adapt.contrastive import divergence
from msa_model.adapt.heads import Heads
from msa_model.model.agreement import Floats, centred, correlation

STEPS, EPOCHS = 400, (8, 100)  # what is aimed at, and the bounds
BATCH, RATE, DECAY, WARM_UP, DROPOUT = 128, 3e-4, 0.01, 0.1, 0.1
TEMPERATURE = 0.05


@dataclass(frozen=True)
class DistilSet:
    """Tiles as the student's backbone sees them, and what the teacher makes of them.

    `scales` [n, Σ c_k]; `texts` [m, d] the student's phrases; `teacher` [n, m] the teacher's cosines;
    `held_out` bool [n].
    """

    scales: Tensor
    texts: Tensor
    teacher: Floats
    held_out: Tensor


@dataclass(frozen=True)
class Learnt:
    """The agreement with the teacher on held-out tiles before and after, and the best epoch's parameters."""

    before: float
    after: float
    epoch: int
    state: dict[str, Tensor]

    @property
    def nearer(self) -> bool:
        """Whether the student came nearer to its teacher on tiles that it did not learn from."""
        return self.after > self.before


def learn(heads: Heads, lesson: DistilSet, seed: int, say: Callable[[str], None]) -> Learnt:
    """Train on the tiles that are not held out, and keep the best epoch; `heads` end up in its state."""
    torch.manual_seed(seed)
    own = {name: p for name, p in heads.parameters.items() if name.startswith("image.")}
    rows = torch.nonzero(~lesson.held_out).squeeze(1)
    offset = _scores(heads, lesson, rows).mean(dim=0)
    wanted = _wanted(heads, lesson, rows)
    before = agreement(heads, lesson)
    best = Learnt(before, before, 0, heads.snapshot())
    epochs = int(np.clip(STEPS // max(1, len(rows) // BATCH), *EPOCHS))
    optimiser = AdamW(own.values(), lr=RATE, weight_decay=DECAY)
    parts = max(1, len(rows) // BATCH)
    schedule = OneCycleLR(optimiser, RATE, total_steps=epochs * parts, pct_start=WARM_UP)
    for epoch in range(1, epochs + 1):
        heads.training_mode(DROPOUT)
        for places in torch.randperm(len(rows)).tensor_split(parts):
            optimiser.zero_grad()
            found = heads.embed_scales(lesson.scales[rows[places]]) @ lesson.texts.T - offset
            loss = both_ways(wanted[places] / TEMPERATURE, found / TEMPERATURE).mean()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
        heads.evaluation_mode()
        after = agreement(heads, lesson)
        if after > best.after:
            say(f"epoch {epoch}: agreement {after:.3f} on held-out tiles ({before:.3f} before)")
            best = Learnt(before, after, epoch, heads.snapshot())
    heads.restore(best.state)
    return best


def agreement(heads: Heads, lesson: DistilSet) -> float:
    """The correlation of student and teacher on the held-out tiles."""
    rows = torch.nonzero(lesson.held_out).squeeze(1)
    return correlation(centred(_scores(heads, lesson, rows).numpy()), centred(lesson.teacher[rows.numpy()]))


def mean_embedding(heads: Heads, lesson: DistilSet) -> Floats:
    """Of all tiles [d]."""
    with torch.inference_mode():
        mean: Floats = heads.embed_scales(lesson.scales).mean(dim=0).numpy()
    return mean


def both_ways(teacher: Tensor, student: Tensor) -> Tensor:
    """KL(teacher ‖ student) of scores [n, m]: over the texts of a picture and the pictures of a text, [1]."""
    texts, pictures = score_divergence(teacher, student), score_divergence(teacher.T, student.T)
    return (texts.mean() + pictures.mean())[None] / 2


def score_divergence(teacher: Tensor, student: Tensor) -> Tensor:
    """KL(teacher ‖ student) of the softmax over the last dimension of scores [n, m]."""
    return divergence(teacher.log_softmax(dim=-1), student.log_softmax(dim=-1))


def _wanted(heads: Heads, lesson: DistilSet, rows: Tensor) -> Tensor:
    """The teacher's centred scores [n, m] of tiles to learn from, as spread as the student's."""
    own = centred(_scores(heads, lesson, rows).numpy())
    theirs = centred(lesson.teacher[rows.numpy()])
    return torch.from_numpy(theirs * (own.std() / max(float(theirs.std()), 1e-6)))


@torch.no_grad()
def _scores(heads: Heads, lesson: DistilSet, rows: Tensor) -> Tensor:
    return heads.embed_scales(lesson.scales[rows]) @ lesson.texts.T
