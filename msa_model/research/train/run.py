"""One training run: a recipe, data and initial weights in, a checkpoint folder out."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from msa_model.files.replacing import check_replaceable, replacing
from msa_model.model.checkpoint import Tensors, check_target, write_checkpoint
from msa_model.model.device import Device
from msa_model.model.loading import load_encoder
from msa_model.model.text import SentenceEncoder
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.models import AUTO
from msa_model.research.train.build import InitialWeights, build_model, read_initial
from msa_model.research.train.images import FreshViews, ResidentViews
from msa_model.research.train.measure import (
    Captioned,
    Labelled,
    Measured,
    background_of,
    labelled_set,
    measure,
)
from msa_model.research.train.plan import Plan, TextNumbers, evenly
from msa_model.research.train.ranks import ProcessRank, joined
from msa_model.research.train.recipe import Recipe
from msa_model.research.train.samples import Sample, Samples, read_samples, shown_in
from msa_model.research.train.state import Log, RunKey, State, read_state, write_state
from msa_model.research.train.teacher import SeeingTeacher, StoredTeacher, Teacher
from msa_model.research.train.trained_network import TextBank, TextTower, make_text_bank, standardise
from msa_model.research.train.trainer import Hooks, Trainer
from msa_model.research.train.vectors import Tower, image_vectors
from msa_model.research.train.views import CachedViews, cached_views

RECORD = "training.json"
STANDARD = 512  # images whose statistics become the image tower's μ_k and σ_k


@dataclass(frozen=True)
class Job:
    """Where a run's data, phrases, initial weights, cache and result are, and a model to learn from."""

    data: Path
    beside: Path
    out: Path
    cache: Path
    init: Path | None
    seed: int
    device: Device
    teacher: Path | None = None


def run_training(recipe: Recipe, job: Job, say: Callable[[str], None]) -> Measured:
    """Train as `recipe` says; the averaged weights of the last step are kept, whatever their score.

    Goes on from the state in `job.out` if that is of the same recipe, data, seed and initial weights.

    Raises:
        DatasetUnreadable, BadArgument: see `read_samples`.
        checkpoint_missing, checkpoint_corrupt, checkpoint_of_other_architecture: of the
            initial weights.
        text_encoder_missing: see `SentenceEncoder.load`.
        training_diverged: the loss is no number.
        FileNotOurs: `job.out` holds another model.
        DiskFull, storage_failed, folder_read_only: the result cannot be written; an earlier one stays.
    """
    check_target(job.out)
    if job.out.is_dir():
        check_replaceable(job.out / RECORD, is_own_record)
    torch.manual_seed(job.seed)
    with joined(job.device.id) as ranks:
        return TrainingRun(recipe, job, ranks, say if ranks.leads else lambda line: None).finish()


