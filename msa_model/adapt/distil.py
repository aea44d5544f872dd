"""A checkpoint's image heads learn from a stronger model which phrases fit which tiles (arXiv 1503.02531).

Its texts stay where they are, so that what no phrase asked for is read as before, in every language. Two
models' cosines have different ranges, and some phrases fit everything a little: so what is learnt are the
teacher's centred scores, spread as wide as the student's own.

One distillation: a teacher, a checkpoint and a user's rasters in, a checkpoint nearer to it out.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR
from tqdm import tqdm

from msa_model.adapt.heads import Heads, divergence
from msa_model.adapt.own_data import own_tiles
from msa_model.files.folders import writing
from msa_model.measure.evaluation import CachedEncoder
from msa_model.model.agreement import Floats, centred, correlation
from msa_model.model.checkpoint import (
    Checkpoint,
    check_target,
    default_checkpoint,
    read_checkpoint,
    write_checkpoint,
)
from msa_model.model.device import reduced_precision
from msa_model.model.dual_encoder import DualEncoder
from msa_model.model.encoder import Encoder, build_network
from msa_model.model.languages import read_languages, write_languages
from msa_model.model.network import ImageTower
from msa_model.model.transform import ImageTransform
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.messages import RasterRef

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
class Distilled:
    """The agreement with the teacher on held-out tiles before and after, and the best epoch's parameters."""

    before: float
    after: float
    epoch: int
    state: dict[str, Tensor]

    @property
    def nearer(self) -> bool:
        """Whether the student came nearer to its teacher on tiles that it did not learn from."""
        return self.after > self.before


