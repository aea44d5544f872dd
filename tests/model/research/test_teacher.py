"""A student and its teacher."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.functional import normalize

from msa_model.model.config import ModelConfig
from msa_model.model.loading import load_encoder
from msa_model.protocol.errors import BadArgument
from msa_model.research.train.recipe import Distillation, Recipe, check_recipe
from msa_model.research.train.run import RECORD, Job, run_training
from msa_model.research.train.stages import Start
from msa_model.research.train.teacher import StoredTeacher
from msa_model.research.train.trained_network import Ragged, TextBank
from tests.model.research.training_sets import CAPTIONS, LABELS, job_of, recipe_of

pytestmark = pytest.mark.usefixtures("one_thread")

MANY = replace(LABELS, grids=(1, 2), composed=6)
WHOLE = {"resident": True, "views": 0, "frozen_stages": 0, "backbone_rate": 1e-3}
CACHED = {"backbone_rate": 1e-3, "frozen_stages": 2, "frozen_blocks": 1, "views": 2}


def trained(recipe: Recipe, job: Job) -> bytes:
    run_training(recipe, job, lambda line: None)
    return (job.out / "model.safetensors").read_bytes()


def resident(config: ModelConfig, **changes: float) -> Recipe:
    return recipe_of(config, CAPTIONS, MANY, mosaic=0.5, phrase=0.3, **(WHOLE | changes))  # type: ignore[arg-type]


def cached(config: ModelConfig, **changes: float) -> Recipe:
    return recipe_of(config, CAPTIONS, MANY, mosaic=0.5, phrase=0.3, **(CACHED | changes))  # type: ignore[arg-type]


def logged(out: Path, column: str) -> list[float]:
    with (out / "run" / "log.csv").open(encoding="utf-8") as file:
        return [float(row[column]) for row in csv.DictReader(file)]


@pytest.mark.parametrize("recipe_for", [resident, cached], ids=["whole images", "frozen stages"])
def test_a_student_learns_what_its_teacher_says(
    root: Path, tiny_config: ModelConfig, tmp_path: Path, recipe_for: Callable[..., Recipe]
) -> None:
    trained(recipe_for(tiny_config, epochs=2), job_of(root, tmp_path / "teacher"))
    recipe = replace(recipe_for(tiny_config, epochs=4), distillation=Distillation(weight=1.0, features=1.0))
    job = replace(job_of(root, tmp_path / "student", 1), teacher=tmp_path / "teacher")
    trained(recipe, job)
    features = logged(tmp_path / "student", "features")
    assert np.mean(features[-4:]) < 0.8 * np.mean(features[:4])
    assert min(logged(tmp_path / "student", "distillation")) >= 0
    assert json.loads((tmp_path / "student" / RECORD).read_text(encoding="utf-8"))["teacher"] == "teacher"


def test_a_teacher_and_its_recipe_need_each_other(
    root: Path, tiny_config: ModelConfig, tmp_path: Path
) -> None:
    job = job_of(root, tmp_path / "out")
    with pytest.raises(BadArgument, match="needs --teacher DIR"):
        trained(replace(resident(tiny_config), distillation=Distillation(weight=1.0)), job)
    with pytest.raises(BadArgument, match="no other takes one"):
        trained(resident(tiny_config), replace(job, teacher=tmp_path))
    with pytest.raises(ValueError, match=r"'distillation\.views' should be above 0"):
        check_recipe(replace(cached(tiny_config), distillation=Distillation(weight=1.0, views=0)))


def test_a_stored_teacher_says_the_mean_of_its_views_whatever_view_is_shown(
    root: Path, tiny_config: ModelConfig, tmp_path: Path
) -> None:
    trained(cached(tiny_config, epochs=1), job_of(root, tmp_path / "teacher"))
    model = load_encoder(tmp_path / "teacher", "cpu")
    views = normalize(torch.randn(3, 5, tiny_config.dimension), dim=2)
    none = torch.zeros(0)
    bank = TextBank({"a river": 0, "a bridge": 1}, Ragged(none, none, none, none, none))
    found = StoredTeacher(model, bank, views).targets([4, 1], Start(none, none), torch.tensor([1, 0]))
    assert torch.allclose(found.images, normalize(views.mean(dim=0), dim=1)[[4, 1]])
    assert np.allclose(found.texts, model.encode_texts(["a bridge", "a river"]), atol=1e-6)


def test_noise_on_the_images_vectors_is_drawn_by_the_seed_and_changes_what_is_learnt(
    root: Path, tiny_config: ModelConfig, tmp_path: Path
) -> None:
    recipe = replace(cached(tiny_config, epochs=1), noise=0.5)
    found = [trained(recipe, job_of(root, tmp_path / name)) for name in ("a", "b")]
    assert found[0] == found[1]
    assert found[0] != trained(replace(recipe, noise=0.0), job_of(root, tmp_path / "c"))
    with pytest.raises(ValueError, match="'noise' should not be negative"):
        check_recipe(replace(recipe, noise=-0.1))
