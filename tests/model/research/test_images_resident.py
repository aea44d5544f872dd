"""Images that stay on the device."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from msa_model.model.config import ModelConfig
from msa_model.model.transform import ImageTransform
from msa_model.protocol.errors import DatasetUnreadable
from msa_model.research.train.images import decode
from msa_model.research.train.recipe import Recipe
from msa_model.research.train.run import Job, run_training
from msa_model.research.train.samples import read_samples
from tests.model.research.training_sets import CAPTIONS, LABELS, job_of, make_images, recipe_of

pytestmark = pytest.mark.usefixtures("one_thread")

MANY = replace(LABELS, grids=(1, 2), composed=6)
WHOLE = {"resident": True, "views": 0, "frozen_stages": 0, "backbone_rate": 1e-3}


def trained(recipe: Recipe, job: Job) -> bytes:
    run_training(recipe, job, lambda line: None)
    return (job.out / "model.safetensors").read_bytes()


def resident(config: ModelConfig, **changes: float) -> Recipe:
    return recipe_of(config, CAPTIONS, MANY, mosaic=0.5, phrase=0.3, **(WHOLE | changes))  # type: ignore[arg-type]


def test_images_are_decoded_to_the_networks_input_in_order(root: Path) -> None:
    paths = sorted((root / "images").glob("*.png"))[:5]
    found = decode(paths, ImageTransform(32, (0, 0, 0), (1, 1, 1)))
    assert found.shape == (5, 3, 32, 32)
    assert found.dtype == torch.uint8
    again = decode(paths[::-1], ImageTransform(32, (0, 0, 0), (1, 1, 1)))
    assert torch.equal(found, again.flip(0))
    with pytest.raises(DatasetUnreadable):
        decode([root / "made.json"], ImageTransform(32, (0, 0, 0), (1, 1, 1)))


def test_the_same_seed_trains_the_same_and_another_one_does_not(
    root: Path, tiny_config: ModelConfig, tmp_path: Path
) -> None:
    recipe = resident(tiny_config, epochs=1)
    one, same, other = (
        trained(recipe, job_of(root, tmp_path / name, seed)) for name, seed in (("a", 0), ("b", 0), ("c", 1))
    )
    assert one == same
    assert one != other


def test_a_left_out_source_is_validated_on_among_all_classes(root: Path, tiny_config: ModelConfig) -> None:
    recipe = recipe_of(tiny_config, CAPTIONS, replace(LABELS, held_out=0.0, left_out=("blue",)))
    samples = read_samples(recipe, root, root)
    (left,) = samples.labelled
    assert {sample.path.stem.split("_")[0] for sample in left.samples} == {"blue"}
    assert len(left.classes) == 4
    labelled = [sample for sample in samples.training if sample.label]
    assert not [sample for sample in labelled if sample.path.name.startswith("blue")]


def test_an_image_that_a_set_lists_twice_is_not_trained_on_and_held_out(
    tiny_config: ModelConfig, tmp_path: Path
) -> None:
    make_images(tmp_path)
    file = tmp_path / "labels" / "labels.json"
    rows = json.loads(file.read_text(encoding="utf-8"))["images"]
    file.write_text(json.dumps({"images": rows * 3}), encoding="utf-8")
    samples = read_samples(recipe_of(tiny_config, CAPTIONS, LABELS), tmp_path, tmp_path)
    held_out = {sample.path for sample in samples.labelled[0].samples}
    assert len(held_out) == len(samples.labelled[0].samples) == 6
    assert not [sample for sample in samples.training if sample.label and sample.path in held_out]
