"""What a training run needs to know: a TOML recipe (model and hyper-parameters) and where the data lie."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from msa_model.model.config import ModelConfig, parse_config
from msa_model.protocol.errors import BadArgument

VIEWS = 8  # the symmetries of a square


@dataclass(frozen=True)
class Training:
    """Hyper-parameters.

    `views` lists the symmetries (0..7) that each training image is shown in: overhead images have no up.
    The backbone's last stage is trained with `tune_rate` if that is above 0; all before stays as initialised.
    """

    epochs: int
    batch: int
    learning_rate: float
    tune_rate: float
    weight_decay: float
    dropout: float
    temperature: float
    views: tuple[int, ...]


@dataclass(frozen=True)
class Recipe:
    """One TOML file: the model that comes out, and how it is trained."""

    model: ModelConfig
    training: Training


@dataclass(frozen=True)
class Source:
    """A caption file and the folder of its images."""

    file: Path
    images: Path


def read_recipe(path: Path) -> Recipe:
    """The recipe at `path`.

    Raises:
        BadArgument: it cannot be read, a key is wrong (the nearest one is named) or a value is out of range.
    """
    try:
        recipe = parse_config(Recipe, tomllib.loads(path.read_text(encoding="utf-8")))
        _check(recipe.training)
    except (OSError, ValueError) as error:
        raise BadArgument(f"The recipe {path} cannot be used: {error}.") from error
    return recipe


def parse_source(text: str) -> Source:
    """A data set given as `captions.json:images_folder`.

    Raises:
        BadArgument: there is no colon in it.
    """
    file, colon, images = text.rpartition(":")
    if not (file and colon and images):
        raise BadArgument(f"Give a data set as 'captions.json:images_folder', not '{text}'.")
    return Source(Path(file), Path(images))


def _check(training: Training) -> None:
    positive = ("epochs", "batch", "learning_rate", "temperature")
    for name in positive:
        if getattr(training, name) <= 0:
            raise ValueError(f"'training.{name}' should be above 0")
    if not 0 <= training.dropout < 1:
        raise ValueError("'training.dropout' should be at least 0 and below 1")
    if training.tune_rate < 0:
        raise ValueError("'training.tune_rate' should not be negative")
    if not training.views or not all(0 <= view < VIEWS for view in training.views):
        raise ValueError(f"'training.views' should list numbers from 0 to {VIEWS - 1}")


def with_epochs(recipe: Recipe, epochs: int | None) -> Recipe:
    """The recipe with another number of epochs, if one is given.

    Raises:
        BadArgument: it is below 1.
    """
    if epochs is None:
        return recipe
    if epochs < 1:
        raise BadArgument(f"The number of epochs should be at least 1, not {epochs}.")
    return replace(recipe, training=replace(recipe.training, epochs=epochs))
