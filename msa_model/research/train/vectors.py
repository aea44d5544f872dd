"""Vectors of an image tower and of a sentence encoder that stand still, kept on disk part by part.

A run that was interrupted goes on with the part that it was in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from msa_model.files.folders import writing
from msa_model.files.replacing import replacing
from msa_model.model.checkpoint import Checkpoint
from msa_model.model.dual_encoder import DualEncoder
from msa_model.model.encoder import Encoder
from msa_model.model.engines.stages import listed_in
from msa_model.model.text import SentenceEncoder
from msa_model.model.transform import ImageTransform
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.models import OPENVINO_INT8
from msa_model.raster.tiles import prefetched
from msa_model.research.train.augment import Augmentation
from msa_model.research.train.samples import Sample, shown_in
from msa_model.research.train.views import draw_views, upright

PART = 256  # images or texts of a file
AT_ONCE = 64  # images that are read at once
Floats = NDArray[np.float32]
Item = TypeVar("Item")


@dataclass(frozen=True)
class Tower:
    """An image tower and how images come to it; `identity` tells what its vectors depend on beside them."""

    encoder: DualEncoder
    transform: ImageTransform
    identity: str

    @classmethod
    def load(cls, folder: Path, checkpoint: Checkpoint, engine: str) -> Tower:
        """That of the checkpoint in `folder`.

        Raises:
            BadArgument: the engine does not run here; another one's vectors would train another head.
            And what `Encoder.load` raises.
        """
        encoder = Encoder.load(folder, "cpu", engine=engine)
        encoder.engine  # noqa: B018  (whether it runs is known then)
        if encoder.engine_warnings:
            raise BadArgument(encoder.engine_note)
        digest = hashlib.sha256(encoder.engine.encode())
        for name, tensor in sorted(checkpoint.tensors.items()):
            if name.startswith("image."):
                digest.update(name.encode() + tensor.tobytes())
        if encoder.engine.startswith(OPENVINO_INT8):
            digest.update(json.dumps(listed_in(folder)["files"]).encode())
        return cls(encoder, encoder.transform, digest.hexdigest())


def image_vectors(
    tower: Tower, samples: Sequence[Sample], options: Augmentation, views: int, cache: Path
) -> Tensor:
    """Unit vectors [views, n, d] of the images, the upright view first.

    Raises:
        DatasetUnreadable: an image cannot be decoded.
        DiskFull, storage_failed, folder_read_only: the cache cannot be written.
    """
    sets = [list(own) for _, own in groupby(samples, key=lambda sample: sample.source)]
    parts = [(view, part) for view in range(views) for own in sets for part in _split(own)]
    found = [
        _kept(cache, _image_key(tower, part, options, view), partial(_seen, tower, part, options, view))
        for view, part in tqdm(parts, desc="image vectors", unit=f"{PART} images", leave=False)
    ]
    return torch.from_numpy(np.concatenate(found)).reshape(views, len(samples), -1)


def sentence_vectors(
    encoder: SentenceEncoder, identity: str, kinds: Sequence[Sequence[str]], cache: Path
) -> Tensor:
    """Unit sentence vectors [n, w] of all texts, kind after kind; `identity` is that of the encoder.

    Raises:
        DiskFull, storage_failed, folder_read_only: the cache cannot be written.
    """
    parts = [part for texts in kinds for part in _split(texts)]
    found = [
        _kept(cache, _digest([identity, part]), partial(_read, encoder, part))
        for part in tqdm(parts, desc="sentence vectors", unit=f"{PART} texts", leave=False)
    ]
    return torch.from_numpy(np.concatenate(found))


def _split(items: Sequence[Item]) -> list[list[Item]]:
    return [list(items[start : start + PART]) for start in range(0, len(items), PART)]


def _kept(cache: Path, key: str, make: Callable[[], Floats]) -> Floats:
    file = cache / f"{key}.npy"
    if not file.is_file():
        found = make()
        with writing(cache):
            cache.mkdir(parents=True, exist_ok=True)
        with replacing(file, lambda _: False) as part, part.open("wb") as target:
            np.save(target, found)
    vectors: Floats = np.load(file)
    return vectors


def _seen(tower: Tower, samples: Sequence[Sample], options: Augmentation, view: int) -> Floats:
    transform = tower.transform

    def read(part: Sequence[Sample]) -> NDArray[np.uint8]:
        shown = draw_views(part, str(view), options, transform) if view else upright(part, transform)
        return shown.permute(0, 2, 3, 1).contiguous().numpy()

    parts = (samples[start : start + AT_ONCE] for start in range(0, len(samples), AT_ONCE))
    return np.concatenate(
        [tower.encoder.encode_tiles(pixels) for pixels in prefetched(parts, read, threads=1)]
    )


@torch.inference_mode()
def _read(encoder: SentenceEncoder, texts: Sequence[str]) -> Floats:
    vectors: Floats = encoder(texts).float().cpu().numpy()
    return vectors


def _image_key(tower: Tower, samples: Sequence[Sample], options: Augmentation, view: int) -> str:
    drawn = [view, repr(options)] if view else 0
    return _digest([tower.identity, drawn, [shown_in(sample, drawn=view > 0) for sample in samples]])


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:24]
