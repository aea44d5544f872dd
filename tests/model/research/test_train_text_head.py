"""A text head that is trained further, its image tower standing still."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from msa_model.model.checkpoint import (
    WEIGHTS,
    Checkpoint,
    checkpoint_identity,
    read_checkpoint,
    write_checkpoint,
)
from msa_model.model.config import ModelConfig
from msa_model.model.encoder import text_part
from msa_model.model.engines.stages import Int8Agreement, quantised_files, write_quantised
from msa_model.model.network import MsaNetwork, TextHead
from msa_model.protocol.errors import BadArgument, DatasetUnreadable
from msa_model.research.train.plan import TextNumbers
from msa_model.research.train.recipe import (
    Data,
    Held,
    TextHeadRecipe,
    Training,
    WordSettings,
    read_text_head_recipe,
)
from msa_model.research.train.run import RECORD
from msa_model.research.train.text_head import HeadData, HeadJob, fit_text_head, train_text_head
from msa_model.shipped import resource
from tests.model.research.training_sets import make_images
from tests.refusals import raises_kind

pytestmark = pytest.mark.usefixtures("one_thread")

ROOT = Path(__file__).resolve().parents[3]
CAPTIONS = Data(kind="captions", file="made.json", images="images", labels_in_names=True, composed=6)
LABELS = Data(kind="labels", file="labels/labels.json", images="images", held_out=0.25, grids=(1, 2))
TRAINING = Training(batch=8, head_rate=1e-2, steps=30, views=2, temperature=0.1, ema_decay=0.5, phrase=0.2)
RECIPE = TextHeadRecipe(
    TRAINING,
    (CAPTIONS, LABELS),
    noise=0.5,
    labelled=0.5,
    held=Held(0.1, 0.1),
    words=WordSettings(templates=("{}",)),
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, tiny_config: ModelConfig) -> Path:
    """Images, a bank, a checkpoint with random weights in before/, and what stands for an int8 tower."""
    folder = tmp_path_factory.mktemp("head") / "data"
    make_images(folder)
    (folder / "bank.csv").write_text("phrase\nsolar farm\nwind turbine\n", encoding="utf-8")
    torch.manual_seed(0)
    tensors = {name: tensor.numpy() for name, tensor in MsaNetwork(tiny_config).state_dict().items()}
    background = np.zeros(tiny_config.dimension, np.float32)
    write_checkpoint(folder / "before", tiny_config, tensors, background)
    (folder / "tower.xml").write_bytes(b"<graph/>")
    (folder / "tower.bin").write_bytes(bytes(64))
    tower = (folder / "tower.xml", folder / "tower.bin")
    write_quantised(folder / "before", tower, Int8Agreement(5, 0.99, 0.98, 0.97))
    return folder


def job_of(place: Path, out: Path, seed: int = 0, cache: Path | None = None) -> HeadJob:
    cache = cache or place / "vectors"
    return HeadJob(place / "before", place, place, place / "bank.csv", out, cache, seed, "torch-float32")


def quiet(_: str) -> None:
    pass


def weights(out: Path) -> bytes:
    return (out / WEIGHTS).read_bytes()


def test_the_head_moves_and_all_else_stays_byte_for_byte(place: Path, tmp_path: Path) -> None:
    out, before = tmp_path / "out", read_checkpoint(place / "before")
    trained = train_text_head(RECIPE, job_of(place, out), quiet)
    found = read_checkpoint(out)
    own = {name for name in found.tensors if name.startswith("text.")}
    moved = {
        name for name in found.tensors if found.tensors[name].tobytes() != before.tensors[name].tobytes()
    }
    assert moved == own
    assert found.tensors.keys() == before.tensors.keys()
    assert np.array_equal(found.background, before.background)
    graph, tower = quantised_files(out, checkpoint_identity(out)[1])
    assert (graph.read_bytes(), tower.read_bytes()) == (b"<graph/>", bytes(64))
    record = json.loads((out / RECORD).read_text(encoding="utf-8"))
    assert (record["init"], record["steps"]) == (before.sha256, 30)
    # 20 captioned and 18 labelled images; 20 + 4 captions 4 colours and 4 lands; 2 of the bank, and scenes'
    assert (trained.images, trained.texts, record["result"]["free"]) == (38, 32, trained.free)
    assert trained.free > 2
    assert 0 < trained.agreement < 1


def test_a_lesson_lowers_the_loss_of_images_with_their_texts(place: Path, tiny_config: ModelConfig) -> None:
    """Measured without noise and dropout, before and after."""
    head, data = _taught(read_checkpoint(place / "before"), tiny_config)
    before = _right(head, data)
    recipe = dataclasses.replace(RECIPE, noise=0.3, held=Held())
    fit_text_head(head, data, recipe, 0, [""] * 16)
    assert _right(head, data) > max(before, 0.9)


def test_held_heads_move_less(place: Path, tiny_config: ModelConfig) -> None:
    moved = {}
    for name, held in (("free", Held()), ("batch", Held(batch=50.0)), ("free texts", Held(free=50.0))):
        head, data = _taught(read_checkpoint(place / "before"), tiny_config)
        fit_text_head(head, data, dataclasses.replace(RECIPE, held=held), 0, [""] * 16)
        moved[name] = 1 - (head(data.sentences) * data.said).sum(dim=1)
    assert moved["batch"][:16].mean() < moved["free"][:16].mean() / 2
    assert moved["free texts"][16:].mean() < moved["free"][16:].mean() / 2


def test_images_without_captions_count_as_much_as_the_recipe_says(
    place: Path, tiny_config: ModelConfig
) -> None:
    """Half of the images go by texts that contradict the others': who counts more wins."""
    won = {}
    for name, counts in (("first", [1.0] * 8 + [0.02] * 8), ("last", [0.02] * 8 + [1.0] * 8)):
        head, data = _taught(read_checkpoint(place / "before"), tiny_config)
        twice = torch.arange(8).repeat(2)  # images 8 to 15 go by the texts of 0 to 7
        own = tuple((int(number),) for number in twice)
        texts = TextNumbers(own, ((),) * 16, torch.tensor(own))
        contrary = dataclasses.replace(data, counts=torch.tensor(counts), texts=texts)
        fit_text_head(head, contrary, dataclasses.replace(RECIPE, noise=0.0, held=Held()), 0, [""] * 16)
        near = (data.images[0] * head(data.sentences[twice])).sum(dim=1)
        won[name] = float(near[:8].mean() - near[8:].mean())
    assert won["first"] > 0.2
    assert won["last"] < -0.2


