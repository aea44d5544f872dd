"""What a recipe leaves out of a labelled set."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from msa_model.model.config import ModelConfig
from msa_model.research.train.recipe import Recipe
from msa_model.research.train.samples import read_samples
from tests.model.research.training_sets import CAPTIONS, LABELS, TRAINING, make_images
from tools.left_out import left_out


def test_an_image_is_trained_on_or_left_out(tmp_path: Path, tiny_config: ModelConfig) -> None:
    make_images(tmp_path)
    labels = replace(LABELS, limit=10)
    recipe = Recipe(tiny_config, TRAINING, (CAPTIONS, labels))
    out = {Path(image["filename"]).name for image in left_out(recipe, labels, tmp_path, tmp_path)}
    alone = replace(recipe, data=(labels,))
    trained = {sample.path.name for sample in read_samples(alone, tmp_path, tmp_path).training}
    assert len(trained) == 10
    assert out.isdisjoint(trained)
