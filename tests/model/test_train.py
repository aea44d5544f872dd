from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.numpy import load_file, save_file

from msa_model.eval.dataset import DatasetImage
from msa_model.model.checkpoint import read_checkpoint
from msa_model.model.config import ModelConfig
from msa_model.model.encoder import Encoder
from msa_model.model.network import MsaNetwork
from msa_model.protocol.errors import (
    BadArgument,
    CheckpointMissing,
    CheckpointOfOtherArchitecture,
    DatasetUnreadable,
)
from msa_model.train.captions import label_prompts, make_caption_table, texts_of
from msa_model.train.features import view_of
from msa_model.train.recipe import Recipe, Source, Training, parse_source, read_recipe, with_epochs
from msa_model.train.run import RECORD, Job, initialise_backbone, run_training

COLOURS = {"green": (40, 120, 40), "blue": (30, 60, 160), "grey": (128, 128, 128), "sand": (210, 190, 140)}
TRAINING = Training(
    epochs=3,
    batch=8,
    learning_rate=3e-3,
    tune_rate=0.0,
    weight_decay=0.01,
    dropout=0.1,
    temperature=0.1,
    views=(0, 5),
)


@pytest.fixture(scope="module")
def made_set(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Source]:
    """Coloured noise with its colour for a caption, and random initial weights for the backbone."""
    folder = tmp_path_factory.mktemp("made")
    rng = np.random.default_rng(0)
    records = []
    for number in range(24):
        name, colour = list(COLOURS.items())[number % 4]
        pixels = np.clip(rng.normal(colour, 20, (64, 64, 3)), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
        split = "val" if number >= 20 else "train"
        sentences = [{"raw": f"{name} ground number {number} ."}, {"raw": f"it is {name} ."}]
        records.append({"filename": f"{number}.png", "split": split, "sentences": sentences})
    (folder / "made.json").write_text(json.dumps({"images": records}), encoding="utf-8")
    return folder, Source(folder / "made.json", folder)


@pytest.fixture(scope="module")
def init(made_set: tuple[Path, Source], tiny_config: ModelConfig) -> Path:
    torch.manual_seed(0)
    weights = MsaNetwork(tiny_config).image.backbone.net.state_dict()
    path = made_set[0] / "init.safetensors"
    save_file({name: tensor.numpy() for name, tensor in weights.items()}, path)
    return path


def train_made_set(
    made_set: tuple[Path, Source],
    init: Path,
    config: ModelConfig,
    out: Path,
    **changes: float,
) -> list[float]:
    recipe = Recipe(config, dataclasses.replace(TRAINING, tune_rate=changes.get("tune_rate", 0.0)))
    losses: list[float] = []
    job = Job((made_set[1],), init, out, made_set[0] / "cache", int(changes.get("seed", 0)))
    run_training(recipe, job, lambda line: losses.append(float(line.split("loss ")[1].split(",")[0])))
    return losses


@pytest.mark.parametrize("tune_rate", [0.0, 1e-3])
def test_a_few_epochs_lower_the_loss_and_leave_a_loadable_checkpoint(
    made_set: tuple[Path, Source], init: Path, tiny_config: ModelConfig, tmp_path: Path, tune_rate: float
) -> None:
    losses = train_made_set(made_set, init, tiny_config, tmp_path / "out", tune_rate=tune_rate)
    assert losses[-1] < losses[0] - 0.1
    encoder = Encoder.load(tmp_path / "out", device="cpu")
    assert encoder.encode_tiles(np.zeros((2, 256, 256, 3), np.uint8)).shape == (2, tiny_config.dimension)
    record = json.loads((tmp_path / "out" / RECORD).read_text(encoding="utf-8"))
    assert (record["seed"], record["images"], record["validation"]["images"]) == (0, 20, 4)


def test_the_backbone_changes_only_where_it_is_tuned(
    made_set: tuple[Path, Source], init: Path, tiny_config: ModelConfig, tmp_path: Path
) -> None:
    start = load_file(init)
    for tune_rate, expected in ((0.0, set()), (1e-3, {"blocks.5", "blocks.6"})):
        out = tmp_path / str(tune_rate)
        train_made_set(made_set, init, tiny_config, out, tune_rate=tune_rate)
        found = read_checkpoint(out).tensors
        changed = {
            ".".join(name.split(".")[:2])
            for name, tensor in start.items()
            if name.endswith("weight")
            and not np.allclose(found[f"image.backbone.net.{name}"], tensor, rtol=1e-3, atol=1e-6)
        }
        assert changed == expected


def test_a_seed_gives_the_same_checkpoint_and_another_seed_another(
    made_set: tuple[Path, Source], init: Path, tiny_config: ModelConfig, tmp_path: Path
) -> None:
    shas = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        train_made_set(made_set, init, tiny_config, tmp_path / name, seed=seed)
        shas.append(read_checkpoint(tmp_path / name).sha256)
    assert shas[0] == shas[1] != shas[2]


def test_the_eight_views_are_the_symmetries_of_a_square() -> None:
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    views = {view_of(pixels, view).tobytes() for view in range(8)}
    assert len(views) == 8
    assert np.array_equal(view_of(pixels, 0), pixels)
    assert np.array_equal(view_of(pixels, 4), pixels[:, ::-1])


def test_scene_classes_become_short_prompts() -> None:
    assert label_prompts("parking_lot")[0] == "parking lot"
    assert label_prompts("SeaLake")[1] == "an aerial image of sea lake"
    row = DatasetImage(Path("x.png"), (), "", "river")
    assert texts_of(row) == label_prompts("river")


def test_images_with_fewer_captions_repeat_theirs(encoder: Encoder) -> None:
    rows = [
        DatasetImage(Path("a"), ("one .", "two"), "train", ""),
        DatasetImage(Path("b"), ("one",), "train", ""),
    ]
    table = make_caption_table(rows, encoder._sentences)
    assert len(table.vectors) == 2
    one = table.numbers[1, 0]
    assert table.numbers[1].tolist() == [one, one]
    assert table.numbers[0, 0] == one


def test_initial_weights_that_do_not_fit_are_refused(tmp_path: Path, tiny_config: ModelConfig) -> None:
    save_file({"conv_stem.weight": np.zeros((4, 3, 3, 3), np.float32)}, tmp_path / "w.safetensors")
    with pytest.raises(CheckpointOfOtherArchitecture, match=r"w\.safetensors does not fit"):
        initialise_backbone(MsaNetwork(tiny_config), tmp_path / "w.safetensors")
    with pytest.raises(CheckpointMissing, match="nowhere"):
        initialise_backbone(MsaNetwork(tiny_config), tmp_path / "nowhere")


def test_a_data_set_without_validation_is_refused(
    made_set: tuple[Path, Source], init: Path, tiny_config: ModelConfig, tmp_path: Path
) -> None:
    folder, source = made_set
    data = json.loads(source.file.read_text(encoding="utf-8"))
    data["images"] = [record for record in data["images"] if record["split"] == "train"]
    file = tmp_path / "train_only.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(
        DatasetUnreadable, match=r"train_only\.json has no captioned image in the split 'val'"
    ):
        train_made_set((folder, Source(file, folder)), init, tiny_config, tmp_path / "out")