def _taught(checkpoint: Checkpoint, config: ModelConfig) -> tuple[TextHead, HeadData]:
    """16 images, each with a text of its own, 4 texts of none, on a checkpoint's head."""
    draw = torch.Generator().manual_seed(3)
    head = text_part(checkpoint)
    assert isinstance(head, TextHead)
    images = torch.nn.functional.normalize(torch.randn(2, 16, config.dimension, generator=draw), dim=2)
    sentences = torch.nn.functional.normalize(torch.randn(20, config.text.width, generator=draw), dim=1)
    with torch.no_grad():
        said = head(sentences)
    data = HeadData(images, torch.ones(16), sentences, said, _alone(16), torch.arange(16, 20))
    return head, data


def _alone(count: int) -> TextNumbers:
    own = tuple((number,) for number in range(count))
    return TextNumbers(own, ((),) * count, torch.tensor(own))


def _right(head: torch.nn.Module, data: HeadData) -> float:
    scores = data.images.flatten(0, 1) @ head(data.sentences[:16]).T
    return float((scores.argmax(dim=1) == torch.arange(16).repeat(2)).float().mean())


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(place: Path, tmp_path: Path) -> None:
    for name, seed, cache in (("a", 0, None), ("b", 0, tmp_path / "anew"), ("c", 1, None)):
        train_text_head(RECIPE, job_of(place, tmp_path / name, seed, cache), quiet)
    assert weights(tmp_path / "a") == weights(tmp_path / "b")
    assert weights(tmp_path / "a") != weights(tmp_path / "c")


def test_dropout_is_what_the_recipe_says_and_draws_by_seed_alone(
    place: Path, tiny_config: ModelConfig
) -> None:
    said = []
    for dropout, random in ((0.0, 1), (0.3, 1), (0.3, 2)):
        head, data = _taught(read_checkpoint(place / "before"), tiny_config)
        torch.manual_seed(random)
        training = dataclasses.replace(TRAINING, dropout=dropout)
        fit_text_head(head, data, dataclasses.replace(RECIPE, training=training), 0, [""] * 16)
        said.append(head(data.sentences))
    assert not torch.equal(said[0], said[1])
    assert torch.equal(said[1], said[2])


