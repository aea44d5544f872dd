"""Which class is taken for which, by source: images against the classes of every data set at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msa_model.measure.class_phrases import Phrases, class_name
from msa_model.measure.dataset import DatasetImage
from msa_model.measure.evaluation import TileTextEncoder, encode_images
from msa_model.measure.mosaics import by_source
from msa_model.measure.subjects import Label, known
from msa_model.research.evaluate.classes import class_vector


@dataclass(frozen=True)
class Source:
    """Images of one source, in percent.

    `own`: named right among the set's classes; `all`: among the classes of every set, where a class of the
    same subject is right; `shown`: the class named is one that such images may show.
    """

    source: str
    images: int
    classes: int
    own: float
    all: float
    shown: float


@dataclass(frozen=True)
class Confusion:
    """Images of `label` that are named `answer`, a class of another subject; `places` in the data set."""

    label: str
    answer: str
    share: float
    places: tuple[int, ...]


@dataclass(frozen=True)
class Confusions:
    """`named` [n]: what each image is called among all `answers`; `matrix` [labels, answers] of images."""

    sources: tuple[Source, ...]
    total: Source
    pairs: tuple[Confusion, ...]
    labels: tuple[str, ...]
    answers: tuple[str, ...]
    matrix: tuple[tuple[int, ...], ...]


def confusions(
    encoder: TileTextEncoder,
    rows: Sequence[DatasetImage],
    name: str,
    phrases: Phrases,
    table: Mapping[str, Label],
) -> Confusions:
    """Of the data set `name` among all classes of `table` and its own; pairs most frequent first.

    Raises:
        DatasetUnreadable: an image cannot be decoded.
    """
    own = sorted({row.label for row in rows})
    answers = [*own, *sorted(set(table) - set(own))]
    subjects = known(answers, table)
    queries = np.stack([class_vector(encoder, phrases.get(label, (class_name(label),))) for label in answers])
    scores = encode_images(encoder, [row.path for row in rows]) @ queries.T  # [n, answers]
    among_own, named = scores[:, : len(own)].argmax(axis=1), scores.argmax(axis=1)
    flags = np.array(
        [
            (
                answers[inner] == row.label,
                subjects[answers[outer]].subject == subjects[row.label].subject,
                subjects[answers[outer]].subject in subjects[row.label].shows,
            )
            for row, inner, outer in zip(rows, among_own, named, strict=True)
        ]
    )
    place = {id(row): i for i, row in enumerate(rows)}
    sources = tuple(
        _source(source, part, flags[[place[id(row)] for row in part]])
        for source, part in by_source(rows, name).items()
    )
    truth = np.array([own.index(row.label) for row in rows])
    matrix = np.zeros((len(own), len(answers)), np.int64)
    np.add.at(matrix, (truth, named), 1)
    return Confusions(
        sources,
        _source("all", rows, flags),
        _pairs(rows, [answers[i] for i in named], subjects),
        tuple(own),
        tuple(answers),
        tuple(tuple(line) for line in matrix.tolist()),
    )


def _source(name: str, rows: Sequence[DatasetImage], flags: NDArray[np.bool_]) -> Source:
    own, everything, shown = (100 * flags.mean(axis=0)).tolist()
    return Source(name, len(rows), len({row.label for row in rows}), own, everything, shown)


def _pairs(
    rows: Sequence[DatasetImage], named: Sequence[str], subjects: Mapping[str, Label]
) -> tuple[Confusion, ...]:
    images = Counter(row.label for row in rows)
    places: dict[tuple[str, str], list[int]] = {}
    for i, (row, answer) in enumerate(zip(rows, named, strict=True)):
        if subjects[answer].subject != subjects[row.label].subject:
            places.setdefault((row.label, answer), []).append(i)
    pairs = [
        Confusion(label, answer, 100 * len(found) / images[label], tuple(found))
        for (label, answer), found in places.items()
    ]
    return tuple(sorted(pairs, key=lambda pair: (-len(pair.places), -pair.share, pair.label, pair.answer)))
