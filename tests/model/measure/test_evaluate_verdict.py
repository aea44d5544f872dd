"""Measuring the verdict: on mosaics where a class is there or not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from msa_model.cli import calibrate
from msa_model.cli.main import main
from msa_model.index.background import Background, BestScores
from msa_model.measure.dataset import DatasetImage, read_labelled
from msa_model.measure.fitting import NOTHING, WRONGLY_GOOD, fit, left_out
from msa_model.measure.mosaics import grounds, touching
from msa_model.measure.subjects import Label
from msa_model.measure.tables import separation_tables
from msa_model.measure.verdict import (
    TOGETHER,
    Cases,
    SubjectVectors,
    auroc,
    evaluate_verdict,
    ground_cases,
    joined,
    match_scores,
)
from msa_model.measure.verdict_sets import labelled_cases, read_seen
from msa_model.model.calibration import CALIBRATION, Calibration, read_calibration
from msa_model.protocol.errors import PhrasesUnreadable
from msa_model.raster.grid import LATTICE, TILE, TileGrid
from msa_model.research.commands import evaluate
from tests.model.measure.colour_encoder import BANK, COLOURS, PHRASES, ColourEncoder

TABLE = {name: Label(name, frozenset({name}), False) for name in (*COLOURS, "dull")}


class BlindEncoder(ColourEncoder):
    """Sees the same in every tile but for noise."""

    def encode_tiles(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        noise = np.random.default_rng(int(pixels.sum()) % 2**32).normal(size=(len(pixels), 3))
        return self._unit(noise)


@pytest.fixture
def colours(tmp_path: Path) -> Path:
    """Of two cameras and a third way of naming files: three images a colour each, among thirty dull ones."""
    random = np.random.default_rng(0)
    for name, colour in {**COLOURS, "dull": (120, 125, 118)}.items():
        (tmp_path / "set" / name).mkdir(parents=True)
        for source in ("north", "south", name):
            for i in range(30 if name == "dull" else 3):
                shade = tuple(np.clip(colour + random.integers(-25, 25, 3), 0, 255).tolist())
                Image.new("RGB", (150, 150), shade).save(tmp_path / "set" / name / f"{source}_{i}.png")
    return tmp_path / "set"


def rows_of(folder: Path) -> tuple[DatasetImage, ...]:
    return read_labelled(folder, folder)


def cases_of(encoder: ColourEncoder, folder: Path, seed: int = 0) -> Cases:
    asked = SubjectVectors.of(encoder, PHRASES, BANK)
    return labelled_cases(encoder, {"set": rows_of(folder)}, asked, TABLE, seed)


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


def test_each_source_and_kind_of_raster_counts_alike_with_the_subject_and_without() -> None:
    present = np.array([True, True, False, True, False, True])
    sources, kinds = np.array(["a", "a", "a", "b", "b", "a"]), np.array(list("kkkkkm"))
    weights = Cases(sources, kinds, present, np.zeros((6, 6))).weights()
    assert weights.tolist() == [0.25, 0.25, 1, 1, 1, 0.5]


def test_every_tile_that_shows_a_bit_of_an_image_touches_it() -> None:
    places = np.zeros((3, 3), bool)
    places[0, 2] = True
    keys = np.array([(1, row, col) for row, col in TileGrid(3 * TILE, 3 * TILE, 1).keys().tolist()], np.int32)
    touched = {tuple(key[1:]) for key in keys[touching(keys, places)].tolist()}
    assert touched == {(0, 12), (0, 16), (4, 12), (4, 16)}


def test_a_mosaic_knows_which_tiles_show_what(colours: Path) -> None:
    own = [row for row in rows_of(colours) if row.path.stem.startswith("north")]
    rasters = list(grounds(ColourEncoder(), "north", own, 0, 2))
    kinds = {raster.kind for raster in rasters}
    assert kinds == {"a mosaic", "all mosaics", "few classes"}
    mosaic = rasters[0]
    red = mosaic.vectors @ ColourEncoder().encode_texts(["red"])[0]
    assert red[~mosaic.shown[:, mosaic.labels.index("red")]].max() < 0.95 < red.max()


def test_what_a_raster_may_show_is_no_case_of_absence(colours: Path) -> None:
    encoder = ColourEncoder()
    own = [row for row in rows_of(colours) if row.path.stem.startswith("north")]
    mosaic = next(iter(grounds(encoder, "north", own, 0, 1)))
    asked = SubjectVectors.of(encoder, PHRASES, BANK)
    everywhere = TABLE | {"dull": Label("dull", frozenset((*COLOURS, "dull")), False)}
    every, few = (joined(ground_cases(asked, mosaic, table)) for table in (TABLE, everywhere))
    free = (~mosaic.shown[:, mosaic.labels.index("dull")]).sum()
    assert np.exp(few.values[~few.present, -1]).max() <= free + 0.5
    assert np.exp(every.values[~every.present, -1]).min() > free


def test_a_class_that_no_tile_shows_is_not_there(colours: Path) -> None:
    encoder = ColourEncoder()
    own = [row for row in rows_of(colours) if row.path.stem.startswith("north")]
    mosaic = next(iter(grounds(encoder, "north", own, 0, 1)))
    part = mosaic.part(~mosaic.shown[:, mosaic.labels.index("red")], "without red")
    cases = joined(ground_cases(SubjectVectors.of(encoder, {"red": ("red",)}, BANK), part, TABLE))
    assert not cases.present.any()


def test_match_scores_are_those_of_the_product(colours: Path) -> None:
    encoder = ColourEncoder()
    asked = SubjectVectors.of(encoder, PHRASES, BANK)
    tiles = encoder.encode_tiles(np.random.default_rng(1).integers(0, 255, (40, 8, 8, 3)).astype(np.uint8))
    queries = asked.phrases["red"]
    best, phrases = BestScores(queries), BestScores(asked.bank)
    best.add(tiles)
    phrases.add(tiles)
    background = Background.of(phrases, asked.bank @ encoder.background)
    means, nearests = queries @ encoder.background, background.nearest_excess(queries @ asked.bank.T)
    values = asked.values(tiles, queries)
    for constants in (None, fit(cases_of(encoder, colours))):
        expected = [
            background.scale(float(mean), constants, float(nearest)).match_score(float(height))
            for mean, nearest, height in zip(means, nearests, best.means(), strict=True)
        ]
        assert match_scores(values, constants) == pytest.approx(expected, abs=1e-4)


def test_a_fit_finds_what_made_the_cases() -> None:
    random = np.random.default_rng(0)
    values = random.normal(size=(4000, 6))
    wanted = np.array([0.5, -0.3, 0.0, -0.4, 0.2])
    surplus = values[:, 0] - values[:, 1:] @ wanted
    present = random.random(4000) < 1 / (1 + np.exp(-4 * surplus))
    cases = Cases(np.full(4000, "a"), np.full(4000, "k"), present, values)
    found = fit(cases)
    shares = np.array((found.own, found.level, found.spread, found.nearest, found.growth))
    assert shares == pytest.approx(wanted, abs=0.08)
    sums = values[:, 0] - values[:, 1:] @ shares
    match_score = (sums - found.zero) / found.width
    assert (match_score[present] < 0).mean() == pytest.approx(NOTHING, abs=0.01)
    assert (match_score[~present] >= 1).mean() == pytest.approx(WRONGLY_GOOD, abs=0.01)


def test_of_its_kin_a_text_gets_no_more_than_leaves_its_tiles_apart() -> None:
    random = np.random.default_rng(0)
    values = random.normal(size=(2000, 6))
    surplus = values[:, 0] + 3 * values[:, 4] - 0.5 * values[:, 1]
    cases = Cases(np.full(2000, "a"), np.full(2000, "k"), surplus > 0, values)
    found = fit(cases)
    assert found.nearest == -0.6
    assert found.own > 0


def test_a_model_that_sees_tells_what_is_there_on_a_source_left_out_and_a_blind_one_does_not(
    colours: Path,
) -> None:
    seeing = left_out([cases_of(ColourEncoder(), colours, seed) for seed in (0, 1)])
    assert {row.name for row in seeing.sources[:-1]} == {"north", "south", "set"}
    assert min(row.auroc for row in seeing.sources) > 0.9
    assert len(seeing.seeds) == 2
    assert left_out([cases_of(BlindEncoder(), colours)]).all.auroc < 0.75


def test_the_left_out_source_has_no_say_in_its_own_constants(colours: Path) -> None:
    cases = cases_of(ColourEncoder(), colours)
    north = cases.sources == "north"
    turned = Cases(cases.sources, cases.kinds, np.where(north, ~cases.present, cases.present), cases.values)
    plain, other = ({row.name: row for row in left_out([own]).sources} for own in (cases, turned))
    assert other["north"].auroc == pytest.approx(1 - plain["north"].auroc, abs=1e-6)


def test_the_tables_show_every_source_and_size(colours: Path) -> None:
    result = evaluate_verdict([cases_of(ColourEncoder(), colours)], None)
    sources, by_size = separation_tables(result)
    assert [row[0] for row in sources.rows[:-2]] == ["set", "north", "south"]
    assert {row.name for row in result.sizes} >= {"up to 50 tiles", "up to 1000 tiles"}
    assert all(len(row) == len(sources.header) for row in (*sources.rows, *by_size.rows))
    assert TOGETHER not in {row.name for row in result.sources}


def test_what_is_said_of_rasters_is_read_by_their_names(tmp_path: Path) -> None:
    file = tmp_path / "said.csv"
    file.write_text("raster,source,phrase,there\na.tif,drone,pond,1\na.tif,drone,sea,0\n", encoding="utf-8")
    (seen,) = read_seen(file, [tmp_path / "a.tif"])
    assert (seen.source, seen.there) == ("drone", {"pond": True, "sea": False})
    with pytest.raises(PhrasesUnreadable, match=r"nothing of b\.tif"):
        read_seen(file, [tmp_path / "b.tif"])
    file.write_text("raster,phrase\na.tif,pond\n", encoding="utf-8")
    with pytest.raises(PhrasesUnreadable, match="columns"):
        read_seen(file, [tmp_path / "a.tif"])


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Both commands with a model that sees colours; the folder that it is in."""
    for module in (evaluate, calibrate):
        monkeypatch.setattr(module, "load_encoder", lambda args: ColourEncoder())
        monkeypatch.setattr(module, "read_phrases", lambda file=None: PHRASES)
        monkeypatch.setattr(module, "read_labels", lambda: TABLE)
    monkeypatch.setattr(calibrate, "checkpoint_folder", lambda model: tmp_path)
    return tmp_path


