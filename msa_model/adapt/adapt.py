"""Adapt a checkpoint to pairs that a user brings: its heads, on features that are computed once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from msa_model.adapt.assess import Assessment, NoiseSplit, assess_pairs, split_by_loss
from msa_model.adapt.heads import Heads, HeadTraining, PairTable, train_heads
from msa_model.adapt.own_data import OwnPair, read_pair_pixels
from msa_model.measure.evaluation import score
from msa_model.model.checkpoint import Checkpoint
from msa_model.model.device import reduced_precision
from msa_model.model.encoder import build_network
from msa_model.model.network import ImageTower
from msa_model.model.text import SentenceEncoder
from msa_model.model.transform import ImageTransform, in_symmetry

VIEWS = (0, 1, 4, 6)  # of a square's eight symmetries
MANY_IMAGES = 2000  # from here on, fewer views: the images vary enough by themselves
HELD_OUT, FEWEST_HELD_OUT, MOST_HELD_OUT = 0.15, 8, 500
STEPS, EPOCHS = 200, (8, 30)  # what is aimed at, and the bounds
FEWEST_TO_SORT = 100  # pairs: of fewer, losses do not tell the wrong ones from the odd ones
BATCH = 128
RATE = 3e-4
IMAGES_AT_ONCE, TEXTS_AT_ONCE = 16, 256


@dataclass(frozen=True)
class FittedHeads:
    """Recall on held-out images before and after, in percent (the mean of six), and how many those are.

    `state` are the heads' parameters of the best epoch, 0 being the start.
    """

    before: float
    after: float
    epoch: int
    held_out: int
    state: dict[str, Tensor]

    @property
    def better(self) -> bool:
        """Whether adapting helped on held-out images."""
        return self.after > self.before


@dataclass(frozen=True)
class SortedPairs:
    """How each pair fits, and what it is taken for; `split` is None where pairs were too few to be sorted."""

    assessment: Assessment
    split: NoiseSplit | None

    def weighted(self, pairs: PairTable) -> PairTable:
        """The same pairs with their weights for training."""
        if self.split is None:
            return pairs
        return replace(pairs, weights=torch.from_numpy(self.split.weights).float())


@dataclass(frozen=True)
class CaptionTable:
    """The distinct captions, in order, and a number for each image file, in order of appearance."""

    captions: list[str]
    files: list[Path]


def tables_of(pairs: Sequence[OwnPair]) -> CaptionTable:
    """The distinct captions and images of pairs."""
    return CaptionTable(
        sorted({pair.caption for pair in pairs}), list(dict.fromkeys(pair.path for pair in pairs))
    )


def encode_pairs(checkpoint: Checkpoint, pairs: Sequence[OwnPair], device: str) -> tuple[Heads, PairTable]:
    """The heads of a checkpoint, and the pairs as they see them.

    Raises:
        DatasetUnreadable: an image cannot be decoded; the sentence says where it is listed.
        checkpoint_of_other_architecture, text_encoder_missing: the checkpoint.
    """
    network = build_network(checkpoint.config, checkpoint.tensors)
    found = tables_of(pairs)
    image_number = {path: i for i, path in enumerate(found.files)}
    text_number = {caption: i for i, caption in enumerate(found.captions)}
    sentences = SentenceEncoder.load(checkpoint.config.text, checkpoint.deltas, device)
    network.image.backbone.fuse_norms()
    network.image.backbone.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    scales = _encode_images(network.image, ImageTransform.of(checkpoint.config.image), pairs, device)
    table = PairTable(
        scales=scales,
        sentences=_encode_texts(sentences, found.captions),
        image_of=torch.tensor([image_number[pair.path] for pair in pairs]),
        text_of=torch.tensor([text_number[pair.caption] for pair in pairs]),
        weights=torch.ones(len(pairs)),
    )
    return Heads(network), table


def sort_pairs(heads: Heads, pairs: PairTable, seed: int) -> SortedPairs:
    """Tell which pairs are wrong; `heads` end up as they were."""
    assessment = assess_pairs(heads, pairs, _training_for(len(pairs), seed))
    if len(pairs) < FEWEST_TO_SORT:
        return SortedPairs(assessment, None)
    losses, mismatched = (part.double().numpy() for part in (assessment.losses, assessment.mismatched))
    return SortedPairs(assessment, split_by_loss(losses, mismatched))


def fit_heads(heads: Heads, pairs: PairTable, seed: int, say: Callable[[str], None]) -> FittedHeads:
    """Train on the pairs as they weigh, and keep the best epoch; `heads` end up in its state.

    Best is what recalls most on held-out images, the start included. Held-out pairs are used as they come:
    some may be wrong, before and after alike.
    """
    held_out = _draw_held_out(pairs.images, seed)
    held = _of_images(pairs, held_out)
    best = _Best(heads, held, say)
    train_heads(heads, _of_images(pairs, ~held_out), _training_for(len(pairs), seed), best.look)
    heads.restore(best.state)
    return FittedHeads(best.before, best.recall, best.epoch, held.images, best.state)


class _Best:
    """The best of the states looked at, by the recall on held-out pairs; the first one is the start."""

    def __init__(self, heads: Heads, held: PairTable, say: Callable[[str], None]) -> None:
        self._heads, self._held, self._say = heads, held, say
        self.before = self.recall = held_out_recall(heads, held)
        self.state, self.epoch = heads.snapshot(), 0

    def look(self, epoch: int) -> None:
        """Compare the heads as they are now; of equals the later ones, trained at a lower rate, are kept."""
        recall = held_out_recall(self._heads, self._held)
        if recall > self.recall:
            self._say(
                f"epoch {epoch}: mean recall {recall:.1f} on held-out images ({self.before:.1f} before)"
            )
        if recall > self.before and recall >= self.recall:
            self.recall, self.state, self.epoch = recall, self._heads.snapshot(), epoch


def held_out_recall(heads: Heads, pairs: PairTable) -> float:
    """Mean recall in percent, equal captions taken as one: a layer's features share theirs."""
    images, texts = heads.embed(pairs)
    used, text_of = np.unique(pairs.text_of.numpy(), return_inverse=True)
    found = score(images.numpy(), texts.numpy()[used], text_of, pairs.image_of.numpy())
    return found.distinct_captions.mr