def test_vectors_are_made_once_and_shared_by_recipes(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_text_head(RECIPE, job_of(place, tmp_path / "a"), quiet)
    made = sorted((place / "vectors").iterdir())
    from msa_model.research.train import vectors

    def again(*_: object) -> None:
        raise AssertionError("an image was read again")

    monkeypatch.setattr(vectors, "_seen", again)
    captions = dataclasses.replace(RECIPE, data=(CAPTIONS,), held=Held(batch=1.0), noise=0.1)
    train_text_head(captions, job_of(place, tmp_path / "b"), quiet)
    assert set(made) <= set((place / "vectors").iterdir())
    with pytest.raises(AssertionError, match="read again"):
        train_text_head(
            dataclasses.replace(RECIPE, data=(dataclasses.replace(LABELS, grids=(1,)),)),
            job_of(place, tmp_path / "c"),
            quiet,
        )


def test_a_run_that_was_killed_goes_on_with_the_vectors_that_it_has(place: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "r.toml"
    recipe.write_text(_toml(), encoding="utf-8")
    command = [sys.executable, "-m", "msa_model.cli.main", "train-text-head", str(place / "before")]
    command += ["--config", str(recipe), "--data", str(place), "--cache", str(tmp_path / "cache")]
    command += ["--threads", "1", "--engine", "torch-float32"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    killed = subprocess.Popen([*command, "--out", str(tmp_path / "a")], cwd=ROOT, env=environment)
    until = time.monotonic() + 240
    while not list((tmp_path / "cache").glob("*.npy")) and killed.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    kept = {file: file.stat().st_mtime_ns for file in (tmp_path / "cache").glob("*.npy")}
    assert kept
    subprocess.run([*command, "--out", str(tmp_path / "a")], cwd=ROOT, env=environment, check=True)
    assert {file: file.stat().st_mtime_ns for file in kept} == kept
    whole = [*command, "--out", str(tmp_path / "b"), "--cache", str(tmp_path / "anew")]
    subprocess.run(whole, cwd=ROOT, env=environment, check=True)
    assert weights(tmp_path / "a") == weights(tmp_path / "b")


def _toml() -> str:
    return """
noise = 0.5
[training]
batch = 8
steps = 5
head_rate = 1e-2
views = 2
[[data]]
kind = "captions"
file = "made.json"
images = "images"
"""


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("views = 2", "views = 0", "'training.views' and 'training.head_rate' should be above 0"),
        ("views = 2", "mosaic = 0.5", "a text head is trained without 'training.mosaic'"),
        ("views = 2", "text_rate = 0.5", "a text head is trained without 'training.text_rate'"),
        ("noise = 0.5", "noise = -1", "'noise' should not be negative"),
        ("noise = 0.5", "held = {free = -1}", "'held.free' should not be negative"),
        ("noise = 0.5", "nois = 1", "unknown key 'nois'"),
        ("batch = 8", "batch = 0", "'training.batch' should be above 0"),
    ],
)
def test_what_is_wrong_in_a_heads_recipe_is_named(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    (tmp_path / "r.toml").write_text(_toml().replace(old, new), encoding="utf-8")
    with pytest.raises(BadArgument, match=complaint):
        read_text_head_recipe(tmp_path / "r.toml")


def test_the_shipped_heads_recipes_are_those_of_the_log() -> None:
    pairs, captions = (
        read_text_head_recipe(resource(f"presets/{name}.toml"))
        for name in ("msa-small-text-head", "msa-small-text-head-captions")
    )
    assert (pairs.noise, pairs.labelled, pairs.held) == (0.8, 0.5, Held(2.0, 1.0))
    assert (captions.noise, captions.held) == (0.8, Held(2.0, 0.0))
    assert {data.kind for data in captions.data} == {"captions"}
    assert captions.augmentation == pairs.augmentation  # so that both read the same vectors
    assert captions.training == dataclasses.replace(pairs.training, batch=512, phrase=0.0)


def test_a_checkpoint_is_not_replaced_by_its_own_trained_head(place: Path) -> None:
    before = weights(place / "before")
    with pytest.raises(BadArgument, match="folder of its own"):
        train_text_head(RECIPE, job_of(place, place / "before"), quiet)
    assert weights(place / "before") == before


def test_another_engine_does_not_take_the_place_of_one_that_does_not_run(place: Path, tmp_path: Path) -> None:
    job = dataclasses.replace(job_of(place, tmp_path / "out", cache=tmp_path / "v"), engine="openvino-int8")
    with pytest.raises(BadArgument, match="openvino-int8"):  # what stands for its int8 tower is none
        train_text_head(RECIPE, job, quiet)
    assert not (tmp_path / "out").exists()
    assert not list((tmp_path / "v").glob("*.npy"))


def test_a_broken_image_stops_it_by_name_and_writes_nothing(place: Path, tmp_path: Path) -> None:
    make_images(tmp_path / "data")
    (tmp_path / "data" / "images" / "green_0.png").write_bytes(b"no picture")
    job = dataclasses.replace(job_of(place, tmp_path / "out", cache=tmp_path / "v"), data=tmp_path / "data")
    with pytest.raises(DatasetUnreadable, match=r"green_0\.png"):
        train_text_head(RECIPE, job, quiet)
    assert not (tmp_path / "out").exists()


def test_a_loss_that_is_no_number_stops_it_and_names_the_images(
    place: Path, tiny_config: ModelConfig
) -> None:
    head, data = _taught(read_checkpoint(place / "before"), tiny_config)
    broken = dataclasses.replace(data, images=data.images * torch.nan)
    with raises_kind("training_diverged", match="step 1 is no number.*one.png"):
        fit_text_head(head, broken, RECIPE, 0, ["one.png"] * 16)
