"""One training run: data sets and initial weights in, a checkpoint folder out."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from msa_model.eval.dataset import DatasetImage, read_dataset
from msa_model.eval.evaluation import Evaluation, score
from msa_model.model.checkpoint import read_tensors, write_checkpoint
from msa_model.model.network import MsaNetwork
from msa_model.model.text import SentenceEncoder
from msa_model.model.transform import ImageTransform
from msa_model.protocol.errors import CheckpointOfOtherArchitecture, DatasetUnreadable
from msa_model.train.captions import make_caption_table
from msa_model.train.features import Features, cached_features
from msa_model.train.recipe import Recipe, Source
from msa_model.train.trainer import CachedTower, TrainingSet, standardise, train

CHUNK = 128
RECORD = "training.json"


@dataclass(frozen=True)
class Job:
    """Where data, initial backbone weights, cache and result are; the first source is validated on."""

    sources: tuple[Source, ...]
    init: Path
    out: Path
    cache: Path
    seed: int


@dataclass(frozen=True)
class ValidationSet:
    """Upright images of a validation split; caption j has the text `text_of[j]` and the image `owner[j]`."""

    features: Features
    vectors: Tensor
    text_of: NDArray[np.int64]
    owner: NDArray[np.int64]


def run_training(recipe: Recipe, job: Job, say: Callable[[str], None]) -> Evaluation:
    """Train as `recipe` says and write the checkpoint; the last epoch's weights are kept, whatever its score.

    Raises:
        DatasetUnreadable: a data set cannot be read, or lacks the training or validation split.
        CheckpointMissing, CheckpointCorrupt, CheckpointOfOtherArchitecture: the initial weights do not serve.
        TextEncoderMissing: see `SentenceEncoder.load`.
    """
    torch.manual_seed(job.seed)
    rows = [read_dataset(source.file, source.images) for source in job.sources]
    network = MsaNetwork(recipe.model).eval()
    initialise_backbone(network, job.init)
    sentences = SentenceEncoder.load(recipe.model.text)
    data = _training_set(network, recipe, [row for part in rows for row in part], sentences, job.cache)
    validation = _validation_set(network, recipe, rows[0], sentences, job)
    standardise(network, torch.from_numpy(data.views[0].scales).float())
    tuned = recipe.training.tune_rate > 0
    tower = CachedTower(network, tuned=tuned)

    def report(epoch: int, loss: float) -> None:
        result = validate(network, tower, validation)
        say(f"epoch {epoch}: loss {loss:.3f}, validation mean recall {result.mr:.2f}")

    train(network, data, recipe.training, job.seed, report)
    result = validate(network, tower, validation)
    background = embed_features(tower, data.views[0]).mean(axis=0)
    tensors = {name: tensor.detach().numpy() for name, tensor in network.state_dict().items()}
    write_checkpoint(job.out, recipe.model, tensors, background)
    _write_record(recipe, job, len(data), result)
    return result


def initialise_backbone(network: MsaNetwork, weights: Path) -> None:
    """Load a classifier's weights into the backbone; layers after the fourth stage are left out.

    Raises:
        CheckpointMissing, CheckpointCorrupt: see `read_tensors`.
        CheckpointOfOtherArchitecture: a layer of the backbone is missing, or of another shape.
    """
    net = network.image.backbone.net
    wanted = net.state_dict()
    found = {
        k: torch.from_numpy(v).to(wanted[k].dtype) for k, v in read_tensors(weights).items() if k in wanted
    }
    try:
        net.load_state_dict(found)
    except RuntimeError as error:
        raise CheckpointOfOtherArchitecture(f"{weights.name} does not fit the backbone: {error}") from error


@torch.inference_mode()
def validate(network: MsaNetwork, tower: CachedTower, data: ValidationSet) -> Evaluation:
    """Recall on the validation split, the network in evaluation mode."""
    images = embed_features(tower, data.features)
    texts: NDArray[np.float32] = network.text(data.vectors).numpy()
    return score(images, texts, data.text_of, data.owner)


@torch.inference_mode()
def embed_features(tower: CachedTower, features: Features) -> NDArray[np.float32]:
    """Cached features to unit embeddings [n, d]."""
    parts = []
    for start in range(0, len(features.scales), CHUNK):
        rows = slice(start, start + CHUNK)
        maps = (
            torch.from_numpy(np.array(features.maps[rows])).float() if tower.last_stage is not None else None
        )
        parts.append(tower(torch.from_numpy(features.scales[rows]).float(), maps).numpy())
    return np.concatenate(parts)


def _training_set(
    network: MsaNetwork,
    recipe: Recipe,
    rows: Sequence[DatasetImage],
    sentences: SentenceEncoder,
    cache: Path,
) -> TrainingSet:
    chosen = [row for row in rows if row.split in ("train", "") and (row.captions or row.label)]
    if not chosen:
        raise DatasetUnreadable("The data sets hold no image with split 'train' and a caption or label.")
    transform = ImageTransform.of(recipe.model.image)
    views = [cached_features(network.image, transform, chosen, v, cache) for v in recipe.training.views]
    return TrainingSet(views, make_caption_table(chosen, sentences, cache))


def _validation_set(
    network: MsaNetwork, recipe: Recipe, rows: Sequence[DatasetImage], sentences: SentenceEncoder, job: Job
) -> ValidationSet:
    chosen = [row for row in rows if row.split == "val" and row.captions]
    if not chosen:
        raise DatasetUnreadable(f"{job.sources[0].file} has no captioned image in the split 'val'.")
    transform = ImageTransform.of(recipe.model.image)
    features = cached_features(network.image, transform, chosen, 0, job.cache)
    table = make_caption_table(chosen, sentences, job.cache)
    owner = np.repeat(np.arange(len(chosen)), [len(row.captions) for row in chosen])
    text_of = [
        n for row, own in zip(chosen, table.numbers.tolist(), strict=True) for n in own[: len(row.captions)]
    ]
    return ValidationSet(features, table.vectors, np.array(text_of), owner)


def _write_record(recipe: Recipe, job: Job, images: int, result: Evaluation) -> None:
    record = {
        "seed": job.seed,
        "training": dataclasses.asdict(recipe.training),
        "init": job.init.name,
        "data": [source.file.name for source in job.sources],
        "images": images,
        "validation": dataclasses.asdict(result),
    }
    (job.out / RECORD).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
