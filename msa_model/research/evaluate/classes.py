"""Zero-shot measurement on class-labelled images: classes and short phrases as queries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from msa_model.measure.dataset import DatasetImage
from msa_model.measure.evaluation import TileTextEncoder, encode_images
from msa_model.measure.subjects import Phrases, class_name
from msa_model.protocol.errors import PhrasesUnreadable
from msa_model.research.evaluate.relevance import (
    average_precision,
    overlap_at,
    precision_at,
    rank_biased_overlap,
)

TEMPLATES = ("{}", "an aerial image of {}", "a satellite image of {}", "{} seen from above")
AGREEMENT_AT = 10


@dataclass(frozen=True)
class ClassResult:
    """One class: its images, the average precision of its query, the percent of its images named right."""

    label: str
    images: int
    ap: float
    recall: float


@dataclass(frozen=True)
class ZeroShot:
    """Percent: images whose class is named right, and the mean over classes of the average precision.

    `bare_top1`: where each class is asked for by its label in plain words alone.
    """

    top1: float
    bare_top1: float
    map: float
    images: int
    classes: tuple[ClassResult, ...]


@dataclass(frozen=True)
class PhraseResult:
    """One phrase as a query: percent of its class among the first 10 and 20, and average precision."""

    label: str
    phrase: str
    p10: float
    p20: float
    ap: float


@dataclass(frozen=True)
class PhraseAgreement:
    """How far a class's phrases find the same images, in percent, over all pairs of phrases.

    `overlap10`: share of the first ten in common; `rbo`: rank-biased overlap (p = 0.9).
    """

    label: str
    overlap10: float
    rbo: float


@dataclass(frozen=True)
class PhraseEvaluation:
    """Means over phrases (p10, p20, ap) and over classes (overlap10, rbo), and their parts."""

    p10: float
    p20: float
    map: float
    overlap10: float
    rbo: float
    images: int
    phrases: tuple[PhraseResult, ...]
    synonyms: tuple[PhraseAgreement, ...]


def zero_shot(encoder: TileTextEncoder, rows: Sequence[DatasetImage], phrases: Phrases) -> ZeroShot:
    """Images against one vector per class: the mean of its phrases in all templates, at unit length.

    A class without phrases is asked for by its name.

    Raises:
        DatasetUnreadable: an image cannot be decoded.
    """
    labels = sorted({row.label for row in rows})
    truth = np.array([labels.index(row.label) for row in rows])
    queries = [class_vector(encoder, phrases.get(label, (class_name(label),))) for label in labels]
    images = encode_images(encoder, [row.path for row in rows])
    scores = images @ np.stack(queries).T  # [n, classes]
    right = scores.argmax(axis=1) == truth
    bare = images @ encoder.encode_texts([class_name(label) for label in labels]).T
    classes = tuple(
        ClassResult(
            label=label,
            images=int((truth == i).sum()),
            ap=100 * average_precision(scores[:, i], truth == i),
            recall=100 * float(right[truth == i].mean()),
        )
        for i, label in enumerate(labels)
    )
    return ZeroShot(
        top1=100 * float(right.mean()),
        bare_top1=100 * float((bare.argmax(axis=1) == truth).mean()),
        map=float(np.mean([result.ap for result in classes])),
        images=len(rows),
        classes=classes,
    )


def class_vector(encoder: TileTextEncoder, phrases: Sequence[str]) -> NDArray[np.float32]:
    """The mean direction [d] of phrases in all templates."""
    texts = [template.format(phrase) for phrase in phrases for template in TEMPLATES]
    mean = encoder.encode_texts(texts).mean(axis=0)
    vector: NDArray[np.float32] = mean / np.linalg.norm(mean)
    return vector


def measure_phrases(
    encoder: TileTextEncoder, rows: Sequence[DatasetImage], phrases: Phrases
) -> PhraseEvaluation:
    """Each phrase, as typed, as a query among all images; those of its class are right.

    Raises:
        PhrasesUnreadable: no phrase belongs to a class of these images.
        DatasetUnreadable: an image cannot be decoded.
    """
    return phrases_among(encoder, encode_images(encoder, [row.path for row in rows]), rows, phrases)


def phrases_among(
    encoder: TileTextEncoder, images: NDArray[np.float32], rows: Sequence[DatasetImage], phrases: Phrases
) -> PhraseEvaluation:
    """The same among images that are encoded, [n, d]; PhrasesUnreadable as there."""
    labels = np.array([row.label for row in rows])
    asked = [label for label in sorted(set(labels.tolist())) if label in phrases]
    if not asked:
        raise PhrasesUnreadable(
            f"No phrase is for a class of these images ({', '.join(sorted(set(labels)))})."
        )
    results: list[PhraseResult] = []
    synonyms: list[PhraseAgreement] = []
    for label in asked:
        scores = images @ encoder.encode_texts(phrases[label]).T  # [n, phrases]
        results += _phrase_results(label, phrases[label], scores, labels == label)
        synonyms += _agreement(label, scores)
    return PhraseEvaluation(
        p10=_mean(result.p10 for result in results),
        p20=_mean(result.p20 for result in results),
        map=_mean(result.ap for result in results),
        overlap10=_mean(pair.overlap10 for pair in synonyms),
        rbo=_mean(pair.rbo for pair in synonyms),
        images=len(rows),
        phrases=tuple(results),
        synonyms=tuple(synonyms),
    )


def _phrase_results(
    label: str, phrases: Sequence[str], scores: NDArray[np.float32], relevant: NDArray[np.bool_]
) -> list[PhraseResult]:
    return [
        PhraseResult(
            label=label,
            phrase=phrase,
            p10=100 * precision_at(column, relevant, 10),
            p20=100 * precision_at(column, relevant, 20),
            ap=100 * average_precision(column, relevant),
        )
        for phrase, column in zip(phrases, scores.T, strict=True)
    ]


def _agreement(label: str, scores: NDArray[np.float32]) -> list[PhraseAgreement]:
    """Nothing for a class of one phrase."""
    pairs = list(combinations(scores.T, 2))
    if not pairs:
        return []
    overlap = 100 * _mean(overlap_at(one, other, AGREEMENT_AT) for one, other in pairs)
    return [PhraseAgreement(label, overlap, 100 * _mean(rank_biased_overlap(*pair) for pair in pairs))]


def _mean(values: Iterator[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else float("nan")
