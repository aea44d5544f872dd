"""The images that a recipe trains on and validates on, with their texts.

One training image with its texts, and the pictures that a view of it is made of.
Scenes of several labelled images side by side, with captions that tell what is in them.

Boxes turned into captions gave RemoteCLIP (arXiv 2306.11029, table 5) 5.7 points of mean recall; here the
layout is known because it was made. Views are turned and mirrored, so no caption says left or right.
Texts for scene classes: what people type instead of a caption.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from msa_model.measure import subjects
from msa_model.measure.dataset import DatasetImage, read_dataset
from msa_model.measure.subjects import class_name
from msa_model.model.text import tidy
from msa_model.protocol.errors import BadArgument, DatasetUnreadable
from msa_model.research.train.recipe import Data, Taught


@dataclass(frozen=True)
class Sample:
    """One image: its `captions`, the `phrases` of its class, and how small images are put into scenes.

    `alike` are the training images of its class in the same data set, `source` is that set's file.
    With `cells` it is no image of its own but a grid of side × side, each cell drawn from its images.
    """

    path: Path
    captions: tuple[str, ...]
    label: str
    phrases: tuple[str, ...] = ()
    alike: tuple[Path, ...] = ()
    grids: tuple[int, ...] = (1,)
    source: str = ""
    cells: tuple[tuple[Path, ...], ...] = ()


def draw_cells(sample: Sample, draw: random.Random) -> list[Path]:
    """The images of a view of a sample: its own, or the cells of a grid of side × side, row by row."""
    if sample.cells:
        return [draw.choice(images) for images in sample.cells]
    grid = draw.choice(sample.grids)
    return [sample.path, *(draw.choice(sample.alike) for _ in range(grid * grid - 1))]


def shown_in(sample: Sample, *, drawn: bool) -> list[object]:
    """Which images a view of the sample shows, by folder and name, for the key of what is kept of it.

    A view that is `drawn` can show those around it in a grid as well.
    """
    own = [[_folder_and_name(path) for path in cell] for cell in sample.cells] or _folder_and_name(
        sample.path
    )
    around = [sample.grids, [_folder_and_name(path) for path in sample.alike]] if drawn else []
    return [sample.source, own, *around]


def _folder_and_name(path: Path) -> str:
    return "/".join(path.parts[-2:])


def generator_of(sample: Sample, view: str) -> random.Random:
    """What draws a view of a sample: the same for the same name of the view."""
    return random.Random(f"{sample.source}:{sample.path.name}:{view}")  # noqa: S311  # nosec B311  (no secret)


CELLS = 4  # two rows of two
TWO = ("{a} and {b}", "{a} beside {b}", "{a} next to {b}", "{b} with {a} near by")
MOSTLY = ("{a} with {b} in one corner", "{b} beside {a}", "mostly {a} and some {b}", "{b} near {a}")
THREE = ("{a}, {b} and {c}", "{a} beside {b} and {c}", "{a} with {b} and {c} near by")
# which of the scene's subjects lies in each cell, and how that reads
LAYOUTS = (((0, 1, 0, 1), TWO), ((0, 0, 0, 1), MOSTLY), ((0, 0, 1, 2), THREE))
PHRASINGS = 3  # captions of a scene


def compose(
    samples: Sequence[Sample], names: Mapping[str, Sequence[str]], count: int, seed: int = 0
) -> list[Sample]:
    """`count` scenes of 2 × 2 images of different classes, which go by `names` in the captions.

    `samples` have a class; fewer than three classes give no scene. A phrase of any class in a scene is a
    text of its own.
    """
    by_label: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_label[sample.label].append(sample)
    if len(by_label) < CELLS - 1:
        return []
    draw = random.Random(seed)  # noqa: S311  # nosec B311  (no secret)
    return [_scene(number, by_label, names, draw) for number in range(count)]


def _scene(
    number: int,
    by_label: Mapping[str, Sequence[Sample]],
    names: Mapping[str, Sequence[str]],
    draw: random.Random,
) -> Sample:
    places, readings = draw.choice(LAYOUTS)
    labels = draw.sample(sorted(by_label), max(places) + 1)
    images = [tuple(sample.path for sample in by_label[label]) for label in labels]
    return Sample(
        path=Path(f"scene_{number}"),
        captions=tuple(_caption(draw.choice(readings), labels, names, draw) for _ in range(PHRASINGS)),
        label="",
        phrases=tuple(phrase for label in labels for phrase in by_label[label][0].phrases),
        source=by_label[labels[0]][0].source,
        cells=tuple(images[place] for place in places),
    )


def _caption(
    reading: str, labels: Sequence[str], names: Mapping[str, Sequence[str]], draw: random.Random
) -> str:
    chosen = {letter: draw.choice(names[label]) for letter, label in zip("abc", labels, strict=False)}
    return reading.format(**chosen)


Phrases = Mapping[str, tuple[str, ...]]


def read_phrases(path: Path) -> dict[str, tuple[str, ...]]:
    """Phrases by class, as `class_key` gives it; errors as of `subjects.read_phrases`."""
    found: dict[str, tuple[str, ...]] = {}
    for label, phrases in subjects.read_phrases(path).items():
        key = class_key(label)
        found[key] = tuple(dict.fromkeys((*found.get(key, ()), *phrases)))
    return found


def class_key(label: str) -> str:
    """The same for 'parking_lot', 'ParkingLot' and 'parkinglot'."""
    return re.sub(r"[^a-z0-9]", "", label.lower())


def class_texts(label: str, templates: Sequence[str], phrases: Phrases) -> tuple[str, ...]:
    """Every phrase of a class in every template, phrase by phrase; a class without any goes by its name."""
    if not label:
        return ()
    own = phrases.get(class_key(label)) or (class_name(label),)
    return tuple(template.format(phrase) for phrase in own for template in templates)


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


def read_samples(recipe: Taught, root: Path, beside: Path) -> Samples:
    """The samples of a recipe: data below the folder `root`, phrases in the recipe's folder `beside`.

    Raises:
        DatasetUnreadable: a data set cannot be read, has no such split, or an image has no text.
        BadArgument: the phrases cannot be read, or no image is of a source to be left out.
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
    _check_left_out(recipe.data, labelled)
    return Samples(tuple(training), validation, tuple(labelled))


def _check_left_out(sets: Sequence[Data], labelled: Sequence[LabelledSet]) -> None:
    """A source that is misspelt would be trained on."""
    found = {label_in_name(sample.path) for part in labelled for sample in part.samples}
    for source in sorted({source for data in sets for source in data.left_out} - found):
        raise BadArgument(f"No labelled image is of the source '{source}': file names begin otherwise.")


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


def is_left_out(path: Path, data: Data) -> bool:
    """Whether the image is of a source that the recipe leaves out."""
    return label_in_name(path) in data.left_out


Placed = tuple[str, Sample]  # a sample and its split


def _with_texts(rows: Sequence[DatasetImage], file: str, recipe: Taught, phrases: Phrases) -> list[Placed]:
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
        sample.path for sample in samples if is_left_out(sample.path, data)
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