def _draw_held_out(images: int, seed: int) -> Tensor:
    """Bool [n]."""
    count = min(max(round(HELD_OUT * images), FEWEST_HELD_OUT), MOST_HELD_OUT)
    held_out = torch.zeros(images, dtype=torch.bool)
    held_out[torch.randperm(images, generator=torch.Generator().manual_seed(seed))[:count]] = True
    return held_out


def _training_for(pairs: int, seed: int) -> HeadTraining:
    epochs = int(np.clip(STEPS // max(1, pairs // BATCH), *EPOCHS))
    return HeadTraining(epochs, BATCH, RATE, seed=seed)


def _of_images(pairs: PairTable, chosen: Tensor) -> PairTable:
    """Only some images [n] and their pairs; the texts stay."""
    number = chosen.cumsum(0) - 1
    mine = chosen[pairs.image_of]
    return PairTable(
        scales=pairs.scales[:, chosen],
        sentences=pairs.sentences,
        image_of=number[pairs.image_of[mine]],
        text_of=pairs.text_of[mine],
        weights=pairs.weights[mine],
    )


@torch.inference_mode()
def _encode_images(
    tower: ImageTower, transform: ImageTransform, pairs: Sequence[OwnPair], device: str
) -> Tensor:
    """Pooled scales float16 [v, n, Σ c_k] of the distinct images, in order of appearance."""
    first: dict[Path, OwnPair] = {}
    for pair in pairs:
        first.setdefault(pair.path, pair)
    listed = list(first.values())
    views = VIEWS if len(listed) < MANY_IMAGES else VIEWS[:2]
    parts = []
    for begin in tqdm(range(0, len(listed), IMAGES_AT_ONCE), desc="images", leave=False):
        pixels = [read_pair_pixels(pair) for pair in listed[begin : begin + IMAGES_AT_ONCE]]
        images = [transform(in_symmetry(picture, view)[None], device) for view in views for picture in pixels]
        with reduced_precision(device):
            stages = tower.backbone(torch.cat(images).contiguous(memory_format=torch.channels_last))
        scales = torch.cat([scale.float() for scale in tower.pool(stages)], dim=1).half().cpu()
        parts.append(scales.view(len(views), len(pixels), -1))
    return torch.cat(parts, dim=1)


@torch.inference_mode()
def _encode_texts(sentences: SentenceEncoder, texts: Sequence[str]) -> Tensor:
    parts = (texts[begin : begin + TEXTS_AT_ONCE] for begin in range(0, len(texts), TEXTS_AT_ONCE))
    return torch.cat([sentences(part).cpu() for part in parts])
