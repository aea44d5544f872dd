from __future__ import annotations

import csv
import dataclasses
import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from msa_model.model.checkpoint import read_checkpoint
from msa_model.model.config import ModelConfig
from msa_model.model.encoder import Encoder
from msa_model.protocol.errors import DatasetUnreadable, DiskFull
from msa_model.research.train.measure import Measured
from msa_model.research.train.plan import Plan, Step
from msa_model.research.train.run import RECORD, run_training
from tests.model.research.training_sets import (
    CAPTIONS,
    LABELS,
    as_toml,
    job_of,
    make_images,
    make_weights,
    recipe_of,
)
from tests.refusals import raises_kind

pytestmark = pytest.mark.usefixtures("one_thread")

ROOT = Path(__file__).resolve().parents[3]
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def quiet(_: str) -> None:
    pass


def losses(out: Path) -> list[float]:
    with (out / "run" / "log.csv").open(encoding="utf-8") as file:
        return [float(row["loss"]) for row in csv.DictReader(file)]


def weights(out: Path) -> bytes:
    return (out / "model.safetensors").read_bytes()


def changed_blocks(root: Path, out: Path) -> set[str]:
    """Blocks of the backbone whose matrices are not the initial ones."""
    start, found = load_file(root / "init.safetensors"), read_checkpoint(out).tensors
    return {
        ".".join(name.split(".")[:2])
        for name, tensor in start.items()
        if tensor.ndim > 1
        and not np.allclose(found[f"image.backbone.net.{name}"], tensor, rtol=1e-3, atol=1e-6)
    }


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"backbone_rate": 1e-3, "frozen_blocks": 1, "mosaic": 0.5, "phrase": 0.3},
        {"backbone_rate": 1e-3, "frozen_stages": 0, "views": 0, "mosaic": 0.5},
    ],
    ids=["heads", "cached", "fresh"],
)
def test_a_few_epochs_lower_the_loss_and_leave_a_loadable_checkpoint(
    root: Path, tiny_config: ModelConfig, tmp_path: Path, changes: dict[str, Any]
) -> None:
    said: list[str] = []
    recipe = recipe_of(tiny_config, CAPTIONS, LABELS, epochs=4, dropout=0.0, **changes)
    run_training(recipe, job_of(root, tmp_path / "out"), said.append)
    found = losses(tmp_path / "out")
    assert np.mean(found[-4:]) < np.mean(found[:4]) - 0.1
    encoder = Encoder.load(tmp_path / "out", device="cpu")
    assert encoder.encode_tiles(np.zeros((2, 256, 256, 3), np.uint8)).shape == (2, tiny_config.dimension)
    record = json.loads((tmp_path / "out" / RECORD).read_text(encoding="utf-8"))
    assert (record["seed"], record["images"], record["steps"]) == (0, 38, len(found))
    assert record["validation"]["recall"]["images"] == 4
    assert said[-1].startswith(f"step {len(found)} of {len(found)}: mean recall ")


def test_what_is_frozen_stays_and_what_has_a_rate_moves(
    root: Path, tiny_config: ModelConfig, tmp_path: Path
) -> None:
    trained = {f"blocks.{n}" for n in (3, 4, 5, 6)}
    cases: tuple[tuple[str, dict[str, Any], set[str]], ...] = (
        ("heads", {}, set()),
        ("tail", {"backbone_rate": 1e-2, "frozen_stages": 2}, trained),
        ("last", {"backbone_rate": 1e-2, "frozen_stages": 3}, {"blocks.5", "blocks.6"}),
    )
    for name, changes, expected in cases:
        run_training(recipe_of(tiny_config, epochs=1, **changes), job_of(root, tmp_path / name), quiet)
        assert changed_blocks(root, tmp_path / name) == expected


def test_the_checkpoint_is_what_was_validated(root: Path, tiny_config: ModelConfig, tmp_path: Path) -> None:
    """Unfolding, tuned text layers and averaged weights all reach the file."""
    recipe = recipe_of(tiny_config, tuned=2, backbone_rate=1e-2, text_rate=1e-3, ema_decay=0.8)
    measured = run_training(recipe, job_of(root, tmp_path / "out"), quiet)
    from msa_model.measure.dataset import read_split
    from msa_model.measure.evaluation import evaluate

    rows = read_split(root / "made.json", root / "images", "val")
    again = evaluate(Encoder.load(tmp_path / "out", device="cpu"), rows)
    assert measured.recall is not None
    assert again.mr == pytest.approx(measured.recall.mr, abs=5)
    checkpoint = read_checkpoint(tmp_path / "out")
    assert {name.split(".")[2] for name in checkpoint.deltas} == {"4", "5"}


