"""Captions of a training set as numbers into a table of sentence vectors."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from msa_model.eval.dataset import DatasetImage
from msa_model.model.text import SentenceEncoder, tidy

BATCH = 256


@dataclass(frozen=True)
class CaptionTable:
    """`vectors` [u, w] are those of the distinct texts; `numbers` [n, m] the texts of each image.

    Images with fewer than m texts repeat theirs, in order.
    """

    vectors: Tensor
    numbers: Tensor


def make_caption_table(
    rows: Sequence[DatasetImage], sentences: SentenceEncoder, cache: Path | None = None
) -> CaptionTable:
    """The table of all texts of `rows`; each distinct text is encoded once and kept in the folder `cache`."""
    texts = [[tidy(text) for text in texts_of(row)] for row in rows]
    distinct = sorted({text for own in texts for text in own}, key=lambda text: (len(text), text))
    place = {text: i for i, text in enumerate(distinct)}
    most = max(len(own) for own in texts)
    numbers = np.array([np.resize([place[text] for text in own], most) for own in texts])
    vectors = _cached(distinct, sentences, cache) if cache else _encode(distinct, sentences)
    return CaptionTable(vectors, torch.from_numpy(numbers))


def texts_of(row: DatasetImage) -> tuple[str, ...]:
    """The captions of an image, or prompts made of its scene class where it has none."""
    return row.captions or label_prompts(row.label)


def label_prompts(label: str) -> tuple[str, ...]:
    """Short texts for a scene class: 'parking_lot' and 'ParkingLot' both read 'parking lot'."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", label).lower()
    return (name, f"an aerial image of {name}", f"{name} seen from above")


def _cached(texts: Sequence[str], sentences: SentenceEncoder, folder: Path) -> Tensor:
    key = hashlib.sha256("\n".join([sentences.sha256, *texts]).encode()).hexdigest()[:16]
    file = folder / f"{key}.sentences.npy"
    if not file.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(".part.npy")
        np.save(partial, _encode(texts, sentences).numpy())
        partial.replace(file)
    return torch.from_numpy(np.load(file))


@torch.inference_mode()
def _encode(texts: Sequence[str], sentences: SentenceEncoder) -> Tensor:
    starts = tqdm(range(0, len(texts), BATCH), desc="captions", leave=False)
    return torch.cat([sentences(texts[start : start + BATCH]) for start in starts]).clone()
