"""Where a model fails: other sources, small objects, bad pixels; and embeddings that are kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from msa_model.cli.main import main
from msa_model.measure.dataset import DatasetImage, read_dataset, read_pixels, with_classes
from msa_model.measure.evaluation import CachedEncoder, kept
from msa_model.measure.mosaics import source_of
from msa_model.measure.subjects import known, read_labels, read_phrases, subject_phrases
from msa_model.model.encoder import Encoder
from msa_model.protocol.errors import DatasetUnreadable, FileNotOurs
from msa_model.raster.grid import TILE
from msa_model.research.evaluate.confusions import confusion_picture, confusions
from msa_model.research.evaluate.report import confusion_tables, robustness_tables, small_tables
from msa_model.research.evaluate.robustness import (
    SHARES,
    degradations,
    measure_robustness,
    measure_small,
    pasted,
)

Pixels = NDArray[np.uint8]
LABELS = read_labels()
FEW = {
    name: LABELS[name]
    for name in ("solar panels on a roof", "house roof", "ship at sea", "harbor", "forest", "storagetanks")
}  # a class costs some sixteen texts


class CountingEncoder:
    """The shipped model, which counts the tiles that it must encode."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.dimension, self.background, self.sha256 = encoder.dimension, encoder.background, encoder.sha256
        self.tiles = 0

    def encode_tiles(self, pixels: Pixels) -> NDArray[np.float32]:
        self.tiles += len(pixels)
        return self._encoder.encode_tiles(pixels)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._encoder.encode_texts(texts)


@pytest.fixture(scope="module")
def rsicd(shared_data: Path) -> tuple[DatasetImage, ...]:
    """Of seven classes, three validation images each."""
    folder = shared_data / "data" / "rsicd"
    rows = with_classes(read_dataset(folder / "dataset_rsicd.json", folder / "images"))
    chosen = [row for row in rows if row.split == "val"]
    wanted = ("airport", "storagetanks", "forest", "farmland", "desert", "stadium", "beach")
    return tuple(row for label in wanted for row in [r for r in chosen if r.label == label][:3])


@pytest.fixture(scope="module")
def subjects(shared_data: Path) -> tuple[DatasetImage, ...]:
    """Of two sources of solar roofs and one of ships, three images of each class."""
    folder = shared_data / "data" / "subjects"
    rows = read_dataset(folder / "labels.json", folder / "images")
    sources = ("solar_chip101", "solar_roof416", "ships_sea400")
    groups: dict[tuple[str, str], list[DatasetImage]] = {}
    for row in rows:
        groups.setdefault((source_of(row, "subjects"), row.label), []).append(row)
    return tuple(row for key, own in groups.items() if key[0] in sources for row in own[:3])


def test_a_source_is_what_file_names_begin_with_unless_that_is_the_class() -> None:
    names = {
        "palm_plantation/palm640_012.jpg": ("palm plantation", "palm640"),
        "airport_12.jpg": ("airport", "set"),
        "AnnualCrop_1.jpg": ("AnnualCrop", "set"),
        "agricultural00.jpg": ("agricultural", "set"),
        "00123.jpg": ("airport", "set"),
        "beach/beach_373.jpg": ("beach", "set"),
    }
    for name, (label, source) in names.items():
        assert source_of(DatasetImage(Path(name), (), "", label), "set") == source, name


def test_every_label_shows_its_own_subject_and_only_known_ones() -> None:
    known_subjects = {label.subject for label in LABELS.values()}
    for name, label in LABELS.items():
        assert label.subject in label.shows, name
        assert label.shows <= known_subjects, name
    assert known({"never heard of"}, LABELS)["never heard of"].shows == {"never heard of"}
    phrases = subject_phrases(LABELS, read_phrases())
    assert set(phrases) == known_subjects
    assert "harbour" in phrases["harbor"]


def test_kept_embeddings_are_those_of_the_model_and_are_made_once(
    encoder: Encoder, rsicd: Sequence[DatasetImage], tmp_path: Path
) -> None:
    tiles = np.stack([read_pixels(row.path) for row in rsicd[:4]])
    counting = CountingEncoder(encoder)
    first = CachedEncoder(counting, tmp_path / "deep" / "kept.sqlite").encode_tiles(tiles)
    again = CachedEncoder(counting, tmp_path / "deep" / "kept.sqlite").encode_tiles(tiles[::-1])
    assert counting.tiles == len(tiles)
    assert first == pytest.approx(encoder.encode_tiles(tiles), abs=1e-6)
    assert np.array_equal(again, first[::-1])
    changed = tiles.copy()
    changed[0, 0, 0] ^= 1
    CachedEncoder(counting, tmp_path / "deep" / "kept.sqlite").encode_tiles(changed)
    assert counting.tiles == len(tiles) + 1


def test_embeddings_are_kept_in_no_file_of_somebody_else(encoder: Encoder, tmp_path: Path) -> None:
    theirs = tmp_path / "mine.sqlite"
    theirs.write_text("my diary")
    with pytest.raises(FileNotOurs, match="not made by MSA Search"):
        kept(encoder, theirs)
    assert theirs.read_text() == "my diary"