def learn(heads: Heads, data: DistilSet, seed: int, say: Callable[[str], None]) -> Distilled:
    """Train on the tiles that are not held out, and keep the best epoch; `heads` end up in its state."""
    torch.manual_seed(seed)
    rows = torch.nonzero(~data.held_out).squeeze(1)
    offset = _scores(heads, data, rows).mean(dim=0)
    wanted = _wanted(heads, data, rows)
    before = agreement(heads, data)
    best = Distilled(before, before, 0, heads.snapshot())
    parts = max(1, len(rows) // BATCH)
    epochs = int(np.clip(STEPS // parts, *EPOCHS))
    optimiser = AdamW(_of_images(heads), lr=RATE, weight_decay=DECAY)
    schedule = OneCycleLR(optimiser, RATE, total_steps=epochs * parts, pct_start=WARM_UP)
    for epoch in range(1, epochs + 1):
        heads.training_mode(DROPOUT)
        for places in torch.randperm(len(rows)).tensor_split(parts):
            optimiser.zero_grad()
            found = heads.embed_scales(data.scales[rows[places]]) @ data.texts.T - offset
            loss = both_ways(wanted[places] / TEMPERATURE, found / TEMPERATURE).mean()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
        heads.evaluation_mode()
        after = agreement(heads, data)
        if after > best.after:
            say(f"epoch {epoch}: agreement {after:.3f} on held-out tiles ({before:.3f} before)")
            best = Distilled(before, after, epoch, heads.snapshot())
    heads.restore(best.state)
    return best


def _of_images(heads: Heads) -> list[Tensor]:
    return [parameter for name, parameter in heads.parameters.items() if name.startswith("image.")]


def agreement(heads: Heads, data: DistilSet) -> float:
    """The correlation of student and teacher on the held-out tiles."""
    rows = torch.nonzero(data.held_out).squeeze(1)
    return correlation(centred(_scores(heads, data, rows).numpy()), centred(data.teacher[rows.numpy()]))


def mean_embedding(heads: Heads, data: DistilSet) -> Floats:
    """Of all tiles [d]."""
    with torch.inference_mode():
        mean: Floats = heads.embed_scales(data.scales).mean(dim=0).numpy()
    return mean


def both_ways(teacher: Tensor, student: Tensor) -> Tensor:
    """KL(teacher ‖ student) of scores [n, m]: over the texts of a picture and the pictures of a text, [1]."""
    texts, pictures = score_divergence(teacher, student), score_divergence(teacher.T, student.T)
    return (texts.mean() + pictures.mean())[None] / 2


def score_divergence(teacher: Tensor, student: Tensor) -> Tensor:
    """KL(teacher ‖ student) of the softmax over the last dimension of scores [n, m]."""
    return divergence(teacher.log_softmax(dim=-1), student.log_softmax(dim=-1))


def _wanted(heads: Heads, data: DistilSet, rows: Tensor) -> Tensor:
    """The teacher's centred scores [n, m] of tiles to learn from, as spread as the student's."""
    own = centred(_scores(heads, data, rows).numpy())
    theirs = centred(data.teacher[rows.numpy()])
    return torch.from_numpy(theirs * (own.std() / max(float(theirs.std()), 1e-6)))


@torch.no_grad()
def _scores(heads: Heads, data: DistilSet, rows: Tensor) -> Tensor:
    return heads.embed_scales(data.scales[rows]) @ data.texts.T


KEPT = "teacher.sqlite"
FEWEST, FEWEST_HELD_OUT = 20, 4


@dataclass(frozen=True)
class DistilTask:
    """What is learnt from: rasters, phrases, at most so many tiles drawn by `seed`; `out` is written to."""

    rasters: tuple[RasterRef, ...]
    phrases: tuple[str, ...]
    tiles: int
    seed: int
    out: Path


@dataclass(frozen=True)
class DistilReport:
    """The agreement with the teacher on held-out tiles; `checkpoint` is None where it did not rise."""

    teacher: str
    teacher_sha256: str
    distilled_from: str
    distilled_from_sha256: str
    seed: int
    phrases: int
    tiles: int
    held_out_tiles: int
    agreement_before: float
    agreement_after: float
    epoch: int
    checkpoint: str | None


def distil_checkpoint(
    folder: Path | None, teacher: DualEncoder, task: DistilTask, say: Callable[[str], None]
) -> DistilReport:
    """Teach the checkpoint in `folder` (None: the shipped one), and write the new one to `task.out`.

    What the teacher makes of tiles is kept in `out`, batch by batch: the same command goes on where it was
    interrupted.

    Raises:
        BadArgument: `out` is the folder to start from, the teacher is the student, or the tiles
            are too few.
        FileNotOurs: `out` holds another model, or another file of the name of the kept vectors.
        DiskFull, storage_failed, folder_read_only: `out` cannot be written.
        And what `read_checkpoint` and `own_tiles` raise.
    """
    folder, out = folder or default_checkpoint(), task.out
    checkpoint = read_checkpoint(folder)
    if out.resolve() == folder.resolve():
        raise BadArgument(f"{out} is the model to start from: choose another folder to write to.")
    if teacher.sha256 == checkpoint.sha256:
        raise BadArgument(f"'{teacher.name}' is the model that is to learn: a teacher is another one.")
    check_target(out)
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
    network = build_network(checkpoint.config, checkpoint.tensors).to(teacher.device)
    network.image.backbone.fuse_norms()
    texts = Encoder.load(folder, "cpu").encode_english(task.phrases)
    data = _distil_set(checkpoint, network.image, teacher, texts, task)
    heads = Heads(network.cpu())
    mean = mean_embedding(heads, data)
    found = learn(heads, data, task.seed, say)
    report = _report(checkpoint, teacher, task, data, found)
    if found.nearer:
        _write(checkpoint, found, checkpoint.background + mean_embedding(heads, data) - mean, out, report)
        if languages := read_languages(folder, checkpoint.sha256):
            write_languages(out, languages.tensors, languages.taught)
    return report


def _distil_set(
    checkpoint: Checkpoint, tower: ImageTower, teacher: DualEncoder, texts: Floats, task: DistilTask
) -> DistilSet:
    """`texts` are the student's phrases [m, d]."""
    transform = ImageTransform.of(checkpoint.config.image)
    scales, vectors, held_out = [], [], []
    with closing(CachedEncoder(teacher, task.out / KEPT)) as kept:
        phrases = kept.encode_texts(list(task.phrases))
        for raster in tqdm(task.rasters, desc="rasters", leave=False):
            for tiles in own_tiles(raster, task.tiles // len(task.rasters), task.seed):
                vectors.append(kept.encode_tiles(tiles.pixels))
                scales.append(_pooled(tower, transform(tiles.pixels, teacher.device), teacher.device))
                held_out.append(tiles.held_out)
    held = np.concatenate([np.zeros(0, bool), *held_out])
    _check_enough(int((~held).sum()), int(held.sum()))
    scores = np.concatenate(vectors) @ phrases.T
    return DistilSet(torch.cat(scales), torch.from_numpy(texts), scores, torch.from_numpy(held))


def _check_enough(training: int, held_out: int) -> None:
    if training < FEWEST or held_out < FEWEST_HELD_OUT:
        raise BadArgument(
            f"The rasters give {training} tiles to learn from and {held_out} held out: "
            f"at least {FEWEST} and {FEWEST_HELD_OUT} are needed."
        )


@torch.inference_mode()
def _pooled(tower: ImageTower, images: Tensor, device: str) -> Tensor:
    """Pooled scales float16 [n, Σ c_k], on the CPU."""
    with reduced_precision(device):
        stages = tower.backbone(images)
    return torch.cat([scale.float() for scale in tower.pool(stages)], dim=1).half().cpu()


def _report(
    checkpoint: Checkpoint, teacher: DualEncoder, task: DistilTask, data: DistilSet, found: Distilled
) -> DistilReport:
    held_out = int(data.held_out.sum())
    return DistilReport(
        teacher=teacher.name,
        teacher_sha256=teacher.sha256,
        distilled_from=checkpoint.config.name,
        distilled_from_sha256=checkpoint.sha256,
        seed=task.seed,
        phrases=len(task.phrases),
        tiles=len(data.scales) - held_out,
        held_out_tiles=held_out,
        agreement_before=found.before,
        agreement_after=found.after,
        epoch=found.epoch,
        checkpoint=str(task.out) if found.nearer else None,
    )


def _write(
    checkpoint: Checkpoint, found: Distilled, background: Floats, out: Path, report: DistilReport
) -> None:
    """The checkpoint with new image heads, and in its manifest where it comes from."""
    config = replace(checkpoint.config, name=out.resolve().name)
    tensors = checkpoint.tensors | {name: tensor.numpy() for name, tensor in found.state.items()}
    origin = {"name": report.distilled_from, "sha256": report.distilled_from_sha256}
    keys = ("seed", "phrases", "tiles", "held_out_tiles", "agreement_before", "agreement_after")
    measured = {key: getattr(report, key) for key in keys}
    teacher = {"name": report.teacher, "sha256": report.teacher_sha256}
    more = {"distilled_from": origin, "teacher": teacher, "distillation": measured}
    write_checkpoint(out, config, tensors, background, checkpoint.deltas, more=more)