def test_a_seed_gives_the_same_weights_and_another_seed_others(
    root: Path, tiny_config: ModelConfig, tmp_path: Path
) -> None:
    recipe = recipe_of(tiny_config, epochs=1, backbone_rate=1e-3, mosaic=0.5)
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        run_training(recipe, job_of(root, tmp_path / name, seed), quiet)
    assert weights(tmp_path / "a") == weights(tmp_path / "b") != weights(tmp_path / "c")


def test_a_checkpoint_can_be_trained_on(root: Path, tiny_config: ModelConfig, tmp_path: Path) -> None:
    recipe = recipe_of(tiny_config, tuned=1, epochs=1, head_rate=1e-9)
    run_training(recipe, job_of(root, tmp_path / "first"), quiet)
    job = dataclasses.replace(job_of(root, tmp_path / "second"), init=tmp_path / "first")
    run_training(recipe, job, quiet)
    first, second = (read_checkpoint(tmp_path / name) for name in ("first", "second"))
    for name, tensor in first.tensors.items():
        assert np.allclose(second.tensors[name], tensor, rtol=2e-3, atol=1e-4), name


@pytest.mark.slow
@pytest.mark.parametrize("views", [2, 0], ids=["cached", "fresh"])
def test_a_killed_run_goes_on_to_the_same_weights(
    root: Path, tiny_config: ModelConfig, tmp_path: Path, views: int
) -> None:
    recipe = recipe_of(tiny_config, epochs=10, backbone_rate=1e-3, mosaic=0.5, views=views, validate_every=20)
    run_training(recipe, job_of(root, tmp_path / "whole"), quiet)
    (tmp_path / "recipe.toml").write_text(as_toml(recipe), encoding="utf-8")
    child = start_training(root, tmp_path / "recipe.toml", tmp_path / "cut")
    kill_after_steps(child, tmp_path / "cut", 9)
    assert not (tmp_path / "cut" / "model.safetensors").exists()
    resumed = start_training(root, tmp_path / "recipe.toml", tmp_path / "cut")
    _, stderr = resumed.communicate(timeout=120)
    assert resumed.returncode == 0, stderr
    assert "going on after step " in stderr
    assert losses(tmp_path / "cut") == losses(tmp_path / "whole")
    assert weights(tmp_path / "cut") == weights(tmp_path / "whole")


def start_training(root: Path, recipe: Path, out: Path, *launcher: str) -> subprocess.Popen[str]:
    words = ["--config", recipe, "--data", root, "--out", out, "--cache", root / "cache", "--threads", "1"]
    words += ["--init", root / "init.safetensors", "--device", "cpu"]
    command = [sys.executable, *launcher, "-m", "msa_model.cli.main", "train", *map(str, words)]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | ONE_THREAD,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def kill_after_steps(child: subprocess.Popen[str], out: Path, steps: int) -> None:
    log, until = out / "run" / "log.csv", time.monotonic() + 90
    while not log.is_file() or len(log.read_text(encoding="utf-8").splitlines()) <= steps:
        assert child.poll() is None, child.communicate()[1]
        assert time.monotonic() < until
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.communicate()


