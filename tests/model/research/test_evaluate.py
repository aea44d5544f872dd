from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from msa_model.cli.main import parse
from msa_model.measure.dataset import DatasetImage, in_split, read_dataset, read_labelled, read_split
from msa_model.measure.evaluation import encode_images
from msa_model.model.encoder import Encoder
from msa_model.protocol.errors import BadArgument, DatasetUnreadable
from msa_model.research.commands import evaluate, train

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
    command = {"evaluate": evaluate, "train": train}[words[0]]
    return int(command.run(parse(words)))


def test_evaluate_prints_the_recalls_as_json(
    make_dataset: MakeDataset, capsys: pytest.CaptureFixture[str]
) -> None:
    file, images = make_dataset()
    assert run_cli("evaluate", str(file), str(images), "--split", "val", "--device", "cpu", "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert {"i2t", "t2i", "mr", "images", "captions"} < set(result)
    assert (result["images"], result["captions"]) == (4, 10)
    six = [result[way][key] for way in ("i2t", "t2i") for key in ("r1", "r5", "r10")]
    assert result["mr"] == pytest.approx(sum(six) / 6)
    assert result["t2i"]["r5"] == result["t2i"]["r10"] == 100.0  # there are only four images


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch, encoder: Encoder) -> None:
    """Commands take the model that other tests have loaded already."""
    monkeypatch.setattr(evaluate, "load_encoder", lambda args: encoder)


@pytest.mark.usefixtures("loaded")
def test_evaluate_prints_a_table_for_people(
    make_dataset: MakeDataset, capsys: pytest.CaptureFixture[str]
) -> None:
    file, images = make_dataset()
    run_cli("evaluate", str(file), str(images), "--device", "cpu")
    out = capsys.readouterr().out
    assert "T→I R@1" in out
    assert "4 images, 10 captions, mean recall" in out


@pytest.mark.usefixtures("loaded")
def test_evaluate_adds_median_ranks_distinct_captions_and_intervals(
    make_dataset: MakeDataset, capsys: pytest.CaptureFixture[str]
) -> None:
    file, images = make_dataset()
    run_cli(
        "evaluate", str(file), str(images), "--device", "cpu", "--json", "--bootstrap", "20", "--seed", "3"
    )
    result = json.loads(capsys.readouterr().out)
    assert 1 <= result["median_rank"]["t2i"] <= 4
    distinct = result["distinct_captions"]
    assert distinct["captions"] == 10  # no two are equal, so both protocols agree
    assert (distinct["i2t"], distinct["mr"]) == (result["i2t"], pytest.approx(result["mr"]))
    interval = result["interval"]
    assert (interval["draws"], interval["seed"], interval["level"]) == (20, 3, 0.95)
    assert interval["mr"][0] <= result["mr"] <= interval["mr"][1]


@pytest.mark.usefixtures("loaded")
def test_evaluate_prints_markdown(make_dataset: MakeDataset, capsys: pytest.CaptureFixture[str]) -> None:
    file, images = make_dataset()
    run_cli("evaluate", str(file), str(images), "--device", "cpu", "--markdown", "--bootstrap", "0")
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].startswith("| protocol | I→T R@1 |")
    assert [line.split(" | ")[0] for line in lines[4:]] == ["| 10 captions", "| 10 distinct captions"]


def test_a_negative_bootstrap_is_refused(make_dataset: MakeDataset) -> None:
    file, images = make_dataset()
    with pytest.raises(BadArgument, match="-1 times"):
        run_cli("evaluate", str(file), str(images), "--bootstrap", "-1")


def test_images_of_any_size_keep_their_place(make_dataset: MakeDataset, encoder: Encoder) -> None:
    file, images = make_dataset()
    paths = [row.path for row in read_split(file, images, "val")]
    together = encode_images(encoder, paths)
    for path, vector in zip(paths, together, strict=True):
        alone = encoder.encode_tiles(np.asarray(Image.open(path))[None])[0]
        assert vector == pytest.approx(alone, abs=1e-5)


def test_an_unknown_split_is_named_with_those_that_exist(make_dataset: MakeDataset) -> None:
    file, images = make_dataset()
    with pytest.raises(DatasetUnreadable, match="no image in the split 'test'; it has 'val'"):
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


def change_second_image(file: Path, **changes: object) -> None:
    data = json.loads(file.read_text(encoding="utf-8"))
    data["images"][1] |= changes
    file.write_text(json.dumps(data), encoding="utf-8")


def test_an_image_without_captions_is_named(make_dataset: MakeDataset) -> None:
    file, images = make_dataset()
    change_second_image(file, sentences=[])
    with pytest.raises(DatasetUnreadable, match=r"no caption for blue\.png"):
        read_split(file, images, "val")


def test_an_empty_caption_is_named(make_dataset: MakeDataset) -> None:
    file, images = make_dataset()
    change_second_image(file, sentences=[{"raw": "water"}, {"raw": "  "}])
    with pytest.raises(DatasetUnreadable, match=r"an empty caption for blue\.png, number 2"):
        read_split(file, images, "val")


def test_captions_without_an_image_are_named(make_dataset: MakeDataset) -> None:
    file, images = make_dataset()
    change_second_image(file, filename="")
    with pytest.raises(DatasetUnreadable, match="captions without an image: record 2"):
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


def test_the_layout_of_nwpu_captions_is_read(tmp_path: Path) -> None:
    (tmp_path / "golf_course").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "golf_course" / "golf_course_001.jpg")
    record = {"filename": "golf_course_001.jpg", "imgid": 0, "split": "val", "raw": "A golf course ."}
    record |= {"sentids": 0, "raw_1": "Greens and bunkers .", "raw_2": "  ", "raw_3": "Trees .", "raw_4": ""}
    file = tmp_path / "dataset_nwpu.json"
    file.write_text(json.dumps({"golf_course": [record]}), encoding="utf-8")
    (row,) = read_split(file, tmp_path, "val")
    assert row.captions == ("A golf course .", "Greens and bunkers .", "Trees .")
    assert (row.path.name, row.label) == ("golf_course_001.jpg", "golf_course")


def test_a_folder_of_folders_is_read_as_classes(tmp_path: Path) -> None:
    for name in ("beach/b1.png", "beach/b2.jpg", "forest/f1.tif"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (8, 8)).save(tmp_path / name)
    (tmp_path / "beach" / "notes.txt").write_text("none")
    assert [row.label for row in read_labelled(tmp_path, tmp_path)] == ["beach", "beach", "forest"]
    with pytest.raises(DatasetUnreadable, match="no folder of images a class"):
        read_dataset(tmp_path / "beach", tmp_path)


def test_file_names_tell_classes_where_the_file_does_not(tmp_path: Path) -> None:
    names = ("airport_1.jpg", "denseresidential12.tif", "00017.jpg")
    for name in names:
        Image.new("RGB", (8, 8)).save(tmp_path / name)
    file = tmp_path / "dataset.json"
    file.write_text(json.dumps({"images": [{"filename": name} for name in names]}), encoding="utf-8")
    assert [row.label for row in read_labelled(file, tmp_path)] == ["airport", "denseresidential"]


def test_sets_without_splits_hold_out_the_same_fifth_in_any_order() -> None:
    rows = [DatasetImage(Path(f"forest/f{i}.jpg"), (), "", "forest") for i in range(1000)]
    held = {row.path for row in in_split(rows, "val", "forests")}
    assert held == {row.path for row in in_split(rows[::-1], "val", "forests")}
    assert 160 <= len(held) <= 240
    assert len(in_split(rows, "train", "forests")) == 1000 - len(held)


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
