"""Small made-up data sets and recipes to train on."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.numpy import save_file

from msa_model.model.config import ModelConfig
from msa_model.model.device import choose_device
from msa_model.model.network import MsaNetwork
from msa_model.research.train.recipe import Data, Recipe, Training
from msa_model.research.train.run import Job

COLOURS = {"green": (40, 120, 40), "blue": (30, 60, 160), "grey": (128, 128, 128), "sand": (210, 190, 140)}
TRAINING = Training(
    batch=8,
    head_rate=3e-3,
    epochs=3,
    temperature=0.1,
    dropout=0.1,
    precision="float32",
    ema_decay=0.5,
    frozen_stages=2,
    views=2,
)
CAPTIONS = Data(kind="captions", file="made.json", images="images", validate=True)
LABELS = Data(kind="labels", file="labels/labels.json", images="images", held_out=0.25)


def make_images(root: Path, side: int = 64) -> None:
    """Coloured noise with its colour for a caption, 20 images to train on and 4 to validate on."""
    (root / "images").mkdir(parents=True)
    (root / "labels").mkdir()
    rng = np.random.default_rng(0)
    captioned, labelled = [], []
    for number in range(24):
        name, colour = list(COLOURS.items())[number % 4]
        pixels = np.clip(rng.normal(colour, 20, (side, side, 3)), 0, 255).astype(np.uint8)
        file = f"{name}_{number}.png"
        Image.fromarray(pixels).save(root / "images" / file)
        sentences = [{"raw": f"{name} ground number {number} ."}, {"raw": f"it is {name} ."}]
        split = "val" if number >= 20 else "train"
        captioned.append({"filename": file, "split": split, "sentences": sentences})
        labelled.append({"filename": file, "label": f"{name}_land"})
    (root / "made.json").write_text(json.dumps({"images": captioned}), encoding="utf-8")
    (root / "labels" / "labels.json").write_text(json.dumps({"images": labelled}), encoding="utf-8")


def make_weights(path: Path, config: ModelConfig) -> None:
    """Random weights for the backbone, as a classifier's file holds them."""
    torch.manual_seed(0)
    weights = MsaNetwork(config).image.backbone.net.state_dict()
    save_file({name: tensor.numpy() for name, tensor in weights.items()}, path)


def recipe_of(config: ModelConfig, *data: Data, tuned: int = 0, **changes: float | str) -> Recipe:
    """A recipe of the small kind, with changes to its training."""
    config = dataclasses.replace(config, text=dataclasses.replace(config.text, tuned_layers=tuned))
    training = dataclasses.replace(TRAINING, **changes)  # type: ignore[arg-type]
    return Recipe(config, training, data or (CAPTIONS,))


def job_of(root: Path, out: Path, seed: int = 0) -> Job:
    """A job on the images below `root`."""
    init = root / "init.safetensors"
    return Job(root, root, out, root / "cache", init, seed, choose_device("cpu"))


def as_toml(recipe: Recipe) -> str:
    """A recipe as its file."""
    tables, data = dataclasses.asdict(recipe), [dataclasses.asdict(entry) for entry in recipe.data]
    del tables["data"]
    parts = [
        line for name, table in tables.items() if isinstance(table, dict) for line in _table(name, table)
    ]
    lines = [*_values(tables), *parts]
    return "\n".join(lines + [line for entry in data for line in ("[[data]]", *_values(entry))]) + "\n"


def _table(name: str, table: dict[str, object]) -> list[str]:
    tables = {key: value for key, value in table.items() if isinstance(value, dict)}
    inner = [line for key, value in tables.items() for line in _table(f"{name}.{key}", value)]
    return [f"[{name}]", *_values(table), *inner]


def _values(table: dict[str, object]) -> list[str]:
    plain = {key: value for key, value in table.items() if value is not None and not isinstance(value, dict)}
    return [f"{key} = {json.dumps(value)}" for key, value in plain.items()]
