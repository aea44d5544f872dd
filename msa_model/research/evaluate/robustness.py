"""How far imagery may suffer before a model finds less: retrieval and short phrases on degraded images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from msa_model.measure.dataset import DatasetImage, read_pixels
from msa_model.measure.evaluation import BATCH, TileTextEncoder, caption_numbers, encode_pictures, score
from msa_model.protocol.errors import DatasetUnreadable
from msa_model.research.evaluate.degrade import Degradation, degradations
from msa_model.research.evaluate.relevance import precision_at

_AMONG = 10


@dataclass(frozen=True)
class Suffered:
    """One change at one strength: mean recall, P@10 of short phrases, mean cosine to the image as it was.

    `cosine5`: that only one image in twenty falls below.
    """

    kind: str
    strength: str
    mr: float
    p10: float
    cosine: float
    cosine5: float


@dataclass(frozen=True)
class Robustness:
    """All changes, "none" first."""

    images: int
    captions: int
    phrases: int
    rows: tuple[Suffered, ...]


def measure_robustness(
    encoder: TileTextEncoder, rows: Sequence[DatasetImage], phrases: Mapping[str, Sequence[str]]
) -> Robustness:
    """Every image is degraded, the texts stay; classes without phrases are asked for by no phrase.

    Raises:
        DatasetUnreadable: no image is of a class that has phrases, or one cannot be decoded.
    """
    labels = np.array([row.label for row in rows])
    asked = [
        (label, phrase) for label in sorted(set(labels.tolist()) & set(phrases)) for phrase in phrases[label]
    ]
    if not asked:
        raise DatasetUnreadable("No image is of a class that has short phrases.")
    queries = encoder.encode_texts([phrase for _, phrase in asked])
    distinct, text_of, owner = caption_numbers(rows)
    texts = encoder.encode_texts(distinct)
    found, plain = [], None
    for change in tqdm(degradations(), desc="changes", leave=False):
        images = _encoded(encoder, rows, change)
        plain = images if plain is None else plain
        cosines = (images * plain).sum(axis=1)
        hits = [
            precision_at(column, labels == label, _AMONG)
            for (label, _), column in zip(asked, (images @ queries.T).T, strict=True)
        ]
        found.append(
            Suffered(
                kind=change.kind,
                strength=change.strength,
                mr=score(images, texts, text_of, owner).mr,
                p10=100 * float(np.mean(hits)),
                cosine=float(cosines.mean()),
                cosine5=float(np.percentile(cosines, 5)),
            )
        )
    return Robustness(len(rows), len(owner), len(asked), tuple(found))


def _encoded(
    encoder: TileTextEncoder, rows: Sequence[DatasetImage], change: Degradation
) -> NDArray[np.float32]:
    return np.concatenate([encode_pictures(encoder, batch) for batch in _batches(rows, change)])


def _batches(rows: Sequence[DatasetImage], change: Degradation) -> Iterator[list[NDArray[np.uint8]]]:
    for start in range(0, len(rows), BATCH):
        yield [change.apply(read_pixels(row.path)) for row in rows[start : start + BATCH]]
