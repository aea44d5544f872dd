"""`msa adapt` from a user's table to a checkpoint."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
import torch
from PIL import Image

from msa_model.adapt.adapt import FEWEST_TO_SORT, sort_pairs
from msa_model.adapt.heads import Heads, HeadTraining, PairTable, train_heads
from msa_model.adapt.own_data import OwnData, read_captions
from msa_model.adapt.own_run import AUDIT, adapt_checkpoint
from msa_model.cli.main import main
from msa_model.model.checkpoint import MANIFEST, checkpoint_identity, read_checkpoint, write_checkpoint
from msa_model.model.config import ModelConfig
from msa_model.model.encoder import Encoder
from msa_model.model.network import MsaNetwork
from msa_model.protocol.errors import BadArgument, DatasetUnreadable, DiskFull, FileNotOurs

COLOURS = {
    "meadow": (40, 120, 40),
    "lake": (30, 60, 160),
    "car park": (128, 128, 128),
    "desert": (210, 190, 140),
}
IMAGES = 36


@pytest.fixture(scope="module")
def model(tiny_config: ModelConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint that was never trained."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("model") / "untrained"
    tensors = {name: tensor.numpy() for name, tensor in MsaNetwork(tiny_config).state_dict().items()}
    write_checkpoint(folder, tiny_config, tensors, np.zeros(tiny_config.dimension, np.float32))
    return folder


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Coloured noise, with what has that colour for a caption."""
    folder = tmp_path_factory.mktemp("tiles")
    rng = np.random.default_rng(0)
    lines = ["file,caption"]
    for number in range(IMAGES):
        name, colour = list(COLOURS.items())[number % len(COLOURS)]
        pixels = np.clip(rng.normal(colour, 15, (64, 64, 3)), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
        lines.append(f"{number}.png,a {name}")
    (folder / "captions.csv").write_text("\n".join([*lines, "0.png,"]), encoding="utf-8")
    return folder / "captions.csv"


@pytest.fixture(scope="module")
def data(table: Path) -> OwnData:
    return read_captions(table, table.parent)


def run_cli(table: Path, model: Path, out: Path, *more: str) -> int:
    words = ["--images", table.parent, "--captions", table, "--model", model, "--out", out, "--device", "cpu"]
    return main(["adapt", *map(str, words), "--threads", "1", *more])


def share_named(encoder: Encoder, table: Path) -> float:
    """Share of the tiles whose nearest text is that of their colour."""
    tiles = np.stack([np.asarray(Image.open(table.parent / f"{n}.png")) for n in range(IMAGES)])
    scores = encoder.encode_tiles(tiles) @ encoder.encode_texts([f"a {name}" for name in COLOURS]).T
    return float((scores.argmax(axis=1) == np.arange(IMAGES) % len(COLOURS)).mean())


def test_adapting_raises_the_recall_and_leaves_a_checkpoint_that_searches(
    table: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_cli(table, model, tmp_path / "mine", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["recall_after"] > report["recall_before"] + 10
    assert (report["images"], report["pairs"], report["left_out"]) == (IMAGES, IMAGES, 1)
    encoder = Encoder.load(tmp_path / "mine", device="cpu", threads=1)
    assert encoder.name == "mine"
    assert share_named(encoder, table) > share_named(Encoder.load(model, device="cpu"), table) + 0.2


def test_the_checkpoint_says_where_it_comes_from_and_differs_only_in_its_heads(
    data: OwnData, model: Path, tmp_path: Path
) -> None:
    report = adapt_checkpoint(model, data, tmp_path / "mine", device="cpu", seed=0, say=lambda line: None)
    manifest = json.loads((tmp_path / "mine" / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["adapted_from"] == {"name": "tiny", "sha256": checkpoint_identity(model)[1]}
    assert manifest["adaptation"]["recall_after"] == report.recall_after
    before, after = read_checkpoint(model), read_checkpoint(tmp_path / "mine")
    changed = {n for n, tensor in before.tensors.items() if not np.array_equal(tensor, after.tensors[n])}
    assert {name.split(".")[1] for name in changed if name.startswith("image")} == {
        "scales",
        "feature_map",
        "gate",
        "output",
    }
    assert before.sha256 != after.sha256
    assert np.abs(after.background).max() > 0


def test_a_seed_gives_the_same_checkpoint(data: OwnData, model: Path, tmp_path: Path) -> None:
    shas = []
    for name in ("a", "b"):
        adapt_checkpoint(model, data, tmp_path / name / "mine", device="cpu", seed=3, say=lambda line: None)
        shas.append(checkpoint_identity(tmp_path / name / "mine")[1])
    assert shas[0] == shas[1]


def test_the_audit_lists_all_pairs_the_worst_first_and_what_was_left_out(
    data: OwnData, model: Path, tmp_path: Path
) -> None:
    adapt_checkpoint(model, data, tmp_path, device="cpu", seed=0, say=lambda line: None)
    with (tmp_path / AUDIT).open(encoding="utf-8", newline="") as file:
        *rows, seal = csv.DictReader(file)
    assert seal["class"].startswith("msa-search audit sha256:")
    assert {row["class"] for row in rows[:-1]} == {"unsorted"}
    losses = [float(row["loss"]) for row in rows[:-1]]
    assert losses == sorted(losses, reverse=True)
    assert len(losses) == IMAGES
    assert (rows[-1]["class"], rows[-1]["place"]) == ("left out: the caption is empty", f"line {IMAGES + 2}")
    assert all(row["better_caption"] != row["caption"] for row in rows[:-1])


def test_without_a_gain_no_checkpoint_is_written_and_it_says_so(
    table: Path,
    model: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("msa_model.adapt.adapt.RATE", 1e-30)
    assert run_cli(table, model, tmp_path / "mine") == 0
    assert "none: no epoch was better than tiny, go on with that" in capsys.readouterr().out
    assert [path.name for path in (tmp_path / "mine").iterdir()] == [AUDIT]


def test_enough_pairs_are_sorted_and_shuffled_captions_found(
    tiny_config: ModelConfig, make_pairs: Callable[..., PairTable]
) -> None:
    torch.manual_seed(0)
    heads = Heads(MsaNetwork(tiny_config).requires_grad_(False).eval())
    pairs = make_pairs(sum(heads.tower.backbone.channels), 4 * FEWEST_TO_SORT)
    train_heads(heads, pairs, HeadTraining(epochs=10, batch=32, learning_rate=3e-3))
    pairs.text_of[:120] = pairs.text_of[torch.randperm(120, generator=torch.Generator().manual_seed(0))]
    wrong = (pairs.text_of % 4 != pairs.image_of % 4).numpy()  # of another kind
    found = sort_pairs(heads, pairs, seed=0)
    assert found.split is not None
    assert found.split.weights[wrong].mean() < 0.3
    assert found.split.weights[~wrong].mean() > 0.9
    assert torch.equal(found.weighted(pairs).weights, torch.from_numpy(found.split.weights).float())
    few = make_pairs(sum(heads.tower.backbone.channels), FEWEST_TO_SORT - 1)
    assert sort_pairs(heads, few, seed=0).split is None


def test_the_model_to_start_from_is_not_overwritten(data: OwnData, model: Path) -> None:
    with pytest.raises(BadArgument, match="is the model to start from"):
        adapt_checkpoint(model, data, model, device="cpu", seed=0, say=lambda line: None)


def test_a_broken_image_is_named_with_its_line(data: OwnData, model: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(data.pairs[0].path.read_bytes()[:200])
    first = type(data.pairs[0])(broken, "a lake", "line 2")
    with pytest.raises(DatasetUnreadable, match=r"line 2: The image .*broken\.png"):
        adapt_checkpoint(
            model, OwnData((first, *data.pairs[1:]), ()), tmp_path / "o", device="cpu", seed=0, say=print
        )


def test_a_full_disk_is_named_and_an_earlier_audit_stays(
    data: OwnData, model: Path, tmp_path: Path, file_limit: Callable[[int], AbstractContextManager[None]]
) -> None:
    adapt_checkpoint(model, data, tmp_path, device="cpu", seed=0, say=lambda line: None)
    earlier = (tmp_path / AUDIT).read_bytes()
    with file_limit(1000), pytest.raises(DiskFull, match=r"no room left on the disk for .*audit\.csv"):
        adapt_checkpoint(model, data, tmp_path, device="cpu", seed=0, say=lambda line: None)
    assert (tmp_path / AUDIT).read_bytes() == earlier


def test_an_audit_that_somebody_worked_on_is_not_replaced(data: OwnData, model: Path, tmp_path: Path) -> None:
    adapt_checkpoint(model, data, tmp_path, device="cpu", seed=0, say=lambda line: None)
    edited = (tmp_path / AUDIT).read_bytes().replace(b"unsorted", b"looked at", 1)
    (tmp_path / AUDIT).write_bytes(edited)
    with pytest.raises(FileNotOurs, match=AUDIT):
        adapt_checkpoint(model, data, tmp_path, device="cpu", seed=1, say=lambda line: None)
    assert (tmp_path / AUDIT).read_bytes() == edited


def test_no_cell_of_an_audit_is_a_formula(data: OwnData, model: Path, tmp_path: Path) -> None:
    evil = "=cmd|'/c calc'!A0"
    first = replace(data.pairs[0], caption=evil)
    poisoned = OwnData((first, *data.pairs[1:]), ())
    adapt_checkpoint(model, poisoned, tmp_path, device="cpu", seed=0, say=lambda line: None)
    with (tmp_path / AUDIT).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["caption"] for row in rows if "calc" in row["caption"]] == [f"'{evil}"]
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("name", [AUDIT, "config.json", "model.safetensors"])
def test_what_somebody_else_put_into_the_folder_is_not_replaced(
    data: OwnData, model: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(b"precious")
    with pytest.raises(FileNotOurs, match=name):
        adapt_checkpoint(model, data, tmp_path, device="cpu", seed=0, say=lambda line: None)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [(name, b"precious")]


@pytest.mark.parametrize(
    "words", [["--images", "x"], ["--raster", "x", "--features", "y"], ["--images", "x", "--raster", "y"], []]
)
def test_half_of_the_data_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adapt", "--out", "mine", *words]) == 1
    assert "Give either --images and --captions, or --raster" in capsys.readouterr().err


def test_a_layer_over_a_raster_gives_a_checkpoint(
    make_raster: Callable[..., Path], model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A chessboard of four colours; points at the centres of its fields say which."""
    side, across = 256, 6
    colours = np.array(list(COLOURS.values()), np.uint8)
    kinds = np.add.outer(2 * np.arange(across), np.arange(across)) % len(COLOURS)
    scene = make_raster(np.moveaxis(colours[kinds].repeat(side, axis=0).repeat(side, axis=1), -1, 0))
    centres = (np.arange(across) + 0.5) * side
    points = [shapely.Point(500_000 + x, 5_000_000 - y) for y in centres for x in centres]
    texts = [list(COLOURS)[kind] for kind in kinds.ravel()]
    layer = tmp_path / "places.gpkg"
    pyogrio.raw.write(
        layer,
        shapely.to_wkb(np.array(points)),
        [np.array(texts, object)],
        ["kind"],
        geometry_type="Point",
        crs="EPSG:32633",
    )
    words = ["--raster", scene, "--features", layer, "--field", "kind", "--scale", "256", "--model", model]
    assert (
        main(["adapt", *map(str, words), "--out", str(tmp_path / "mine"), "--device", "cpu", "--json"]) == 0
    )
    report = json.loads(capsys.readouterr().out)
    assert report["pairs"] == across**2
    assert report["recall_after"] > report["recall_before"]
    assert len(list((tmp_path / "mine" / "chips").glob("*.png"))) == across**2
    assert Encoder.load(tmp_path / "mine", device="cpu").name == "mine"