class TrainingRun:
    """A run with all it needs in memory."""

    def __init__(self, recipe: Recipe, job: Job, ranks: ProcessRank, say: Callable[[str], None]) -> None:
        self._recipe, self._job, self._ranks, self._say = recipe, job, ranks, say
        self._samples = read_samples(recipe, job.data, job.beside)
        self._initial = read_initial(job.init) if job.init else None
        with ranks.leader_first():
            self._bank, words = _words(recipe, job, self._samples, self._initial)
            self._model = build_model(recipe, words, self._initial, job.device.id)
            self._images = self._views(self._samples.training)
            self._captioned, self._labelled = self._validation()
        self._teacher = self._load_teacher()
        self.trainer = Trainer(
            self._model.trained, self._model.cut, recipe, ranks, seed=job.seed, teacher=self._teacher
        )
        texts = TextNumbers.of(self._samples.training, self._bank.number_of)
        self._plan = Plan(recipe.training, texts, self._images.count, job.seed)
        self._measured = Measured(None, {})

    def _load_teacher(self) -> Teacher | None:
        distillation, place = self._recipe.distillation, self._job.teacher
        if (distillation.weight > 0 or distillation.features > 0) != (place is not None):
            raise BadArgument("A recipe with [distillation] needs --teacher DIR, and no other takes one.")
        if place is None:
            return None
        training, stages = self._recipe.training, self._model.stages
        if not (training.frozen_stages or training.frozen_blocks):
            return SeeingTeacher(load_encoder(place, self._job.device.id), self._bank, stages.transform)
        model = load_encoder(place, self._job.device.id, engine=AUTO)
        tower = Tower(model, stages.transform, f"{model.sha256} {model.engine}")
        options, count = self._recipe.augmentation, distillation.views
        views = image_vectors(tower, self._samples.training, options, count, self._job.cache)
        return StoredTeacher(model, self._bank, views)

    def finish(self) -> Measured:
        """Train from the saved state, or from the start, to the end."""
        first = self._resume()
        log = Log(self._job.out, first) if self._ranks.leads else None
        began = time.monotonic()
        names = [sample.path.name for sample in self._samples.training]
        self.trainer.train(self._plan, self._images, first, self._hooks(log), names)
        seconds, done = time.monotonic() - began, self._plan.steps - first
        self._say(f"{done} steps in {seconds:.0f} s on {self._job.device.name}")
        if log:
            self._measure_and_write(self._plan.steps, log)
        return self._measured

    def _hooks(self, log: Log | None) -> Hooks:
        if log is None:
            return Hooks(lambda record: None, lambda done: None, lambda done: None)
        return Hooks(log.step, lambda done: self._after_epoch(done, log), self._save)

    def _resume(self) -> int:
        state = read_state(self._job.out, self._key())
        if state is None:
            begun = self._initial is not None and self._initial.whole
            if not begun and self._recipe.model.mode == "corrected":
                self._standardise()
            return 0
        self.trainer.restore(state.tensors, state.steps)
        self._say(f"going on after step {state.steps} of {self._plan.steps}")
        return state.steps

    def _key(self) -> RunKey:
        samples = [(shown_in(s, drawn=False), s.captions, s.phrases) for s in self._samples.training]
        init = self._initial.sha256 if self._initial else ""
        if self._teacher is not None:
            init += f" {self._teacher.sha256}"
        return RunKey(self._recipe.sha256, self._job.seed, init, _digest(samples), self._ranks.count)

    @torch.inference_mode()
    def _standardise(self) -> None:
        rows = evenly(len(self._images), STANDARD).tolist()
        start = self._images.start(rows, [0] * len(rows)).to(self._model.trained.device)
        standardise(self._model.trained.network, self._model.trained.scales(start))

    def _after_epoch(self, done: int, log: Log) -> None:
        epoch = done // self._plan.steps_per_epoch
        if done < self._plan.steps:
            if epoch % self._recipe.training.validate_every == 0:
                self._measure_and_write(done, log)
            self._save(done)

    def _measure_and_write(self, done: int, log: Log) -> None:
        """With the averaged weights."""
        self.trainer.average.swap()
        try:
            self._measured = measure(self._model.trained, self._captioned, self._labelled)
            log.validation(done, figures(self._measured))
            self._write(done)
        finally:
            self.trainer.average.swap()
        self._say(f"step {done} of {self._plan.steps}: {self._measured.line}")

    def _write(self, done: int) -> None:
        trained, out = self._model.trained, self._job.out
        network = self._model.folding.unfold(trained.network.state_dict())
        background = background_of(trained, self._images)
        deltas = _arrays(trained.words.deltas())
        write_checkpoint(out, self._recipe.model, _arrays(network), background, deltas)
        text = json.dumps(self._record(done), indent=2, ensure_ascii=False)
        with replacing(out / RECORD, is_own_record) as part:
            part.write_text(text + "\n", encoding="utf-8")

    def _record(self, done: int) -> dict[str, object]:
        recipe = dataclasses.asdict(self._recipe)
        del recipe["model"]  # stands in config.json
        return {
            "seed": self._job.seed,
            "steps": done,
            "of": self._plan.steps,
            "weights": "exponential moving average after the last step",
            "init": self._initial.name if self._initial else None,
            "init_sha256": self._initial.sha256 if self._initial else None,
            "teacher": self._job.teacher.name if self._job.teacher else None,
            "teacher_sha256": self._teacher.sha256 if self._teacher else None,
            "device": self._job.device.name,
            "threads": torch.get_num_threads(),
            "images": len(self._samples.training),
            "texts": len(self._bank.number_of),
            "recipe": recipe,
            "validation": dataclasses.asdict(self._measured),
        }

    def _save(self, done: int) -> None:
        write_state(self._job.out, State(self._key(), done, self.trainer.tensors()))

    def _views(
        self, samples: tuple[Sample, ...], count: int | None = None
    ) -> CachedViews | FreshViews | ResidentViews:
        """The images of samples, in the recipe's number of views or in the upright one alone."""
        training, options, stages = self._recipe.training, self._recipe.augmentation, self._model.stages
        if training.resident:
            return ResidentViews(stages, samples, options, self._job.seed, self._job.device.id)
        if training.views == 0:
            return FreshViews(stages, samples, options, training.workers, self._job.seed)
        return cached_views(stages, samples, options, count or training.views, self._job.cache)

    def _validation(self) -> tuple[Captioned | None, list[Labelled]]:
        captioned = self._samples.validation
        labelled = [
            labelled_set(part, self._views(part.samples, 1), self._bank) for part in self._samples.labelled
        ]
        if not captioned:
            return None, labelled
        numbers = tuple(tuple(self._bank.numbers(sample.captions)) for sample in captioned)
        return Captioned(self._views(captioned, 1), numbers), labelled


def is_own_record(path: Path) -> bool:
    """Whether a file is the record of a training run."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(found, dict) and {"seed", "steps", "of", "recipe"} <= set(found)


def figures(measured: Measured) -> dict[tuple[str, str], float]:
    """What was measured, by set and measure."""
    found = {(name, "top1"): value for name, value in measured.top1.items()}
    if measured.recall is None:
        return found
    recall = measured.recall
    both = {"i2t": recall.i2t.mean, "t2i": recall.t2i.mean, "mr": recall.mr}
    return {("captions", name): value for name, value in both.items()} | found


def _words(
    recipe: Recipe, job: Job, samples: Samples, initial: InitialWeights | None
) -> tuple[TextBank, TextTower]:
    config = recipe.model
    encoder = SentenceEncoder.load(config.text, initial.deltas if initial else None, job.device.id)
    everyone = (
        *samples.training,
        *samples.validation,
        *(sample for part in samples.labelled for sample in part.samples),
    )
    classes = (text for part in samples.labelled for own in part.classes.values() for text in own)
    own = (text for sample in everyone for text in (*sample.captions, *sample.phrases))
    tuned, padded = config.text.tuned_layers, config.mode == "released"
    bank = make_text_bank((*own, *classes), encoder, tuned, padded=padded, cache=job.cache)
    return bank, TextTower(encoder, bank, tuned, config.mode)


def _arrays(tensors: dict[str, Tensor]) -> Tensors:
    return {name: tensor.detach().float().cpu().numpy() for name, tensor in tensors.items()}


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()