def test_sources_are_named_among_all_classes(
    encoder: Encoder, subjects: Sequence[DatasetImage], tmp_path: Path
) -> None:
    result = confusions(encoder, subjects, "subjects", read_phrases(), FEW)
    assert [source.source for source in result.sources] == ["solar_chip101", "solar_roof416", "ships_sea400"]
    assert sum(source.images for source in result.sources) == result.total.images == len(subjects)
    assert sum(map(sum, result.matrix)) == len(subjects)
    for source in (*result.sources, result.total):
        assert 0 <= source.all <= source.shown <= 100
    wrong = {place for pair in result.pairs for place in pair.places}
    assert 100 * (1 - len(wrong) / len(subjects)) == pytest.approx(result.total.all)
    table, pairs = confusion_tables(result)
    assert len(table.rows) == len(result.sources) + 1
    assert len(pairs.rows) == min(20, len(result.pairs))
    picture = confusion_picture(result, subjects)
    assert picture.width > 300
    assert len(picture.getcolors(maxcolors=1 << 24) or []) > 100


def test_a_larger_object_is_found_more_often(encoder: Encoder, rsicd: Sequence[DatasetImage]) -> None:
    result = measure_small(encoder, rsicd, read_phrases(), LABELS)
    assert {c.label for c in result.classes} == {"storagetanks", "stadium"}
    assert result.auroc[-1] > 0.85
    assert result.auroc[0] < result.auroc[-1] - 0.15
    assert result.found[-1] > result.found[0] + 30
    assert all(len(table.rows) == len(result.classes) + 1 for table in small_tables(result))


def test_a_pasted_object_covers_its_share_and_nothing_else() -> None:
    ground, crop = np.zeros((TILE, TILE, 3), np.uint8), np.full((40, 60, 3), 255, np.uint8)
    for share in SHARES:
        tile = pasted(crop, ground, share, np.random.default_rng(1))
        assert (tile > 0).mean() == pytest.approx(share, rel=0.1)
    assert not ground.any()


def test_objects_need_tiles_without_them(encoder: Encoder, rsicd: Sequence[DatasetImage]) -> None:
    with pytest.raises(DatasetUnreadable, match="objects"):
        measure_small(encoder, [row for row in rsicd if row.label == "stadium"], read_phrases(), LABELS)


def test_bad_pixels_cost_what_they_should(encoder: Encoder, rsicd: Sequence[DatasetImage]) -> None:
    result = measure_robustness(encoder, rsicd[::3], read_phrases())
    rows = {(row.kind, row.strength): row for row in result.rows}
    assert (rows["none", ""].cosine, rows["none", ""].cosine5) == pytest.approx((1, 1), abs=1e-5)
    for kind, strengths in {
        "blur": ("σ 1 px", "σ 2 px", "σ 4 px"),
        "haze": ("20%", "40%", "60%", "80%"),
        "pixel size": ("×2", "×3", "×4"),
        "JPEG": ("quality 50", "quality 20", "quality 10", "quality 5"),
    }.items():
        cosines = [rows[kind, strength].cosine for strength in strengths]
        assert cosines == sorted(cosines, reverse=True), kind
    assert rows["blur", "σ 4 px"].mr < rows["none", ""].mr
    assert len(robustness_tables(result)[0].rows) == len(degradations())


def test_every_change_keeps_an_image_an_image(rsicd: Sequence[DatasetImage]) -> None:
    pixels = read_pixels(rsicd[0].path)
    for change in degradations():
        changed = change.apply(pixels)
        assert changed.dtype == np.uint8, change
        assert changed.ndim == 3, change
        assert np.array_equal(changed, pixels) == (change.kind == "none"), change
    quarter = next(c for c in degradations() if c.strength == "90°")
    assert np.array_equal(quarter.apply(pixels), np.rot90(pixels))


def test_turning_askew_leaves_no_empty_corner() -> None:
    askew = next(c for c in degradations() if c.strength == "45°")
    assert askew.apply(np.full((64, 64, 3), 200, np.uint8)).min() >= 199


def test_the_commands_measure_and_draw(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("msa_model.research.commands.measures.read_labels", lambda: FEW)
    kept = ["--embeddings", str(tmp_path / "kept.sqlite"), "--limit", "8", "--json"]
    picture = tmp_path / "pairs.png"
    folder = shared_data / "data" / "subjects"
    data = [str(folder / "labels.json"), str(folder / "images"), *kept]
    assert main(["evaluate", *data, "--sources", str(picture)]) == 0
    assert json.loads(capsys.readouterr().out)["total"]["images"] == 8
    assert Image.open(picture).size[0] > 300
    rsicd = shared_data / "data" / "rsicd"
    captions = [str(rsicd / "dataset_rsicd.json"), str(rsicd / "images"), *kept]
    assert main(["evaluate", *captions, "--robust"]) == 0
    assert json.loads(capsys.readouterr().out)["images"] == 8
    assert main(["evaluate", *captions, "--small"]) != 0
    assert "objects" in capsys.readouterr().err
