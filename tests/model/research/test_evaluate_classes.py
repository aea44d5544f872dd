from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from msa_model.cli.main import main
from msa_model.measure.dataset import DatasetImage, read_labelled
from msa_model.measure.metrics import (
    average_precision,
    first,
    overlap_at,
    precision_at,
    rank_biased_overlap,
)
from msa_model.measure.subjects import class_name, read_phrases
from msa_model.protocol.errors import DatasetUnreadable, FileNotOurs, PhrasesUnreadable
from msa_model.research.commands import evaluate
from msa_model.research.evaluate.classes import (
    TEMPLATES,
    ClassResult,
    measure_phrases,
    zero_shot,
)
from msa_model.research.evaluate.sheet import check_picture, contact_sheet, write_picture

COLOURS = {"red": (230, 30, 30), "green": (30, 200, 30), "blue": (30, 30, 230)}


class ColourEncoder:
    """Sees mean colours, and reads the first colour named in a text: right by construction."""

    dimension = 3

    def encode_tiles(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        means = pixels.mean(axis=(1, 2)).astype(np.float32)
        unit: NDArray[np.float32] = means / np.linalg.norm(means, axis=1, keepdims=True)
        return unit

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        named = [next((COLOURS[w] for w in text.split() if w in COLOURS), (1, 1, 1)) for text in texts]
        vectors = np.array(named, np.float32)
        unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    def language_of(self, texts: Sequence[str]) -> str:
        return ""


@pytest.fixture
def colours(tmp_path: Path) -> Path:
    """A folder of twelve images a colour, each a little different."""
    for number, (name, colour) in enumerate(COLOURS.items()):
        (tmp_path / "set" / name).mkdir(parents=True)
        for i in range(12):
            shade = tuple(min(255, value + 2 * i + number) for value in colour)
            Image.new("RGB", (16, 16), shade).save(tmp_path / "set" / name / f"{name}_{i}.png")
    return tmp_path / "set"


@st.composite
def _scored(draw: st.DrawFn) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Scores with ties, some relevant."""
    count = draw(st.integers(1, 30))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    relevant = rng.random(count) < 0.4
    relevant[rng.integers(count)] = True
    return (rng.integers(0, 8, count) / 8).astype(np.float32), relevant


@given(_scored())
def test_average_precision_agrees_with_a_naive_twin(
    case: tuple[NDArray[np.float32], NDArray[np.bool_]],
) -> None:
    scores, relevant = case
    area, recall = 0.0, 0.0
    for threshold in sorted(set(scores.tolist()), reverse=True):
        found = scores >= threshold
        reached = (found & relevant).sum() / relevant.sum()
        area += (reached - recall) * (found & relevant).sum() / found.sum()
        recall = reached
    assert average_precision(scores, relevant) == pytest.approx(area)


@given(_scored(), st.integers(1, 12))
def test_precision_at_k_is_the_mean_over_random_orders_of_ties(
    case: tuple[NDArray[np.float32], NDArray[np.bool_]], k: int
) -> None:
    scores, relevant = case
    rng = np.random.default_rng(0)
    drawn = [relevant[np.lexsort((rng.random(len(scores)), -scores))[:k]].mean() for _ in range(400)]
    assert precision_at(scores, relevant, k) == pytest.approx(np.mean(drawn), abs=0.12)


def test_average_precision_of_a_case_done_by_hand() -> None:
    scores = np.array([0.9, 0.8, 0.7, 0.6], np.float32)
    assert average_precision(scores, np.array([True, False, True, False])) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision(scores, np.zeros(4, bool)) == 0.0


def test_two_rankings_agree_wholly_not_at_all_or_in_part() -> None:
    scores = np.arange(100, dtype=np.float32)
    assert overlap_at(scores, scores, 10) == 1.0
    assert rank_biased_overlap(scores, scores) == pytest.approx(1.0)
    assert (overlap_at(scores, -scores, 10), rank_biased_overlap(scores, -scores)) == (0.0, 0.0)
    moved = [scores.copy() for _ in range(2)]
    moved[0][99], moved[1][60] = -1, -1  # the first place lost, and the fortieth
    first_lost, late_lost = (rank_biased_overlap(scores, other) for other in moved)
    assert first_lost < late_lost < 1


def test_rank_biased_overlap_agrees_with_a_naive_twin() -> None:
    rng = np.random.default_rng(5)
    one, other = rng.random(30).astype(np.float32), rng.random(30).astype(np.float32)
    p, depth = 0.8, 12
    shares = [len({*first(one, d).tolist()} & {*first(other, d).tolist()}) / d for d in range(1, depth + 1)]
    expected = shares[-1] * p**depth + (1 - p) / p * sum(s * p ** (d + 1) for d, s in enumerate(shares))
    assert rank_biased_overlap(one, other, p, depth) == pytest.approx(expected)


def test_a_model_that_knows_its_classes_names_them_all(colours: Path) -> None:
    result = zero_shot(ColourEncoder(), read_labelled(colours, colours), {})
    assert (result.top1, result.map, result.images) == (100.0, 100.0, 36)
    assert result.classes[0] == ClassResult("blue", images=12, ap=100.0, recall=100.0)


def test_a_class_is_asked_for_by_its_phrases(colours: Path) -> None:
    swapped = {"red": ("a blue thing",), "blue": ("a red thing", "red")}
    result = zero_shot(ColourEncoder(), read_labelled(colours, colours), swapped)
    assert {c.label: c.recall for c in result.classes} == {"blue": 0.0, "green": 100.0, "red": 0.0}
    assert result.bare_top1 == 100.0  # the labels themselves are right


def test_every_template_says_the_phrase() -> None:
    assert all(template.format("a car park").count("a car park") == 1 for template in TEMPLATES)


@pytest.mark.parametrize("label", ["parking_lot", "ParkingLot", "parking-lot"])
def test_a_label_reads_as_words(label: str) -> None:
    assert class_name(label) == "parking lot"


def test_synonyms_that_find_the_same_agree_and_others_do_not(colours: Path) -> None:
    phrases = {"red": ("red", "red roofs"), "green": ("green", "blue"), "sand": ("sand",)}
    result = measure_phrases(ColourEncoder(), read_labelled(colours, colours), phrases)
    assert [(r.phrase, r.p10, r.ap) for r in result.phrases[2:]] == [
        ("red", 100, 100),
        ("red roofs", 100, 100),
    ]
    assert result.phrases[0].p20 == pytest.approx(60)  # twelve of twenty
    green, red = result.synonyms
    assert red.overlap10 == 100.0
    assert red.rbo == pytest.approx(100.0)
    assert green.overlap10 < 50


def test_phrases_of_other_classes_are_refused_by_name(colours: Path) -> None:
    with pytest.raises(
        PhrasesUnreadable, match=r"No phrase is for a class of these images \(blue, green, red\)"
    ):
        measure_phrases(ColourEncoder(), read_labelled(colours, colours), {"sand": ("sand",)})


@pytest.mark.parametrize(
    ("text", "reason"),
    [("name,phrase\na,b\n", "columns label and phrase"), ("label,phrase\n", "no phrase"), ("", "no phrase")],
)
def test_a_phrase_file_without_phrases_is_named(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "phrases.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PhrasesUnreadable, match=reason):
        read_phrases(file)


def test_a_phrase_file_may_call_its_column_class(tmp_path: Path) -> None:
    file = tmp_path / "phrases.csv"
    file.write_text("class,phrase\npond,pond\npond, small lake\npond,pond\n", encoding="utf-8")
    assert read_phrases(file) == {"pond": ("pond", "small lake")}


def test_images_without_classes_are_named(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "1.png")
    file = tmp_path / "data.json"
    file.write_text(json.dumps({"images": [{"filename": "1.png"}]}), encoding="utf-8")
    with pytest.raises(DatasetUnreadable, match=r"No image of .* has a scene class"):
        read_labelled(file, tmp_path)


def test_a_contact_sheet_frames_right_images_green_and_wrong_ones_red(colours: Path) -> None:
    rows = read_labelled(colours, colours)
    sheet = contact_sheet(ColourEncoder(), rows, ["red", "green"], {"red": ("red",), "blue": ("green",)})
    pixels = np.asarray(sheet).astype(int)
    half = sheet.height // 2
    right, wrong = (np.abs(pixels - colour).sum(axis=2) < 3 for colour in ((30, 150, 60), (205, 50, 45)))
    assert right[:half].any()
    assert not wrong[:half].any()
    assert wrong[half:].any()
    assert not right[half:].any()


def test_a_contact_sheet_shows_the_best_first_from_the_left(tmp_path: Path) -> None:
    rows = []
    for i in range(4):
        Image.new("RGB", (16, 16), (40 + 60 * i, 40, 40)).save(tmp_path / f"{i}.png")
        rows.append(DatasetImage(tmp_path / f"{i}.png", (), "", ""))
    sheet = np.asarray(contact_sheet(ColourEncoder(), rows, ["red"], {}))
    reds = [int(sheet[98, 80 + 152 * rank, 0]) for rank in range(4)]
    assert all(before > after for before, after in pairwise(reds))


@pytest.fixture
def colour_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "load_encoder", lambda args: ColourEncoder())


@pytest.mark.usefixtures("colour_model")
def test_the_command_measures_classes_and_phrases_of_a_folder(
    colours: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["evaluate", str(colours), "--classes", "--device", "cpu", "--json"])
    assert json.loads(capsys.readouterr().out)["images"] == 36
    file = colours.parent / "phrases.csv"
    file.write_text("label,phrase\nred,red roofs\nred,roofs\n", encoding="utf-8")
    main(["evaluate", str(colours), "--phrases", str(file), "--device", "cpu", "--markdown"])
    assert "| red | red roofs |" in capsys.readouterr().out


def test_a_contact_sheet_tells_letters_beyond_ascii_apart(colours: Path) -> None:
    rows = read_labelled(colours, colours)[:1]
    sheets = [np.asarray(contact_sheet(ColourEncoder(), rows, [text], {})) for text in ("Häuser", "Hüuser")]
    assert (sheets[0] != sheets[1]).any()


@pytest.mark.usefixtures("colour_model")
def test_the_command_draws_a_contact_sheet_of_queries_in_a_file(colours: Path) -> None:
    queries, picture = colours.parent / "queries.txt", colours.parent / "sheet.png"
    queries.write_text("red roofs\n\na lawn\n", encoding="utf-8")
    assert (
        main(
            ["evaluate", str(colours), "--sheet", str(picture), "--queries", str(queries), "--device", "cpu"]
        )
        == 0
    )
    with Image.open(picture) as image:
        assert image.width > image.height > 300


def test_only_a_picture_of_ours_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    write_picture(path, Image.new("RGB", (8, 8), "white"))
    write_picture(path, Image.new("RGB", (9, 9), "red"))
    with Image.open(path) as ours:
        assert ours.size == (9, 9)
        ours.transpose(Image.Transpose.ROTATE_90).save(path)  # marks get lost
    for theirs in (path.read_bytes(), b"my diary"):
        path.write_bytes(theirs)
        with pytest.raises(FileNotOurs):
            check_picture(path)
        with pytest.raises(FileNotOurs):
            write_picture(path, Image.new("RGB", (8, 8), "white"))
        assert path.read_bytes() == theirs


@pytest.mark.usefixtures("colour_model")
@pytest.mark.parametrize("option", ["--sheet", "--sources"])
def test_what_is_measured_goes_into_no_file_of_somebody_else(
    option: str, colours: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = tmp_path / "mine.png"
    theirs.write_text("my diary")
    assert main(["evaluate", str(colours), option, str(theirs), "--device", "cpu"]) == 1
    assert "was not made by MSA Search" in capsys.readouterr().err
    assert theirs.read_text() == "my diary"


def test_an_empty_file_of_queries_is_named(colours: Path, capsys: pytest.CaptureFixture[str]) -> None:
    queries = colours.parent / "queries.txt"
    queries.write_text("\n", encoding="utf-8")
    assert main(["evaluate", str(colours), "--sheet", "x.png", "--queries", str(queries)]) == 1
    assert "holds no query" in capsys.readouterr().err


def test_languages_are_measured_beside_english_with_and_without_what_the_glossary_lists(
    colours: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "languages.csv"
    lines = (
        "label,phrase,de",
        "red,pond,Teich",
        "green,a green meadow,eine satte Wiese",
        "blue,river,Fluß im Wiesengrund",
    )
    file.write_text("\n".join(lines), encoding="utf-8")
    assert main(["evaluate", str(colours), "--phrases", str(file), "--languages", "--json"]) == 0
    english, german = json.loads(capsys.readouterr().out)["languages"]
    assert (english["language"], english["listed"], english["phrases"]) == ("en", 0, 3)
    assert english["p10_others"] == english["p10"]
    assert (german["language"], german["listed"], german["phrases"]) == ("de", 1, 3)
    assert 0 <= german["p10_others"] <= 100
