"""Zero-shot measurement on class-labelled images: classes and short phrases as queries.

The same phrases in many languages as queries: how far each is from English.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from msa_model.measure.dataset import DatasetImage
from msa_model.measure.evaluation import TileTextEncoder, encode_images
from msa_model.measure.metrics import (
    average_precision,
    overlap_at,
    precision_at,
    rank_biased_overlap,
)
from msa_model.measure.subjects import Phrases, class_name
from msa_model.model.dual_encoder import DualEncoder
from msa_model.protocol.errors import PhrasesUnreadable
from msa_model.shipped import resource

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


ENGLISH = "en"
_COLUMN, _LABEL = "phrase", "label"


@dataclass(frozen=True)
class LanguageResult:
    """The phrases in one language: P@10 and mean average precision in percent, and P@10 beside English.

    `english`: how many of the `phrases` the English encoder reads. `listed`: how many the glossary holds, and
    P@10 of the others, which no translation was known of.
    """

    language: str
    phrases: int
    p10: float
    map: float
    of_english: float
    english: int
    listed: int
    p10_others: float


@dataclass(frozen=True)
class LanguageEvaluation:
    """Every language among the same `images`."""

    images: int
    languages: tuple[LanguageResult, ...]


def read_translations(file: Path | None = None) -> dict[str, dict[str, tuple[str, ...]]]:
    """Class phrases by language and class, from a CSV file (the shipped one else).

    Its columns are label, phrase (English) and one for each other language, named by its code.

    Raises:
        PhrasesUnreadable: it cannot be read, lacks a column, or leaves a cell empty.
    """
    file = file or resource("class_phrases_languages.csv")
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except OSError as error:
        raise PhrasesUnreadable(f"{file} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise PhrasesUnreadable(f"{file} is no CSV file: {error}.") from error
    if not rows or not {_LABEL, _COLUMN} <= rows[0].keys():
        raise PhrasesUnreadable(f"{file} has no columns label and phrase.")
    if not all(all(row.values()) for row in rows):
        raise PhrasesUnreadable(f"{file} leaves a cell empty.")
    columns = {ENGLISH if name == _COLUMN else name: name for name in rows[0] if name != _LABEL}
    return {language: _by_class(rows, column) for language, column in columns.items()}


def measure_languages(
    encoder: DualEncoder, rows: Sequence[DatasetImage], languages: Mapping[str, Phrases]
) -> LanguageEvaluation:
    """The phrases of each language as queries among all images; English is what they are compared with.

    Raises:
        PhrasesUnreadable, DatasetUnreadable: as in `measure_phrases`.
    """
    images = encode_images(encoder, [row.path for row in rows])
    found = {code: phrases_among(encoder, images, rows, phrases) for code, phrases in languages.items()}
    beside = found[ENGLISH].p10
    results = tuple(_result(encoder, code, result, beside) for code, result in found.items())
    return LanguageEvaluation(len(rows), results)


def _result(encoder: DualEncoder, code: str, result: PhraseEvaluation, english: float) -> LanguageResult:
    others = [one.p10 for one in result.phrases if not encoder.twin(one.phrase)]
    return LanguageResult(
        language=code,
        phrases=len(result.phrases),
        p10=result.p10,
        map=result.map,
        of_english=100 * result.p10 / english,
        english=sum(not encoder.is_other(one.phrase) for one in result.phrases),
        listed=len(result.phrases) - len(others),
        p10_others=sum(others) / len(others) if others else result.p10,
    )


def _by_class(rows: Sequence[Mapping[str, str]], column: str) -> dict[str, tuple[str, ...]]:
    phrases: dict[str, list[str]] = {}
    for row in rows:
        phrases.setdefault(row[_LABEL].strip(), []).append(row[column].strip())
    return {label: tuple(own) for label, own in phrases.items()}
