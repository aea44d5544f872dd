"""The images that a recipe trains on and validates on, with their texts."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from msa_model.measure.dataset import DatasetImage, read_dataset
from msa_model.model.text import tidy
from msa_model.protocol.errors import DatasetUnreadable
from msa_model.research.train.compose import compose
from msa_model.research.train.phrases import Phrases, class_texts, read_phrases
from msa_model.research.train.recipe import Data, Recipe
from msa_model.research.train.sample import Sample

NUMBERED = re.compile(r"_?\d+$")
SHUFFLE_SEED = 0  # which labelled images are held out does not depend on the run's seed


@dataclass(frozen=True)
class LabelledSet:
    """Held-out images of a labelled data set, which goes by the name of its folder.

    `classes` are the phrases of every class of the set, by label.
    """

    name: str
    samples: tuple[Sample, ...]
    classes: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Samples:
    """What a run works with; `validation` is the first caption set that the recipe validates on."""

    training: tuple[Sample, ...]
    validation: tuple[Sample, ...]
    labelled: tuple[LabelledSet, ...]


def read_samples(recipe: Recipe, root: Path, beside: Path) -> Samples:
    """The samples of a recipe: data below the folder `root`, phrases in the recipe's folder `beside`.

    Raises:
        DatasetUnreadable: a data set cannot be read, has no such split, or an image has no text.
        BadArgument: the phrases cannot be read.
    """
    phrases = read_phrases(beside / recipe.words.phrases) if recipe.words.phrases else {}
    training: list[Sample] = []
    validation: tuple[Sample, ...] = ()
    labelled: list[LabelledSet] = []
    for data in recipe.data:
        images = _with_texts(read_images(data, root), data.file, recipe, phrases)
        chosen, held_out = _parts(images, data)
        training += _with_neighbours(chosen, data)
        if data.composed:
            names = {sample.label: class_texts(sample.label, ("{}",), phrases) for sample in chosen}
            training += compose([sample for sample in chosen if sample.label], names, data.composed)
        if data.kind == "labels" and held_out:
            classes = {sample.label: sample.phrases for _, sample in images}
            labelled.append(LabelledSet(Path(data.file).parent.name or data.file, held_out, classes))
        elif not validation:
            validation = held_out
    return Samples(tuple(training), validation, tuple(labelled))


def read_images(data: Data, root: Path) -> tuple[DatasetImage, ...]:
    """Every image of a data set, its class taken from its name where the recipe says so.

    Raises:
        DatasetUnreadable: see `read_dataset`.
    """
    rows = read_dataset(root / data.file, root / data.images)
    if not data.labels_in_names:
        return rows
    return tuple(row if row.label else replace(row, label=label_in_name(row.path)) for row in rows)


def label_in_name(path: Path) -> str:
    """The class or source in a file's name: "airport" in airport_1.jpg, "" in 00001.jpg."""
    return NUMBERED.sub("", path.stem)


Placed = tuple[str, Sample]  # a sample and its split


def _with_texts(rows: Sequence[DatasetImage], file: str, recipe: Recipe, phrases: Phrases) -> list[Placed]:
    templates = recipe.words.templates
    return [
        (
            row.split,
            Sample(
                row.path,
                tuple(text for text in map(tidy, row.captions) if text),
                row.label,
                class_texts(row.label, templates, phrases),
                source=file,
            ),
        )
        for row in rows
    ]


def _parts(images: Sequence[Placed], data: Data) -> tuple[tuple[Sample, ...], tuple[Sample, ...]]:
    """Those to train on and those to validate on."""
    if data.kind == "labels":
        return _labelled_parts([sample for _, sample in images], data)
    validation = _captioned(images, data, data.validation_split) if data.validate else ()
    return _limited(_captioned(images, data, data.split), data), validation


def _labelled_parts(samples: list[Sample], data: Data) -> tuple[tuple[Sample, ...], tuple[Sample, ...]]:
    for sample in samples:
        if not sample.label:
            raise DatasetUnreadable(f"{data.file} gives no label for {sample.path.name}.")
    samples = list({sample.path: sample for sample in samples}.values())  # a set may list an image twice
    random.Random(SHUFFLE_SEED).shuffle(samples)  # noqa: S311  # nosec B311  (no secret)
    count = round(len(samples) * data.held_out)
    held_out = {sample.path for sample in samples[:count]} | {
        sample.path for sample in samples if label_in_name(sample.path) in data.left_out
    }
    chosen = tuple(sample for sample in samples if sample.path not in held_out)
    return _limited(chosen, data), tuple(sample for sample in samples if sample.path in held_out)


def _captioned(images: Sequence[Placed], data: Data, split: str) -> tuple[Sample, ...]:
    chosen = tuple(sample for name, sample in images if name == split)
    if not chosen:
        known = ", ".join(sorted({f"'{name}'" for name, _ in images}))
        raise DatasetUnreadable(f"{data.file} has no image in the split '{split}'; it has {known}.")
    for sample in chosen:
        if not sample.captions:
            raise DatasetUnreadable(f"{data.file} gives no caption with words for {sample.path.name}.")
    return chosen


def _limited(samples: tuple[Sample, ...], data: Data) -> tuple[Sample, ...]:
    if not data.limit or data.limit >= len(samples):
        return samples
    chosen = sorted(random.Random(SHUFFLE_SEED).sample(range(len(samples)), data.limit))  # noqa: S311  # nosec B311
    return tuple(samples[i] for i in chosen)


def _with_neighbours(samples: Sequence[Sample], data: Data) -> list[Sample]:
    if data.grids == (1,):
        return list(samples)
    by_label: dict[str, list[Path]] = defaultdict(list)
    for sample in samples:
        by_label[sample.label].append(sample.path)
    alike = {label: tuple(paths) for label, paths in by_label.items()}
    return [replace(sample, alike=alike[sample.label], grids=data.grids) for sample in samples]
