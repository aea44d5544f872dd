"""A checkpoint's text head, trained further on what its image tower makes of the training images.

The tower, and the sentence encoder below the head, stand still: their vectors are made once. Noise on the
images' vectors stands for images that the tower has not learnt by heart, and the head is held near what it
said before.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import AdamW
from tqdm import tqdm

from msa_model.adapt.heads import contrastive
from msa_model.files.replacing import check_replaceable, replacing
from msa_model.model.checkpoint import Checkpoint, check_target, read_checkpoint, write_checkpoint
from msa_model.model.encoder import text_part
from msa_model.model.engines.stages import carry_quantised
from msa_model.model.network import TextHead
from msa_model.model.text import SentenceEncoder, tidy
from msa_model.protocol.errors import BadArgument, MsaError
from msa_model.research.train.languages import read_bank
from msa_model.research.train.losses import noisy
from msa_model.research.train.optimiser import MovingAverage, set_rates, trainable
from msa_model.research.train.plan import Plan, Step, TextNumbers
from msa_model.research.train.recipe import TextHeadRecipe, Training
from msa_model.research.train.run import RECORD, is_own_record
from msa_model.research.train.samples import Sample, read_samples
from msa_model.research.train.vectors import Tower, image_vectors, sentence_vectors

CHUNK = 2048


@dataclass(frozen=True)
class HeadJob:
    """The checkpoint to start from, where data, phrases and vectors lie, and where the result goes."""

    init: Path
    data: Path
    beside: Path
    bank: Path
    out: Path
    cache: Path
    seed: int
    engine: str


@dataclass(frozen=True)
class HeadTrained:
    """How many images, texts of theirs and free ones; the mean cosine to what the head said before."""

    images: int
    texts: int
    free: int
    agreement: float


@dataclass(frozen=True)
class HeadData:
    """What a head learns from: unit vectors of `images` [v, n, d], what each of them `counts` [n], and texts.

    `sentences` [u, w] of all texts, `said` [u, d] by the head before; `texts` numbers those of the images,
    `free` [f] are the numbers of the others.
    """

    images: Tensor
    counts: Tensor
    sentences: Tensor
    said: Tensor
    texts: TextNumbers
    free: Tensor


@dataclass(frozen=True)
class HeadTexts:
    """Images to train on, texts of theirs, and `free` ones that none of them has; short texts come first."""

    samples: tuple[Sample, ...]
    captions: tuple[str, ...]
    phrases: tuple[str, ...]
    free: tuple[str, ...]

    @classmethod
    def read(cls, recipe: TextHeadRecipe, job: HeadJob) -> HeadTexts:
        """Those of a recipe; errors as of `read_samples` and `read_bank`."""
        found = read_samples(recipe, job.data, job.beside).training
        samples = tuple(sample for sample in found if not sample.cells)
        captions = {text for sample in samples for text in sample.captions}
        phrases = {text for sample in samples for text in sample.phrases} - captions
        composed = (text for sample in found if sample.cells for text in sample.captions)
        bank = (template.format(text) for text in read_bank(job.bank) for template in recipe.words.templates)
        free = set(map(tidy, (*composed, *bank))) - captions - phrases if recipe.held.free else set()
        return cls(samples, *(tuple(sorted(own, key=_by_length)) for own in (captions, phrases, free)))

    @property
    def kinds(self) -> tuple[tuple[str, ...], ...]:
        """All texts by kind; recipes share the vectors of a kind."""
        return self.captions, self.phrases, self.free


def _by_length(text: str) -> tuple[int, str]:
    return len(text), text


def train_text_head(recipe: TextHeadRecipe, job: HeadJob, say: Callable[[str], None]) -> HeadTrained:
    """Write the checkpoint in `job.init` to `job.out`, its text head trained further, all else as it was.

    Its int8 tower comes along. What hangs on a head does not: other languages, the constants of verdicts.

    Raises:
        BadArgument: the result would take the checkpoint's place, it has no head, or a file is missing.
        DatasetUnreadable: see `read_samples`.
        training_diverged: the loss is no number.
        FileNotOurs, DiskFull, storage_failed, folder_read_only: the result or the vectors cannot be written.
        And what `Encoder.load` raises.
    """
    checkpoint, head = _start(job)
    words = HeadTexts.read(recipe, job)
    own = len(words.captions) + len(words.phrases)
    say(f"{len(words.samples)} images, {own} texts of theirs, {len(words.free)} others")
    data = _head_data(recipe, job, checkpoint, words)
    fit_text_head(head, data, recipe, job.seed, [sample.path.name for sample in words.samples])
    agreement = float((_said(head, data.sentences) * data.said).sum(dim=1).mean())
    trained = HeadTrained(len(words.samples), own, len(words.free), agreement)
    _write(recipe, job, checkpoint, head, trained)
    return trained


def fit_text_head(
    head: TextHead, data: HeadData, recipe: TextHeadRecipe, seed: int, names: Sequence[str]
) -> None:
    """Train in place; ends with the averaged weights. `names` are those of the images' files.

    Raises:
        training_diverged: the loss is no number.
    """
    training = recipe.training
    head.dropout.p = training.dropout
    parameters = trainable(head.requires_grad_(requires_grad=True))
    average, optimiser = MovingAverage(parameters, training.ema_decay), _optimiser(parameters, training)
    plan = Plan(training, data.texts, len(data.images), seed)
    with torch.random.fork_rng(devices=[]):
        for number in tqdm(range(plan.steps), desc="text head", unit="step", leave=False):
            drawn, noise = np.random.SeedSequence((seed % 2**64, number)).generate_state(2)
            torch.manual_seed(int(drawn))
            set_rates(optimiser, training, number, plan.steps)
            step, draw = plan.step(number), torch.Generator().manual_seed(int(noise))
            loss = _loss(head.train(), data, recipe, step, draw)
            if not math.isfinite(float(loss.detach())):
                shown = ", ".join(names[row] for row in step.rows)
                raise MsaError.of(
                    "training_diverged", f"The loss of step {number + 1} is no number. Its images: {shown}."
                )
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(parameters.values(), training.clip_norm)
            optimiser.step()
            average.update(number)
    average.swap()
    head.eval().requires_grad_(requires_grad=False)


def _start(job: HeadJob) -> tuple[Checkpoint, TextHead]:
    if job.out.resolve() == job.init.resolve():
        raise BadArgument("The trained head goes to a folder of its own: --out is that of the checkpoint.")
    check_target(job.out)
    if job.out.is_dir():
        check_replaceable(job.out / RECORD, is_own_record)
    checkpoint = read_checkpoint(job.init)
    head = text_part(checkpoint)
    if not isinstance(head, TextHead):
        raise BadArgument(f"'{checkpoint.config.name}' has no text head that could be trained.")
    return checkpoint, head


def _head_data(recipe: TextHeadRecipe, job: HeadJob, checkpoint: Checkpoint, words: HeadTexts) -> HeadData:
    number_of = {text: number for number, text in enumerate(chain(*words.kinds))}
    tower = Tower.load(job.init, checkpoint, job.engine)
    encoder = SentenceEncoder.load(checkpoint.config.text, checkpoint.deltas or None)
    sentences = sentence_vectors(encoder, checkpoint.sha256, words.kinds, job.cache)
    return HeadData(
        images=image_vectors(tower, words.samples, recipe.augmentation, recipe.training.views, job.cache),
        counts=torch.tensor([1.0 if sample.captions else recipe.labelled for sample in words.samples]),
        sentences=sentences,
        said=_said(text_part(checkpoint), sentences),
        texts=TextNumbers.of(words.samples, number_of),
        free=torch.tensor([number_of[text] for text in words.free]),
    )


@torch.inference_mode()
def _said(head: nn.Module, sentences: Tensor) -> Tensor:
    return torch.cat([head(part) for part in torch.split(sentences, CHUNK)])


def _optimiser(parameters: dict[str, nn.Parameter], training: Training) -> AdamW:
    """Matrices decay, vectors do not."""
    groups = [
        ([p for p in parameters.values() if p.ndim > 1], training.weight_decay),
        ([p for p in parameters.values() if p.ndim <= 1], 0.0),
    ]
    rate = training.head_rate
    return AdamW([{"params": own, "lr": rate, "peak": rate, "weight_decay": decay} for own, decay in groups])


def _loss(
    head: nn.Module, data: HeadData, recipe: TextHeadRecipe, step: Step, draw: torch.Generator
) -> Tensor:
    rows = list(step.rows)
    images = noisy(data.images[list(step.views), rows], (recipe.noise, recipe.noise), draw)
    texts, counts = head(data.sentences[step.texts]), data.counts[rows]
    pairs = contrastive(images, texts, step.same, recipe.training.temperature)
    loss = (counts * pairs).sum() / counts.sum()
    if recipe.held.batch:
        loss = loss + recipe.held.batch * _moved(texts, data.said[step.texts])
    if recipe.held.free and len(data.free):
        others = data.free[torch.randint(len(data.free), (len(rows),), generator=draw)]
        loss = loss + recipe.held.free * _moved(head(data.sentences[others]), data.said[others])
    return loss


def _moved(said: Tensor, before: Tensor) -> Tensor:
    return 1 - (said * before).sum(dim=1).mean()


def _write(
    recipe: TextHeadRecipe, job: HeadJob, checkpoint: Checkpoint, head: TextHead, trained: HeadTrained
) -> None:
    own = {f"text.{name}": tensor.numpy() for name, tensor in head.state_dict().items()}
    write_checkpoint(
        job.out, checkpoint.config, checkpoint.tensors | own, checkpoint.background, checkpoint.deltas
    )
    carry_quantised(job.init, job.out)
    steps = recipe.training.steps
    record = {
        "seed": job.seed,
        "steps": steps,
        "of": steps,
        "weights": "text head alone: exponential moving average after the last step",
        "init": checkpoint.sha256,
        "engine": job.engine,
        "threads": torch.get_num_threads(),
        "recipe": asdict(recipe),
        "result": asdict(trained),
    }
    with replacing(job.out / RECORD, is_own_record) as part:
        part.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