def test_the_commands_measure_and_calibrate(
    colours: Path, command: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(colours), "--verdict", "--seeds", "1", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["seeds"]) == 1
    assert main(["evaluate", str(colours), "--verdict", "--seeds", "0"]) != 0
    assert main(["calibrate", str(colours), "--seeds", "1", "--dry-run"]) == 0
    assert not (command / CALIBRATION).exists()
    assert main(["calibrate", str(colours), "--seeds", "1"]) == 0
    found = read_calibration(command, ColourEncoder.sha256)
    assert isinstance(found, Calibration)
    assert found.sources == ("north", "set", "south")
    assert evaluate_verdict([cases_of(ColourEncoder(), colours)], found).all.auroc > 0.85


def test_a_model_without_a_mean_embedding_gets_that_of_the_images(
    colours: Path, command: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = ColourEncoder()
    bare.background = np.zeros(3, np.float32)
    monkeypatch.setattr(calibrate, "load_encoder", lambda args: bare)
    assert main(["calibrate", str(colours), "--seeds", "1"]) == 0
    found = read_calibration(command, bare.sha256)
    assert found is not None
    assert len(found.background) == 3
    assert np.linalg.norm(found.background) > 0.8  # most images are dull


class PassColours(ColourEncoder):
    """Sees the tiles of a mosaic at once; counts them."""

    name, shares_passes = "colours", True

    def __init__(self) -> None:
        super().__init__()
        self.of_passes = 0

    def encode_pass(self, picture: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.float32]:
        self.of_passes += len(offsets)
        corners = (offsets * LATTICE).tolist()
        return self.encode_tiles(np.stack([picture[y : y + TILE, x : x + TILE] for y, x in corners]))


def test_the_verdict_is_measured_on_tiles_out_of_blocks_too(
    colours: Path, command: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    encoder = PassColours()
    monkeypatch.setattr(evaluate, "load_encoder", lambda args: encoder)
    line = ["evaluate", str(colours), "--verdict", "--seeds", "1", "--json"]
    assert main(line) == 0
    alone = json.loads(capsys.readouterr().out)
    assert encoder.of_passes == 0
    assert main([*line, "--by-blocks"]) == 0
    assert json.loads(capsys.readouterr().out) == alone  # colours are the same wherever a tile comes from
    assert encoder.of_passes > 100


def test_blocks_are_asked_for_with_the_verdict_of_a_model_that_knows_them(
    colours: Path, command: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(colours), "--classes", "--by-blocks"]) != 0
    assert "--by-blocks goes with --verdict" in capsys.readouterr().err
    encoder = PassColours()
    encoder.shares_passes = False
    monkeypatch.setattr(evaluate, "load_encoder", lambda args: encoder)
    assert main(["evaluate", str(colours), "--verdict", "--seeds", "1", "--by-blocks"]) != 0
    assert "cannot be taken out of blocks" in capsys.readouterr().err
