"""Changes found among unchanged ground: pairs of images laid out as two rasters."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from msa_model.cli.main import parse
from msa_model.measure.dataset import read_labelled
from msa_model.protocol.errors import DatasetUnreadable
from msa_model.research.evaluate.change import change_tables, evaluate_change
from msa_model.research.evaluate.change_made import CASES, evaluate_made, made_tables
from msa_model.research.evaluate.change_pairs import CELL, in_halves, is_list_of_pairs, read_pairs

Floats = NDArray[np.float32]


def write_pairs(folder: Path, changed: int, unchanged: int) -> Path:
    """Noise; where it changed, the middle of the later image is a grid of bright roofs on grass."""
    random, rows = np.random.default_rng(0), []
    mask = np.zeros((CELL, CELL), np.uint8)
    mask[100:400, 100:400] = 255
    Image.fromarray(mask).save(folder / "mask.png")
    for number in range(changed + unchanged):
        before = random.integers(60, 120, (CELL // 8, CELL // 8, 3), np.uint8).repeat(8, 0).repeat(8, 1)
        after = (before * 0.9).astype(np.uint8)
        if number < changed:
            after[100:400, 100:400] = (70, 110, 60)
            for y in range(110, 390, 60):
                for x in range(110, 390, 60):
                    after[y : y + 30, x : x + 36] = (190, 180, 175)
        names = {"a": f"{number}_a.png", "b": f"{number}_b.png"}
        for name, image in zip(names.values(), (before, after), strict=True):
            Image.fromarray(image).save(folder / name)
        query = {"query": "appeared: houses", "mask": "mask.png"}
        kind = query if number < changed else {"query": "unchanged", "mask": None}
        rows.append(
            {"set": "drawn", "pair": f"town_{number // 2}_{number % 2}_0", "gsd": 0.5, **names, **kind}
        )
    (folder / "pairs.json").write_text(json.dumps(rows))
    return folder / "pairs.json"


class Roofs:
    """Sees how much of a tile is bright, and what else there is; 'houses' are bright."""

    dimension = 3

    def encode_tiles(self, pixels: NDArray[np.uint8]) -> Floats:
        grey = pixels.mean(axis=-1)
        bright = (grey > 150).mean(axis=(1, 2))
        seen = np.column_stack((bright, 0.3 + grey.mean(axis=(1, 2)) / 1000, grey.std(axis=(1, 2)) / 1000))
        return unit(seen)

    def encode_texts(self, texts: Sequence[str]) -> Floats:
        return unit(np.array([[1.0, 0.2, 0.1] if "houses" in text else [0.1, 1, 0.3] for text in texts]))


def unit(rows: NDArray[np.float64]) -> Floats:
    out: Floats = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return out


def test_ways_of_ranking_stand_beside_chance(tmp_path: Path) -> None:
    pairs = read_pairs(write_pairs(tmp_path, 4, 8))
    assert [pair.changed.any() for pair in pairs] == [True] * 4 + [False] * 8
    found = evaluate_change(Roofs(), pairs, ["houses along a road", "grass", "water"], seed=0)
    assert found.pairs == 12
    assert found.calm == 1
    assert found.seen == 1
    assert [mosaic.mosaic for mosaic in found.found] == [
        f"fine, half {half}{kind}" for half in (1, 2) for kind in ("", ", colour cast", ", 4 px off")
    ]
    for mosaic in found.found:
        ways = {way.name: way for way in mosaic.ways}
        assert set(ways) == {"cosine", "cosine less phrases", "change"}
        assert 0 < mosaic.chance < 0.6
        assert ways["change"].ap > 0.9 > mosaic.chance
        assert mosaic.best_score > 0
    assert [(own.half, own.question) for own in found.alone] == [
        (f"fine, half {half}", question) for half in (1, 2) for question in ("appeared", "changed")
    ]
    assert sum(own.unchanged for own in found.alone) == 16
    ranked, alone = change_tables(found)
    assert len(ranked.rows) == 3 * len(found.found)
    assert len(alone.rows) == 4


def test_pairs_of_one_place_stay_in_one_half(tmp_path: Path) -> None:
    halves = in_halves(read_pairs(write_pairs(tmp_path, 4, 8)), seed=1)
    sites = [{pair.site for pair in half} for half in halves]
    assert not sites[0] & sites[1]
    assert [sum(pair.changed.any() for pair in half) for half in halves] == [2, 2]


def test_the_command_takes_it() -> None:
    assert parse(["evaluate", "pairs.json", "--change"]).change


def test_a_file_that_is_no_list_of_pairs_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "pairs.json"
    for text in ("{", '{"a": 1}', '[{"query": "unchanged"}]'):
        file.write_text(text)
        with pytest.raises(DatasetUnreadable):
            read_pairs(file)


def write_classes(folder: Path) -> Path:
    """Bright roofs, and two kinds of noise, four images each."""
    random = np.random.default_rng(0)
    for label in ("house", "grass", "water"):
        (folder / label).mkdir()
        for number in range(4):
            low = 20 if label == "water" else 60
            image = random.integers(low, low + 60, (32, 32, 3), np.uint8).repeat(8, 0).repeat(8, 1)
            if label == "house":
                for y in range(8, 240, 60):
                    image[y : y + 40, 8:240] = (190, 180, 175)
            Image.fromarray(image).save(folder / label / f"{label}_{number}.png")
    return folder


def test_cells_of_another_class_are_found_among_unchanged_ones(tmp_path: Path) -> None:
    rows = read_labelled(write_classes(tmp_path), tmp_path)
    phrases = {"house": ("houses",), "grass": ("grass",), "water": ("water",)}
    result = evaluate_made(Roofs(), rows, phrases, ["houses along a road", "grass", "water"], seeds=1, side=5)
    assert (result.mosaics, result.tiles) == (1, 9**2)
    cases = {own.case: own for own in result.cases}
    assert tuple(cases) == CASES
    for case, own in cases.items():
        if case.share:
            assert [way.name for way in own.ways] == ["vectors", "raw scores", "change"]
            assert 0 < own.chance < 0.2
            assert all(0 <= way.ap <= 1 for way in own.ways)
        else:
            assert own.questions == len(phrases)
            assert own.ways == ()
    chances = {case.share: own.chance for case, own in cases.items() if case.share}
    assert chances[0.1] >= chances[0.03] > 0
    ranked, calm = made_tables(result)
    assert len(ranked.rows) == 3 * sum(case.share > 0 for case in CASES)
    assert len(calm.rows) == sum(not case.share for case in CASES)


def test_changes_need_three_classes(tmp_path: Path) -> None:
    rows = read_labelled(write_classes(tmp_path), tmp_path)
    with pytest.raises(DatasetUnreadable, match="3 classes"):
        evaluate_made(Roofs(), rows, {"house": ("houses",)}, ["grass"], seeds=1)


def test_a_list_of_pairs_is_told_from_a_data_set(tmp_path: Path) -> None:
    assert is_list_of_pairs(write_pairs(tmp_path, 1, 1))
    (tmp_path / "set.json").write_text(json.dumps({"images": []}))
    assert not is_list_of_pairs(tmp_path / "set.json")
    assert not is_list_of_pairs(tmp_path)
