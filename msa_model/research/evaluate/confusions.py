"""Which class is taken for which, by source: images against the classes of every data set at once.

Confusions as a picture: a matrix of classes, and the most frequent pairs with their images.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from msa_model.measure.dataset import DatasetImage, read_pixels
from msa_model.measure.evaluation import TileTextEncoder, encode_images
from msa_model.measure.mosaics import by_source
from msa_model.measure.subjects import Label, Phrases, class_name, known
from msa_model.research.evaluate.classes import class_vector
from msa_model.research.evaluate.sheet import PAPER, RIGHT, WRONG, cut, write


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
    *,
    classes: Collection[str] = (),
) -> Confusions:
    """Of the data set `name` among all classes of `table` and its own; pairs most frequent first.

    `rows` may be a part of the set: then `classes` names those of the whole.

    Raises:
        DatasetUnreadable: an image cannot be decoded.
    """
    own = sorted({row.label for row in rows})
    among = [*own, *sorted(set(classes) - set(own))]
    answers = [*among, *sorted(set(table) - set(among))]
    subjects = known(answers, table)
    queries = np.stack([class_vector(encoder, phrases.get(label, (class_name(label),))) for label in answers])
    scores = encode_images(encoder, [row.path for row in rows]) @ queries.T  # [n, answers]
    inner, named = scores[:, : len(among)].argmax(axis=1), scores.argmax(axis=1)
    told = [(row.label, answers[i], answers[k]) for row, i, k in zip(rows, inner, named, strict=True)]
    flags = np.array([_flags(*labels, subjects) for labels in told])
    truth = np.array([own.index(row.label) for row in rows])
    matrix = np.zeros((len(own), len(answers)), np.int64)
    np.add.at(matrix, (truth, named), 1)
    return Confusions(
        _sources(rows, name, flags),
        _source("all", rows, flags),
        _pairs(rows, [answers[i] for i in named], subjects),
        tuple(own),
        tuple(answers),
        tuple(tuple(line) for line in matrix.tolist()),
    )


def _flags(label: str, inner: str, outer: str, subjects: Mapping[str, Label]) -> tuple[bool, bool, bool]:
    """Whether the best of its own classes, the subject of the best of all, or what that shows is right."""
    subject = subjects[outer].subject
    return inner == label, subject == subjects[label].subject, subject in subjects[label].shows


def _sources(rows: Sequence[DatasetImage], name: str, flags: NDArray[np.bool_]) -> tuple[Source, ...]:
    position = {id(row): i for i, row in enumerate(rows)}
    return tuple(
        _source(source, part, flags[[position[id(row)] for row in part]])
        for source, part in by_source(rows, name).items()
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


_PAIRS, _PICTURES = 16, 8
_CELL, _NAMES, _SIDE, _GAP, _LINE = 22, 230, 96, 8, 20
_NOTABLE = 2  # images of a class that another class takes, for its column to be drawn


def confusion_picture(result: Confusions, rows: Sequence[DatasetImage]) -> Image.Image:
    """The matrix (rows: what the images are; columns: what they are called), below it the pairs.

    `rows` are those that were measured.

    Raises:
        DatasetUnreadable: an image cannot be decoded.
    """
    parts = [_matrix(result), *(_pair(pair, rows) for pair in result.pairs[:_PAIRS])]
    sheet = Image.new("RGB", (max(p.width for p in parts), sum(p.height for p in parts)), PAPER)
    top = 0
    for part in parts:
        sheet.paste(part, (0, top))
        top += part.height
    return sheet


def _matrix(result: Confusions) -> Image.Image:
    """Each row in shares of its images; columns of hardly any image are left out."""
    counts, wrong = np.array(result.matrix), {(pair.label, pair.answer) for pair in result.pairs}
    columns = [
        column
        for column, answer in enumerate(result.answers)
        if answer in result.labels or counts[:, column].sum() >= _NOTABLE
    ]
    size = (_NAMES + _CELL * len(columns) + _GAP, _NAMES + _CELL * len(result.labels) + 2 * _LINE)
    sheet = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(sheet)
    write(draw, (_GAP, _GAP), "is \\ is called, percent", 13)
    _name_columns(sheet, [result.answers[column] for column in columns])
    for i, label in enumerate(result.labels):
        top = _NAMES + i * _CELL
        name = cut(f"{label} ({counts[i].sum()})", draw, _NAMES - 2 * _GAP, 13)
        write(draw, (_GAP, top + 3), name, 13)
        for j, column in enumerate(columns):
            share = counts[i, column] / counts[i].sum()
            right = (label, result.answers[column]) not in wrong
            _draw_share(draw, (_NAMES + j * _CELL, top), share, RIGHT if right else WRONG)
    return sheet


def _draw_share(
    draw: ImageDraw.ImageDraw, corner: tuple[int, int], share: float, full: Sequence[int]
) -> None:
    left, top = corner
    shade = tuple(round(255 - (255 - value) * share**0.5) for value in full)
    draw.rectangle((left, top, left + _CELL - 2, top + _CELL - 2), fill=shade)
    if share:
        place = (left + _CELL / 2 - 1, top + _CELL / 2)
        write(draw, place, f"{100 * share:.0f}", 11, anchor="mm")


def _name_columns(sheet: Image.Image, names: Sequence[str]) -> None:
    """Upright, as they are too long to lie."""
    strip = Image.new("RGB", (_NAMES - _GAP, _CELL * len(names)), PAPER)
    draw = ImageDraw.Draw(strip)
    for i, name in enumerate(names):
        write(draw, (0, i * _CELL + 3), cut(name, draw, strip.width, 13), 13)
    sheet.paste(strip.rotate(90, expand=True), (_NAMES, 0))


def _pair(pair: Confusion, rows: Sequence[DatasetImage]) -> Image.Image:
    """A pair's line: what is called what, how often, and the first images."""
    sheet = Image.new("RGB", (_GAP + _PICTURES * (_SIDE + _GAP), _LINE + _SIDE + 2 * _GAP), PAPER)
    draw = ImageDraw.Draw(sheet)
    text = f"{pair.label} is called {pair.answer}: {len(pair.places)} images, {pair.share:.0f} % of the class"
    write(draw, (_GAP, _GAP), text, 14)
    for number, place in enumerate(pair.places[:_PICTURES]):
        picture = Image.fromarray(read_pixels(rows[place].path)).resize((_SIDE, _SIDE))
        sheet.paste(picture, (_GAP + number * (_SIDE + _GAP), _LINE + _GAP))
    return sheet