@pytest.mark.slow
def test_two_processes_train_as_one_does(root: Path, tiny_config: ModelConfig, tmp_path: Path) -> None:
    """Under torchrun: the same losses as alone, and the same weights in both processes."""
    recipe = recipe_of(tiny_config, epochs=4, dropout=0.0, backbone_rate=1e-3, mosaic=0.5)
    run_training(recipe, job_of(root, tmp_path / "alone"), quiet)
    (tmp_path / "recipe.toml").write_text(as_toml(recipe), encoding="utf-8")
    torchrun = ("-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2")
    script = ("-m", "tests.model.research.two_ranks")
    words = [sys.executable, *torchrun, *script, root, tmp_path / "recipe.toml", tmp_path]
    done = subprocess.run(
        list(map(str, words)),
        cwd=ROOT,
        env=os.environ | ONE_THREAD,
        text=True,
        capture_output=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert losses(tmp_path / "shared") == pytest.approx(losses(tmp_path / "alone"), rel=2e-3)
    one, other = (load_file(tmp_path / f"rank{rank}.safetensors") for rank in (0, 1))
    assert one.keys() == other.keys()
    assert all(np.array_equal(one[name], other[name]) for name in one)


def test_a_loss_that_is_no_number_stops_the_run_and_names_the_images(
    root: Path, tiny_config: ModelConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, job = recipe_of(tiny_config, dropout=0.0), job_of(root, tmp_path / "out")
    whole = Plan.step

    def poisoned(plan: Plan, number: int) -> Step:
        if number == 3:
            object.__setattr__(recipe.training, "temperature", float("nan"))
        return whole(plan, number)

    monkeypatch.setattr(Plan, "step", poisoned)
    monkeypatch.setattr(
        "msa_model.research.train.views.prefetched", lambda asked, make, threads: map(make, asked)
    )
    with raises_kind("training_diverged", match=r"The loss of step 4 is nan\. Its images: \w+_\d+\.png, "):
        run_training(recipe, job, quiet)
    assert len(losses(tmp_path / "out")) == 3
    read_checkpoint(tmp_path / "out")  # of the first epoch
    assert (tmp_path / "out" / "run" / "state.safetensors").is_file()


def test_a_full_disk_keeps_the_state_before(
    root: Path, tiny_config: ModelConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, out = recipe_of(tiny_config, epochs=3), tmp_path / "out"
    flush = os.fsync

    def full(descriptor: int) -> None:
        if (out / "run" / "state.safetensors").exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull):
        run_training(recipe, job_of(root, out), quiet)
    monkeypatch.undo()
    assert [file.name for file in (out / "run").glob("*.part")] == []
    read_checkpoint(out)  # of the first epoch
    said: list[str] = []
    run_training(recipe, job_of(root, out), said.append)
    assert said[0].startswith("going on after step ")


def test_another_recipe_or_seed_starts_anew(root: Path, tiny_config: ModelConfig, tmp_path: Path) -> None:
    said: list[str] = []
    for seed, rate in ((0, 1e-3), (1, 1e-3), (1, 2e-3)):
        recipe = recipe_of(tiny_config, epochs=2, head_rate=rate)
        run_training(recipe, job_of(root, tmp_path, seed), said.append)
    assert not any(line.startswith("going on") for line in said)


def test_an_image_that_is_no_image_is_named(root: Path, tiny_config: ModelConfig, tmp_path: Path) -> None:
    broken = tmp_path / "root"
    make_images(broken)
    (broken / "images" / "blue_1.png").write_bytes(b"no picture")
    for views in (2, 0):
        job = job_of(broken, tmp_path / "out")
        job = dataclasses.replace(job, init=root / "init.safetensors")
        with pytest.raises(DatasetUnreadable, match=r"blue_1\.png"):
            run_training(recipe_of(tiny_config, views=views), job, quiet)


def test_weights_of_another_network_are_refused(root: Path, tiny_config: ModelConfig, tmp_path: Path) -> None:
    other = dataclasses.replace(tiny_config.image, backbone="mobilenetv2_100", linear_layers=(), pad_type="")
    recipe = recipe_of(dataclasses.replace(tiny_config, image=other))
    with raises_kind("checkpoint_of_other_architecture", match=r"init\.safetensors does not fit"):
        run_training(recipe, job_of(root, tmp_path / "out"), quiet)


def test_images_of_other_sizes_are_brought_to_the_network_s(tiny_config: ModelConfig, tmp_path: Path) -> None:
    make_images(tmp_path, side=48)
    Image.new("RGB", (90, 30)).save(tmp_path / "images" / "blue_1.png")
    make_weights(tmp_path / "init.safetensors", tiny_config)
    found = run_training(recipe_of(tiny_config, epochs=1), job_of(tmp_path, tmp_path / "out"), quiet)
    assert isinstance(found, Measured)


def test_views_kept_of_images_are_not_taken_for_those_of_the_same_names_in_other_classes(
    tmp_path: Path, tiny_config: ModelConfig
) -> None:
    make_images(tmp_path)
    make_weights(tmp_path / "init.safetensors", tiny_config)
    in_grids = dataclasses.replace(LABELS, held_out=0.0, grids=(2,))
    recipe = recipe_of(tiny_config, in_grids, epochs=1)
    run_training(recipe, job_of(tmp_path, tmp_path / "before"), quiet)
    file = tmp_path / in_grids.file
    file.write_text(file.read_text(encoding="utf-8").replace("blue_land", "green_land"), encoding="utf-8")
    job = job_of(tmp_path, tmp_path / "after")
    run_training(recipe, job, quiet)
    run_training(recipe, dataclasses.replace(job, out=tmp_path / "alone", cache=tmp_path / "other"), quiet)
    assert weights(tmp_path / "after") == weights(tmp_path / "alone")
