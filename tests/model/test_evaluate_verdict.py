"""Measuring the verdict: on mosaics where a class is there or not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from msa_model.cli import evaluate
from msa_model.cli.main import main
from msa_model.eval.dataset import DatasetImage, read_labelled
from msa_model.eval.report import verdict_tables
from msa_model.eval.verdict import GROUNDS, STATISTICS, Cases, auroc, evaluate_verdict, evenly, touching
from msa_model.protocol.errors import DatasetUnreadable
from msa_model.raster.grid import TILE, TileGrid

COLOURS = {
    "red": (230, 30, 30),
    "green": (30, 200, 30),
    "blue": (30, 30, 230),
    "yellow": (220, 220, 30),
    "violet": (200, 30, 200),
}
BANK = ("red", "green", "blue", "yellow", "violet", "grey", "black")
PHRASES = {name: (name, f"something {name}") for name in COLOURS}


class ColourEncoder:
    """Sees mean colours, and reads the first colour named in a text."""

    dimension = 3
    background = np.full(3, 1e-4, np.float32)

    def encode_tiles(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        return self._unit(pixels.mean(axis=(1, 2)))

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._unit(
            [next((COLOURS[w] for w in text.split() if w in COLOURS), (9, 9, 8)) for text in texts]
        )

    @staticmethod
    def _unit(colours: object) -> NDArray[np.float32]:
        vectors = np.array(colours, np.float32)
        unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


class BlindEncoder(ColourEncoder):
    """Sees the same in every tile but for noise."""

    def encode_tiles(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        noise = np.random.default_rng(int(pixels.sum()) % 2**32).normal(size=(len(pixels), 3))
        return self._unit(noise)


@pytest.fixture
def colours(tmp_path: Path) -> Path:
    """A folder of three images a colour, among sixty of dull ones, each a little different."""
    random = np.random.default_rng(0)
    for name, colour in {**COLOURS, "dull": (120, 125, 118)}.items():
        (tmp_path / "set" / name).mkdir(parents=True)
        for i in range(60 if name == "dull" else 3):
            shade = tuple(np.clip(colour + random.integers(-25, 25, 3), 0, 255).tolist())
            Image.new("RGB", (16, 16), shade).save(tmp_path / "set" / name / f"{name}_{i}.png")
    return tmp_path / "set"


def rows_of(folder: Path) -> tuple[DatasetImage, ...]:
    return read_labelled(folder, folder)


numbers = st.lists(st.integers(-3, 3), min_size=1, max_size=12)


@given(numbers, numbers)
def test_auroc_is_the_share_of_pairs_in_order(present: list[int], absent: list[int]) -> None:
    pairs = [(p > a) + (p == a) / 2 for p in present for a in absent]
    values = np.array(present + absent, float)
    flags = np.array([True] * len(present) + [False] * len(absent))
    assert auroc(values, flags) == pytest.approx(sum(pairs) / len(pairs))
    assert auroc(values, flags, np.full(len(values), 3.0)) == pytest.approx(auroc(values, flags))


def test_a_case_that_weighs_more_counts_more() -> None:
    values, present = np.array([1.0, 3.0, 2.0]), np.array([True, True, False])
    assert auroc(values, present, np.array([1.0, 3.0, 1.0])) == pytest.approx(0.75)


def test_each_kind_of_raster_counts_alike_with_the_class_and_without() -> None:
    present = np.array([True, True, False, True, False])
    cases = evenly(Cases(np.full(5, "red"), present, np.zeros((5, 1)), np.ones(5)))
    assert cases.weights[present].sum() == pytest.approx(1)
    assert cases.weights[~present].sum() == pytest.approx(1)


def test_every_tile_that_shows_a_bit_of_an_image_touches_it() -> None:
    places = np.zeros((3, 3), bool)
    places[0, 2] = True
    keys = np.array([(1, row, col) for row, col in TileGrid(3 * TILE, 3 * TILE, 1).keys().tolist()], np.int32)
    touched = {tuple(key[1:]) for key in keys[touching(keys, places)].tolist()}
    assert touched == {(0, 12), (0, 16), (4, 12), (4, 16)}


def test_a_model_that_sees_tells_what_is_there_and_a_blind_one_does_not(colours: Path) -> None:
    seeing = evaluate_verdict(ColourEncoder(), rows_of(colours), PHRASES, BANK, 1)
    assert seeing.classes == len(COLOURS)
    honest = seeing.separations[0]
    assert honest.statistic == STATISTICS[0]
    assert min(ground.mean for ground in honest.grounds) > 0.85
    blind = evaluate_verdict(BlindEncoder(), rows_of(colours), PHRASES, BANK, 1).separations[0]
    assert blind.together.mean < 0.7


def test_the_tables_show_every_statistic_and_ground(colours: Path) -> None:
    result = evaluate_verdict(ColourEncoder(), rows_of(colours), PHRASES, BANK, 2)
    separations, verdicts = verdict_tables(result)
    assert len(separations.rows) == len(STATISTICS) + 1
    assert all(len(row) == len(separations.header) == len(GROUNDS) + 3 for row in separations.rows)
    assert sum(part.chosen for part in result.separations) == result.seeds == 2
    assert len(verdicts.rows) == 2


def test_too_few_images_are_named(colours: Path) -> None:
    with pytest.raises(DatasetUnreadable, match="9 images"):
        evaluate_verdict(ColourEncoder(), rows_of(colours)[:5], PHRASES, BANK, 1)


def test_the_command_measures_the_verdict(
    colours: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(evaluate, "load_encoder", lambda args: ColourEncoder())
    monkeypatch.setattr("msa_model.eval.classes.read_phrases", lambda file=None: PHRASES)
    assert main(["evaluate", str(colours), "--verdict", "--seeds", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["seeds"] == 1
    assert main(["evaluate", str(colours), "--verdict", "--seeds", "0"]) != 0
