from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from msa_model.cli import evaluate, train
from msa_model.eval.dataset import read_dataset, read_split
from msa_model.eval.evaluation import encode_images
from msa_model.model.encoder import Encoder
from msa_model.protocol.errors import DatasetUnreadable

MakeDataset = Callable[..., tuple[Path, Path]]


@pytest.fixture
def make_dataset(tmp_path: Path) -> MakeDataset:
    """Plain coloured images with captions: four images, one to four captions each."""

    def make(split: str = "val", sizes: Sequence[int] = (64, 64, 80, 224)) -> tuple[Path, Path]:
        images = tmp_path / "images"
        images.mkdir(exist_ok=True)
        colours = [
            ("green", (40, 120, 40)),
            ("blue", (30, 60, 160)),
            ("grey", (128, 128, 128)),
            ("sand", (210, 190, 140)),
        ]
        records = []
        for number, ((name, colour), size) in enumerate(zip(colours, sizes, strict=True)):
            Image.new("RGB", (size, size), colour).save(images / f"{name}.png")
            sentences = [{"raw": f"{name} ground , picture {i} ."} for i in range(number + 1)]
            records.append({"filename": f"{name}.png", "split": split, "sentences": sentences})
        file = tmp_path / "dataset.json"
        file.write_text(json.dumps({"dataset": "made", "images": records}), encoding="utf-8")
        return file, images

    return make


def run_cli(*words: str) -> int:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()
    for module in (evaluate, train):
        module.add_parser(commands)
    args = parser.parse_args([str(word) for word in words])
    return int(args.run(args))


def test_evaluate_prints_the_recalls_as_json(
    make_dataset: MakeDataset, capsys: pytest.CaptureFixture[str]
) -> None:
    file, images = make_dataset()
    assert run_cli("evaluate", str(file), str(images), "--split", "val", "--device", "cpu", "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert set(result) == {"i2t", "t2i", "mr", "images", "captions"}
    assert (result["images"], result["captions"]) == (4, 10)
    six = [result[way][key] for way in ("i2t", "t2i") for key in ("r1", "r5", "r10")]
    assert result["mr"] == pytest.approx(sum(six) / 6)
    assert result["t2i"]["r5"] == result["t2i"]["r10"] == 100.0  # there are only four images


def test_evaluate_prints_a_table_for_people(
    make_dataset: MakeDataset, capsys: pytest.CaptureFixture[str]
) -> None:
    file, images = make_dataset()
    run_cli("evaluate", str(file), str(images), "--device", "cpu")
    out = capsys.readouterr().out
    assert "text to image  R@1" in out
    assert "(4 images, 10 captions)" in out


def test_images_of_any_size_keep_their_place(make_dataset: MakeDataset, encoder: Encoder) -> None:
    file, images = make_dataset()
    paths = [row.path for row in read_split(file, images, "val")]
    together = encode_images(encoder, paths)
    for path, vector in zip(paths, together, strict=True):
        alone = encoder.encode_tiles(np.asarray(Image.open(path))[None])[0]
        assert vector == pytest.approx(alone, abs=1e-5)


def test_an_empty_split_is_named(make_dataset: MakeDataset) -> None:
    file, images = make_dataset()
    with pytest.raises(DatasetUnreadable, match="no image in the split 'test'"):
        read_split(file, images, "test")


def test_a_missing_image_is_named(make_dataset: MakeDataset) -> None:
    file, images = make_dataset()
    (images / "blue.png").unlink()
    with pytest.raises(DatasetUnreadable, match=r"not there: .*blue\.png"):
        read_split(file, images, "val")


def test_a_truncated_image_is_named(make_dataset: MakeDataset, encoder: Encoder) -> None:
    file, images = make_dataset()
    broken = images / "green.png"
    broken.write_bytes(broken.read_bytes()[:60])
    with pytest.raises(DatasetUnreadable, match=r"green\.png cannot be read"):
        encode_images(encoder, [row.path for row in read_split(file, images, "val")])


def test_an_image_without_captions_is_named(make_dataset: MakeDataset) -> None:
    file, images = make_dataset()
    data = json.loads(file.read_text(encoding="utf-8"))
    data["images"][1]["sentences"] = [{"raw": "  "}]
    file.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(DatasetUnreadable, match=r"no caption for blue\.png"):
        read_split(file, images, "val")


@pytest.mark.parametrize(
    "text",
    ["{", "[1, 2]", '{"images": [{"split": "val"}]}', '{"images": 3}', '{"images": ["a"]}', "[" * 100_000],
    ids=lambda text: text[:30],
)
def test_what_is_no_caption_file_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "captions.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DatasetUnreadable, match=r"captions\.json is no caption data set"):
        read_dataset(file, tmp_path)


def test_a_missing_caption_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetUnreadable, match=r"gone\.json cannot be read"):
        read_dataset(tmp_path / "gone.json", tmp_path)


@pytest.mark.shared
@pytest.mark.slow
def test_the_shipped_checkpoint_reaches_the_floor_on_rsicd(
    shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shared_data / "data" / "rsicd"
    run_cli(
        "evaluate", str(folder / "dataset_rsicd.json"), str(folder / "images"), "--split", "val", "--json"
    )
    result = json.loads(capsys.readouterr().out)
    assert (result["images"], result["captions"]) == (983, 4915)
    assert result["mr"] >= 26.0
