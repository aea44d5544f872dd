"""What a recipe leaves out of a labelled set."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from msa_model.measure.dataset import read_labelled
from msa_model.measure.subjects import read_labels, read_phrases
from msa_model.model.config import ModelConfig
from msa_model.model.loading import load_encoder
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.models import TORCH
from msa_model.research.evaluate.confusions import Source, confusions
from msa_model.research.train.recipe import Recipe, leave_out
from msa_model.research.train.run import run_training
from msa_model.research.train.samples import read_samples
from tests.model.research.training_sets import (
    CAPTIONS,
    COLOURS,
    LABELS,
    TRAINING,
    job_of,
    make_images,
    make_weights,
    recipe_of,
)
from tools.left_out import left_out, pool
from tools.left_out_sources import left_out_sources, summed


def test_an_image_is_trained_on_or_left_out(tmp_path: Path, tiny_config: ModelConfig) -> None:
    make_images(tmp_path)
    labels = replace(LABELS, limit=10)
    recipe = Recipe(tiny_config, TRAINING, (CAPTIONS, labels))
    out = {Path(image["filename"]).name for image in left_out(recipe, labels, tmp_path, tmp_path)}
    alone = replace(recipe, data=(labels,))
    trained = {sample.path.name for sample in read_samples(alone, tmp_path, tmp_path).training}
    assert len(trained) == 10
    assert out.isdisjoint(trained)


def test_the_pool_holds_what_is_left_out_and_what_is_validated_on(
    tmp_path: Path, tiny_config: ModelConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_images(tmp_path)
    labelled = recipe_of(tiny_config, LABELS)
    left = left_out(labelled, LABELS, tmp_path, tmp_path)
    captioned = recipe_of(tiny_config, replace(CAPTIONS, labels_in_names=True), LABELS)
    pooled = pool(captioned, {"labels": left}, tmp_path)
    assert [image["label"] for image in pooled[:4]] == list(COLOURS)
    assert sorted(map(str, pooled[4:])) == sorted(map(str, left))
    monkeypatch.setattr("tools.left_out.POOLED", 2)
    assert len(pool(captioned, {"labels": left}, tmp_path)) == 4 + 2


def test_a_run_without_a_source_is_measured_on_that_source(tmp_path: Path, tiny_config: ModelConfig) -> None:
    make_images(tmp_path)
    make_weights(tmp_path / "init.safetensors", tiny_config)
    labels = replace(LABELS, held_out=0.25)
    recipe = leave_out(recipe_of(tiny_config, CAPTIONS, labels, epochs=1), ("blue",))
    run_training(recipe, job_of(tmp_path, tmp_path / "fold"), lambda line: None)
    (source,) = left_out_sources(tmp_path / "fold", tmp_path)
    rows = read_labelled(tmp_path / labels.file, tmp_path / labels.images)
    encoder = load_encoder(tmp_path / "fold", "cpu", engine=TORCH)
    every = confusions(encoder, rows, labels.file, read_phrases(), read_labels()).sources
    assert [source.figures] == [one for one in every if one.source == "blue"]
    assert not source.taught


def test_images_of_subjects_that_other_sources_show_are_apart(
    tmp_path: Path, tiny_config: ModelConfig
) -> None:
    make_images(tmp_path)
    make_weights(tmp_path / "init.safetensors", tiny_config)
    file = tmp_path / LABELS.file
    rows = json.loads(file.read_text(encoding="utf-8"))["images"]
    for row in rows[1:12:4]:
        row["label"] = "green_land"
    file.write_text(json.dumps({"images": rows}), encoding="utf-8")
    recipe = leave_out(recipe_of(tiny_config, CAPTIONS, LABELS, epochs=1), ("blue",))
    run_training(recipe, job_of(tmp_path, tmp_path / "fold"), lambda line: None)
    found = left_out_sources(tmp_path / "fold", tmp_path)
    assert [(source.figures.images, source.taught) for source in found] == [(3, True), (3, False)]


def test_all_images_count_alike() -> None:
    total = summed("all", (Source("a", 30, 1, 100.0, 50.0, 60.0), Source("b", 10, 2, 0.0, 50.0, 100.0)))
    assert total == Source("all", 40, 3, 75.0, 50.0, 70.0)


def test_a_run_that_left_nothing_out_is_not_measured(tmp_path: Path, tiny_config: ModelConfig) -> None:
    make_images(tmp_path)
    make_weights(tmp_path / "init.safetensors", tiny_config)
    run_training(
        recipe_of(tiny_config, CAPTIONS, LABELS, epochs=1), job_of(tmp_path, tmp_path / "run"), print
    )
    with pytest.raises(BadArgument, match="left no source out"):
        left_out_sources(tmp_path / "run", tmp_path)


def test_a_misspelt_source_is_named(tmp_path: Path, tiny_config: ModelConfig) -> None:
    make_images(tmp_path)
    recipe = leave_out(recipe_of(tiny_config, CAPTIONS, LABELS), ("bleu",))
    with pytest.raises(BadArgument, match="'bleu'"):
        read_samples(recipe, tmp_path, tmp_path)
