from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from msa_model.model.config import ModelConfig, read_config, write_config
from tests.refusals import raises_kind


def _write(folder: Path, config: ModelConfig, **changes: object) -> Path:
    data = {**json.loads(json.dumps(dataclasses.asdict(config))), **changes}
    path = folder / "config.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_a_config_survives_the_round_trip(tmp_path: Path, tiny_config: ModelConfig) -> None:
    write_config(tmp_path / "config.json", tiny_config)
    assert read_config(tmp_path / "config.json") == tiny_config


def test_a_typo_is_answered_with_the_nearest_key(tmp_path: Path, tiny_config: ModelConfig) -> None:
    path = _write(tmp_path, tiny_config, dimensoin=3)
    with raises_kind("checkpoint_of_other_architecture", match=r"'dimensoin' \(did you mean 'dimension'"):
        read_config(path)


def test_a_typo_in_a_nested_table_is_named_with_its_place(tmp_path: Path, tiny_config: ModelConfig) -> None:
    image = {**json.loads(json.dumps(dataclasses.asdict(tiny_config.image))), "bakbone": "x"}
    path = _write(tmp_path, tiny_config, image=image)
    with raises_kind("checkpoint_of_other_architecture", match=r"'image\.bakbone' \(did you mean 'backbone'"):
        read_config(path)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"width": "wide"}, "'width' should be int, not str"),
        ({"image": 3}, "'image.' should be an object"),
        ({"format": 99}, "has format 99"),
    ],
)
def test_a_wrong_value_is_named(
    tmp_path: Path, tiny_config: ModelConfig, changes: dict[str, Any], complaint: str
) -> None:
    with raises_kind("checkpoint_of_other_architecture", match=complaint):
        read_config(_write(tmp_path, tiny_config, **changes))


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"name": "x"}', encoding="utf-8")
    with raises_kind("checkpoint_of_other_architecture", match="'image' is missing"):
        read_config(path)


def test_what_is_no_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text("{", encoding="utf-8")
    with raises_kind("checkpoint_of_other_architecture", match="cannot be read as JSON"):
        read_config(path)


def test_a_missing_config_is_a_missing_checkpoint(tmp_path: Path) -> None:
    with raises_kind("checkpoint_missing", match="does not exist"):
        read_config(tmp_path / "config.json")
