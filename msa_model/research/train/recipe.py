"""What a training run is: one TOML file that names the model, the data and the hyper-parameters.

A text head's recipe names no model: it is that of the checkpoint whose head is trained further.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from msa_model.model.config import ModelConfig
from msa_model.protocol.codec import decoded
from msa_model.protocol.errors import BadArgument
from msa_model.research.train.augment import Augmentation
from msa_model.research.train.losses import LossWeights

COUNTS = ("epochs", "steps", "views", "workers", "frozen_stages", "frozen_blocks")
RATES = ("head_rate", "fine_rate", "backbone_rate", "text_rate")
Kind = TypeVar("Kind")
TEXT_HEAD_KEYS = (
    *("batch", "epochs", "steps", "head_rate", "weight_decay", "warm_up", "clip_norm"),
    *("ema_decay", "dropout", "temperature", "views", "phrase"),
)
LATTICE = 32  # px of the image per cell of the last stage


@dataclass(frozen=True)
class Training:
    """Hyper-parameters; rates are peak learning rates, shares are of 1.

    A part whose rate is 0 stays as it is; `fine_rate` is that of the matching heads. Either `epochs` or
    `steps` is above 0. The first `frozen_stages` stages and `frozen_blocks` blocks of the next stay as
    initialised; those after them learn with backbone_rate · backbone_decay^(blocks that follow).
    `views` is how many augmented views of an image are kept as feature maps of the frozen blocks; 0 augments
    afresh and runs the whole backbone at every step, with `workers` processes that read. `mosaic` is the
    share of steps whose images are seen in scenes of 2 × 2, `phrase` that of captioned images that are shown
    with a phrase of their class instead. `validate_every` counts epochs. `resident`: all images are kept on
    the device as pixels and augmented there, without `views` or `workers`.
    """

    batch: int
    head_rate: float
    fine_rate: float = 0.0
    epochs: int = 0
    steps: int = 0
    backbone_rate: float = 0.0
    backbone_decay: float = 1.0
    text_rate: float = 0.0
    weight_decay: float = 0.02
    warm_up: float = 0.1
    clip_norm: float = 1.0
    ema_decay: float = 0.99
    dropout: float = 0.2
    temperature: float = 0.05
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    frozen_stages: int = 2
    frozen_blocks: int = 0
    views: int = 6
    workers: int = 0
    mosaic: float = 0.0
    phrase: float = 0.0
    validate_every: int = 1
    resident: bool = False


@dataclass(frozen=True)
class Data:
    """One data set, its paths relative to the data folder.

    "captions": `split` is trained on, and `validation_split` is validated on if `validate`; with
    `labels_in_names`, airport_1.jpg is of the class airport. "labels" has classes only: the share `held_out`
    of it, the same whatever the seed, is left for zero-shot validation. `limit` caps the training images.
    `grids`: a small image stands for a scene of g × g of its class, g drawn from the list. `composed` scenes
    of several classes are added (`compose`). `left_out`: sources, told by file names (rsod_012.jpg), that
    are validated on instead of trained on.
    """

    kind: Literal["captions", "labels"]
    file: str
    images: str
    split: str = "train"
    validation_split: str = "val"
    validate: bool = False
    labels_in_names: bool = False
    held_out: float = 0.0
    limit: int = 0
    grids: tuple[int, ...] = (1,)
    composed: int = 0
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Distillation:
    """What is learnt from a teacher that sees the same images, each by itself, and reads the same texts.

    `weight` is that of the divergence from the teacher's matching distributions at its `temperature`,
    `features` that of 1 - cosine between both embeddings of an image, for a teacher of the same dimension.
    Where stages are frozen, the teacher sees every image beforehand, in `views` views (the first upright),
    and says the mean of them.
    """

    weight: float = 0.0
    temperature: float = 0.05
    features: float = 0.0
    views: int = 2


@dataclass(frozen=True)
class WordSettings:
    """Texts for scene classes: a CSV file (label, phrase) beside the recipe, templates with one {} each."""

    phrases: str = ""
    templates: tuple[str, ...] = ("{}", "an aerial image of {}", "{} seen from above")


WORDS, LOSS, AUGMENTATION, DISTILLATION = WordSettings(), LossWeights(), Augmentation(), Distillation()


@dataclass(frozen=True)
class Recipe:
    """One TOML file; `noise` is the length of what is added to an image's unit vector at each step."""

    model: ModelConfig
    training: Training
    data: tuple[Data, ...]
    noise: float = 0.0
    words: WordSettings = WORDS
    loss: LossWeights = LOSS
    augmentation: Augmentation = AUGMENTATION
    distillation: Distillation = DISTILLATION

    @property
    def sha256(self) -> str:
        """Of everything in it: two recipes with the same one train the same."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Held:
    """What keeps a text head near the one before: weights of 1 - cosine between what both say.

    `batch` is that of the texts that a step shows, `free` that of as many others: the phrase bank in every
    template and the captions of composed scenes, which no image is shown with.
    """

    batch: float = 0.0
    free: float = 0.0


HELD = Held()


@dataclass(frozen=True)
class TextHeadRecipe:
    """One TOML file for `msa train-text-head`.

    Of `training` it takes `TEXT_HEAD_KEYS`; the first of the `views` is upright and whole. `noise` is the
    length of what is added to an image's unit vector at each step, `labelled` weighs the images without
    captions.
    """

    training: Training
    data: tuple[Data, ...]
    noise: float = 0.0
    labelled: float = 1.0
    held: Held = HELD
    words: WordSettings = WORDS
    augmentation: Augmentation = AUGMENTATION


class Taught(Protocol):
    """What both recipes say of their data: properties, as frozen fields are read-only."""

    @property
    def data(self) -> tuple[Data, ...]:
        """The data sets."""

    @property
    def words(self) -> WordSettings:
        """Texts for scene classes."""


def read_recipe(path: Path) -> Recipe:
    """The recipe at `path`.

    Raises:
        BadArgument: it cannot be read, a key is wrong (the nearest one is named) or a value is out of range.
    """
    return _read(path, Recipe, check_recipe)


def leave_out(recipe: Recipe, sources: Sequence[str]) -> Recipe:
    """The recipe with `sources` of its labelled sets, whichever has them, kept out of training."""
    return replace(
        recipe,
        data=tuple(
            replace(data, left_out=(*data.left_out, *sources)) if data.kind == "labels" else data
            for data in recipe.data
        ),
    )


def read_text_head_recipe(path: Path) -> TextHeadRecipe:
    """The same of a text head."""
    return _read(path, TextHeadRecipe, check_text_head_recipe)


def _read(path: Path, kind: type[Kind], check: Callable[[Kind], None]) -> Kind:
    try:
        recipe = decoded(kind, tomllib.loads(path.read_text(encoding="utf-8")))
        check(recipe)
    except (OSError, ValueError) as error:
        raise BadArgument(f"The recipe {path} cannot be used: {error}.") from error
    return recipe


def check_recipe(recipe: Recipe) -> None:
    """Refuse values out of range.

    Raises:
        ValueError: the first one that is, by its name.
    """
    _check_training(recipe.training)
    _check_sets(recipe)
    if recipe.training.mosaic > 0 and recipe.model.image.size % LATTICE:
        raise ValueError(f"'training.mosaic' needs a 'model.image.size' that is a multiple of {LATTICE}")
    if recipe.noise < 0:
        raise ValueError("'noise' should not be negative")
    if recipe.distillation.views < 1:
        raise ValueError("'distillation.views' should be above 0")
    if recipe.training.text_rate > 0 and recipe.model.text.tuned_layers == 0:
        raise ValueError("'training.text_rate' needs 'model.text.tuned_layers' above 0")


def check_text_head_recipe(recipe: TextHeadRecipe) -> None:
    """Refuse values out of range, and keys of the training that this one has no use for.

    Raises:
        ValueError: the first one, by its name.
    """
    _check_training(recipe.training)
    _check_sets(recipe)
    for field in fields(Training):
        if field.name not in TEXT_HEAD_KEYS and getattr(recipe.training, field.name) != field.default:
            raise ValueError(f"a text head is trained without 'training.{field.name}'")
    if recipe.training.views < 1 or recipe.training.head_rate == 0:
        raise ValueError("'training.views' and 'training.head_rate' should be above 0")
    weights = {"noise": recipe.noise, "labelled": recipe.labelled}
    weights |= {"held.batch": recipe.held.batch, "held.free": recipe.held.free}
    for name, value in weights.items():
        if value < 0:
            raise ValueError(f"'{name}' should not be negative")


def _check_sets(recipe: Taught) -> None:
    if not recipe.words.templates or any(text.count("{}") != 1 for text in recipe.words.templates):
        raise ValueError("'words.templates' should hold texts with one {} each")
    if not recipe.data:
        raise ValueError("it lists no [[data]]")
    for number, data in enumerate(recipe.data):
        _check_data(data, f"data[{number}]")


def _check_training(training: Training) -> None:
    for name in ("batch", "temperature", "clip_norm", "validate_every"):
        if getattr(training, name) <= 0:
            raise ValueError(f"'training.{name}' should be above 0")
    for name in (*COUNTS, *RATES, "weight_decay"):
        if getattr(training, name) < 0:
            raise ValueError(f"'training.{name}' should not be negative")
    for name in ("mosaic", "phrase", "warm_up", "dropout", "ema_decay"):
        if not 0 <= getattr(training, name) <= 1:
            raise ValueError(f"'training.{name}' should be from 0 to 1")
    if not any(getattr(training, name) for name in RATES):
        raise ValueError("at least one of 'training.head_rate' and the other rates should be above 0")
    if (training.epochs > 0) == (training.steps > 0):
        raise ValueError("give either 'training.epochs' or 'training.steps'")
    if training.resident and (training.views or training.workers):
        raise ValueError("'training.resident' needs 'training.views' and 'training.workers' of 0")
    if training.views and not training.frozen_stages:
        raise ValueError("'training.views' needs 'training.frozen_stages' above 0")


def _check_data(data: Data, where: str) -> None:
    if not 0 <= data.held_out < 1:
        raise ValueError(f"'{where}.held_out' should be at least 0 and below 1")
    if data.limit < 0:
        raise ValueError(f"'{where}.limit' should not be negative")
    if not data.grids or min(data.grids) < 1:
        raise ValueError(f"'{where}.grids' should list numbers above 0")
