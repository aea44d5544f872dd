from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from msa_model.model.config import ModelConfig
from msa_model.protocol.errors import BadArgument, DatasetUnreadable, PhrasesUnreadable
from msa_model.research.train.recipe import Data, Recipe, WordSettings, read_recipe
from msa_model.research.train.samples import (
    Samples,
    class_key,
    class_texts,
    label_in_name,
    read_phrases,
    read_samples,
)
from tests.model.research.training_sets import CAPTIONS, LABELS, as_toml, make_images, recipe_of


@pytest.fixture
def root(tmp_path: Path) -> Path:
    make_images(tmp_path)
    return tmp_path


def samples_of(config: ModelConfig, root: Path, *data: Data, words: WordSettings | None = None) -> Samples:
    recipe = recipe_of(config, *data)
    return read_samples(dataclasses.replace(recipe, words=words or recipe.words), root, root)


def test_a_recipe_is_read_as_it_was_written(tiny_config: ModelConfig, tmp_path: Path) -> None:
    recipe = recipe_of(tiny_config, CAPTIONS, LABELS, mosaic=0.25)
    (tmp_path / "r.toml").write_text(as_toml(recipe), encoding="utf-8")
    found = read_recipe(tmp_path / "r.toml")
    assert found == recipe
    assert found.sha256 == recipe.sha256
    assert found.sha256 != recipe_of(tiny_config, CAPTIONS, LABELS, mosaic=0.5).sha256


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("dropout", "dropuot", r"unknown key 'training\.dropuot' \(did you mean 'dropout'\?"),
        ("held_out", "heldout", r"unknown key 'data\.heldout' \(did you mean 'held_out'\?"),
        ("contrastive", "contrastiv", r"unknown key 'loss\.contrastiv' \(did you mean 'contrastive'\?"),
        ('"labels"', '"label"', r"'data\.kind' cannot be 'label' \(did you mean 'labels'\?"),
        ("epochs = 3", "epochs = 0", "give either 'training.epochs' or 'training.steps'"),
        ("steps = 0", "steps = 9", "give either 'training.epochs' or 'training.steps'"),
        ("batch = 8", "batch = 0", "'training.batch' should be above 0"),
        ("mosaic = 0.0", "mosaic = 1.5", "'training.mosaic' should be from 0 to 1"),
        ("frozen_stages = 2", "frozen_stages = 0", "'training.views' needs 'training.frozen_stages' above 0"),
        (
            "text_rate = 0.0",
            "text_rate = 0.1",
            "needs 'model.text.tuned_layers' above 0",
        ),
        ('["{}", ', '["no place", ', "'words.templates' should hold texts with one {} each"),
        ("held_out = 0.25", "held_out = 1.0", r"'data\[1\]\.held_out' should be at least 0 and below 1"),
        ("grids = [1]", "grids = [0]", r"'data\[0\]\.grids' should list numbers above 0"),
    ],
)
def test_what_is_wrong_in_a_recipe_is_named(
    tiny_config: ModelConfig, tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    text = as_toml(recipe_of(tiny_config, CAPTIONS, LABELS))
    assert old in text
    (tmp_path / "r.toml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(BadArgument, match=complaint):
        read_recipe(tmp_path / "r.toml")


def test_mosaics_need_images_that_cells_fill(tiny_config: ModelConfig, tmp_path: Path) -> None:
    config = dataclasses.replace(tiny_config, image=dataclasses.replace(tiny_config.image, size=80))
    (tmp_path / "r.toml").write_text(as_toml(recipe_of(config, mosaic=0.5)), encoding="utf-8")
    with pytest.raises(BadArgument, match="multiple of 32"):
        read_recipe(tmp_path / "r.toml")


def test_a_missing_recipe_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadArgument, match=r"none\.toml"):
        read_recipe(tmp_path / "none.toml")


def test_captions_are_trained_on_by_split_and_labels_are_held_out_whatever_the_order(
    tiny_config: ModelConfig, root: Path
) -> None:
    found = samples_of(tiny_config, root, CAPTIONS, LABELS)
    assert (len(found.training), len(found.validation)) == (20 + 18, 4)
    assert [(part.name, len(part.samples)) for part in found.labelled] == [("labels", 6)]
    held_out = {sample.path for sample in found.labelled[0].samples}
    assert not held_out & {sample.path for sample in found.training[20:]}
    assert found.labelled == samples_of(tiny_config, root, CAPTIONS, LABELS).labelled


def test_captions_lose_their_full_stop_and_classes_come_from_names(
    tiny_config: ModelConfig, root: Path
) -> None:
    data = dataclasses.replace(CAPTIONS, labels_in_names=True)
    first = samples_of(tiny_config, root, data).training[0]
    assert first.captions == ("green ground number 0", "it is green")
    assert first.label == "green"
    assert first.phrases == ("green", "an aerial image of green", "green seen from above")
    assert samples_of(tiny_config, root, CAPTIONS).training[0].phrases == ()


def test_a_limit_takes_a_part_that_stays_the_same(tiny_config: ModelConfig, root: Path) -> None:
    data = dataclasses.replace(LABELS, limit=5)
    one, other = (samples_of(tiny_config, root, data).training for _ in range(2))
    assert len(one) == 5
    assert one == other


def test_small_images_know_those_of_their_class(tiny_config: ModelConfig, root: Path) -> None:
    data = dataclasses.replace(LABELS, grids=(1, 2))
    for sample in samples_of(tiny_config, root, data).training:
        assert sample.path in sample.alike
        assert {path.name.split("_")[0] for path in sample.alike} == {sample.label.split("_")[0]}


def test_an_unknown_split_is_answered_with_those_that_exist(tiny_config: ModelConfig, root: Path) -> None:
    data = dataclasses.replace(CAPTIONS, split="trian")
    with pytest.raises(
        DatasetUnreadable, match=r"made\.json has no image in the split 'trian'; it has 'train', 'val'"
    ):
        samples_of(tiny_config, root, data)


def edited(root: Path, **changes: object) -> None:
    file = root / "made.json"
    records = json.loads(file.read_text(encoding="utf-8"))
    records["images"][3] |= changes
    file.write_text(json.dumps(records), encoding="utf-8")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"sentences": []}, r"made\.json gives no caption with words for sand_3\.png"),
        ({"sentences": [{"raw": " . "}]}, r"sand_3\.png"),
        ({"sentences": [{"raw": ""}]}, r"empty caption for sand_3\.png"),
        ({"filename": "gone.png"}, r"gone\.png"),
        ({"filename": ""}, "captions without an image"),
    ],
)
def test_what_is_wrong_in_a_data_set_is_named(
    tiny_config: ModelConfig, root: Path, changes: dict[str, object], complaint: str
) -> None:
    edited(root, **changes)
    with pytest.raises(DatasetUnreadable, match=complaint):
        samples_of(tiny_config, root, CAPTIONS)


