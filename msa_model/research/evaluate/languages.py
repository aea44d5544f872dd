"""The same phrases in many languages as queries: how far each is from English."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from msa_model.measure.dataset import DatasetImage
from msa_model.measure.evaluation import encode_images
from msa_model.measure.subjects import Phrases
from msa_model.model.dual_encoder import DualEncoder
from msa_model.protocol.errors import PhrasesUnreadable
from msa_model.research.evaluate.classes import PhraseEvaluation, phrases_among
from msa_model.shipped import resource

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