def test_the_shipped_recipe_describes_the_shipped_checkpoint(shipped: Path) -> None:
    recipe = read_recipe(shipped / "recipe.toml")
    assert recipe.model == read_checkpoint(shipped).config
    record = json.loads((shipped / RECORD).read_text(encoding="utf-8"))
    assert record["training"] == json.loads(json.dumps(dataclasses.asdict(recipe.training)))


def test_a_typo_in_a_recipe_is_answered_with_the_nearest_key(shipped: Path, tmp_path: Path) -> None:
    text = (shipped / "recipe.toml").read_text(encoding="utf-8").replace("dropout", "dropuot")
    (tmp_path / "r.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadArgument, match=r"'training\.dropuot', did you mean 'dropout'"):
        read_recipe(tmp_path / "r.toml")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("epochs = 0", "'training.epochs' should be above 0"),
        ("dropout = 1.0", "'training.dropout' should be"),
        ("views = [8]", "'training.views' should list numbers from 0 to 7"),
        ("tune_rate = -1.0", "'training.tune_rate' should not be negative"),
    ],
)
def test_a_value_out_of_range_is_named(shipped: Path, tmp_path: Path, line: str, complaint: str) -> None:
    key = line.split(" ", maxsplit=1)[0]
    lines = (shipped / "recipe.toml").read_text(encoding="utf-8").splitlines()
    changed = [line if old.startswith(f"{key} ") else old for old in lines]
    (tmp_path / "r.toml").write_text("\n".join(changed), encoding="utf-8")
    with pytest.raises(BadArgument, match=complaint):
        read_recipe(tmp_path / "r.toml")


def test_epochs_and_sources_on_the_command_line_are_checked(shipped: Path) -> None:
    recipe = read_recipe(shipped / "recipe.toml")
    assert with_epochs(recipe, 7).training.epochs == 7
    assert with_epochs(recipe, None) == recipe
    with pytest.raises(BadArgument, match="at least 1"):
        with_epochs(recipe, 0)
    assert parse_source("a/b.json:c/d") == Source(Path("a/b.json"), Path("c/d"))
    with pytest.raises(BadArgument, match=r"not 'b\.json'"):
        parse_source("b.json")


@pytest.mark.slow
def test_train_runs_from_the_command_line(
    made_set: tuple[Path, Source],
    init: Path,
    shipped: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from tests.model.test_evaluate import run_cli

    shutil.copy(shipped / "recipe.toml", tmp_path / "recipe.toml")
    source = f"{made_set[1].file}:{made_set[1].images}"
    out = tmp_path / "out"
    words = [
        "train",
        tmp_path / "recipe.toml",
        "--data",
        source,
        "--init",
        init,
        "--out",
        out,
        "--epochs",
        "1",
    ]
    assert run_cli(*map(str, words), "--json") == 0
    assert json.loads(capsys.readouterr().out)["images"] == 4
    assert Encoder.load(out, device="cpu").name == read_checkpoint(shipped).config.name