def test_an_image_without_a_label_is_named(tiny_config: ModelConfig, root: Path) -> None:
    file = root / "labels" / "labels.json"
    file.write_text(json.dumps({"images": [{"filename": "blue_1.png"}]}), encoding="utf-8")
    with pytest.raises(DatasetUnreadable, match=r"labels/labels\.json gives no label for blue_1\.png"):
        samples_of(tiny_config, root, LABELS)


def test_phrases_are_found_however_a_class_is_spelt(root: Path) -> None:
    rows = "label,phrase\nparking_lot,car park\nParkingLot,parked cars\n"
    (root / "p.csv").write_text(rows, encoding="utf-8")
    phrases = read_phrases(root / "p.csv")
    assert phrases == {"parkinglot": ("car park", "parked cars")}
    assert class_texts("parkinglot", ("{}", "{} seen from above"), phrases) == (
        "car park",
        "car park seen from above",
        "parked cars",
        "parked cars seen from above",
    )
    assert class_texts("SeaLake", ("{}",), phrases) == ("sea lake",)
    assert class_texts("", ("{}",), phrases) == ()
    assert class_key("Parking_Lot") == "parkinglot"


@pytest.mark.parametrize("text", ["class,words\na,b\n", ""])
def test_phrases_without_their_columns_are_refused(tiny_config: ModelConfig, root: Path, text: str) -> None:
    (root / "p.csv").write_text(text, encoding="utf-8")
    recipe: Recipe = recipe_of(tiny_config)
    if text:
        with pytest.raises(PhrasesUnreadable, match=r"p\.csv"):
            read_samples(dataclasses.replace(recipe, words=WordSettings(phrases="p.csv")), root, root)
    with pytest.raises(PhrasesUnreadable, match=r"nowhere\.csv"):
        read_samples(dataclasses.replace(recipe, words=WordSettings(phrases="nowhere.csv")), root, root)


@pytest.mark.parametrize(
    ("name", "label"),
    [("airport_1.jpg", "airport"), ("00001.jpg", ""), ("storagetanks12.jpg", "storagetanks")],
)
def test_classes_in_names(name: str, label: str) -> None:
    assert label_in_name(Path(name)) == label
