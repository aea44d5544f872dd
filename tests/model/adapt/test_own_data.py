"""A user's folder of tiles and its caption table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from msa_model.adapt.own_data import OwnPair, read_captions, read_pair_pixels
from msa_model.protocol.errors import DatasetUnreadable
from tests.refusals import raises_kind


@pytest.fixture
def tiles(tmp_path: Path) -> Path:
    """25 small images, 0.png … 24.png."""
    folder = tmp_path / "tiles"
    folder.mkdir()
    for number in range(25):
        Image.fromarray(np.full((8, 8, 3), number, np.uint8)).save(folder / f"{number}.png")
    return folder


def write_table(folder: Path, header: str, lines: list[str], encoding: str = "utf-8") -> Path:
    path = folder / "captions.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding=encoding)
    return path


def lines_for(count: int, separator: str = ",") -> list[str]:
    return [f"{number}.png{separator}a field number {number}" for number in range(count)]


@pytest.mark.parametrize("header", ["file,caption", "Image , Description", "filename,text", "tile,LABEL"])
def test_usual_column_names_are_understood(tiles: Path, header: str) -> None:
    data = read_captions(write_table(tiles, header, lines_for(25)), tiles)
    assert len(data.pairs) == 25
    assert data.pairs[3] == OwnPair(tiles / "3.png", "a field number 3", "line 5")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tiles: Path, separator: str) -> None:
    data = read_captions(write_table(tiles, f"file{separator}caption", lines_for(20, separator)), tiles)
    assert data.pairs[19].caption == "a field number 19"


def test_a_table_as_spreadsheets_write_it_is_read(tiles: Path) -> None:
    lines = [f'7;{number}.png;"wide; flat, and ""green"" {number}"' for number in range(20)]
    data = read_captions(write_table(tiles, "id;file;caption", lines, "utf-8-sig"), tiles)
    assert data.pairs[0].caption == 'wide; flat, and "green" 0'


def test_an_image_may_have_several_captions_and_repeated_lines_count_once(tiles: Path) -> None:
    lines = [*lines_for(20), "0.png,something else .", "0.png,something else", "0.png,a field number 0"]
    data = read_captions(write_table(tiles, "file,caption", lines), tiles)
    assert len(data.pairs) == 21
    assert [p.caption for p in data.pairs if p.path.name == "0.png"] == ["a field number 0", "something else"]


def test_empty_captions_are_left_out_and_named(tiles: Path) -> None:
    lines = [*lines_for(20), "21.png,", "22.png, . ", "23.png"]
    data = read_captions(write_table(tiles, "file,caption", lines), tiles)
    assert len(data.pairs) == 20
    assert [item.origin for item in data.left_out] == ["line 22", "line 23", "line 24"]


def test_a_table_with_nothing_but_empty_captions_is_refused(tiles: Path) -> None:
    table = write_table(tiles, "file,caption", [f"{number}.png," for number in range(25)])
    with raises_kind("too_few_pairs", match="gives 0 captioned images"):
        read_captions(table, tiles)


def test_fewer_than_twenty_images_are_refused(tiles: Path) -> None:
    lines = [*lines_for(19), *(f"0.png,one more {number}" for number in range(30))]
    with raises_kind("too_few_pairs", match="gives 19 captioned images; adapting needs at least 20"):
        read_captions(write_table(tiles, "file,caption", lines), tiles)


def test_one_text_for_all_images_is_refused(tiles: Path) -> None:
    lines = [f"{number}.png,building" for number in range(25)]
    with raises_kind("too_few_pairs", match="the same text, 'building'"):
        read_captions(write_table(tiles, "file,caption", lines), tiles)


def test_an_empty_table_is_named(tiles: Path) -> None:
    (tiles / "empty.csv").write_text("\n\n", encoding="utf-8")
    with pytest.raises(DatasetUnreadable, match=r"empty\.csv is empty"):
        read_captions(tiles / "empty.csv", tiles)


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        ("file,capton,id", "no caption column: name one 'caption' .*The nearest of its columns: 'capton'"),
        ("fiel,caption", "no image column: name one 'file' .*The nearest of its columns: 'fiel'"),
    ],
)
def test_a_missing_column_is_answered_with_the_nearest_one(tiles: Path, header: str, complaint: str) -> None:
    with pytest.raises(DatasetUnreadable, match=complaint):
        read_captions(write_table(tiles, header, lines_for(20)), tiles)


def test_a_missing_image_is_named_with_its_line(tiles: Path) -> None:
    lines = [*lines_for(20), "99.png,nowhere", ",no name", "98.png,nowhere"]
    with pytest.raises(DatasetUnreadable, match=r"line 22: there is no image '99\.png'.*\(2 more lines"):
        read_captions(write_table(tiles, "file,caption", lines), tiles)


def test_another_encoding_is_named_with_its_line(tiles: Path) -> None:
    lines = [*lines_for(20), "20.png,eine Straße"]
    with pytest.raises(DatasetUnreadable, match=r"captions\.csv, line 22: this is not UTF-8"):
        read_captions(write_table(tiles, "file,caption", lines, "latin-1"), tiles)


def test_a_cell_that_csv_cannot_hold_is_named_with_its_line(tiles: Path) -> None:
    lines = [*lines_for(20), "20.png," + "x" * 200_000]
    with pytest.raises(DatasetUnreadable, match=r"captions\.csv, line 22: field larger"):
        read_captions(write_table(tiles, "file,caption", lines), tiles)


def test_a_table_that_is_not_there_is_named(tiles: Path) -> None:
    with pytest.raises(DatasetUnreadable, match=r"nowhere\.csv cannot be read: No such file"):
        read_captions(tiles / "nowhere.csv", tiles)


def test_an_image_that_cannot_be_decoded_is_named_with_its_line(tiles: Path) -> None:
    (tiles / "5.png").write_bytes(b"no image")
    data = read_captions(write_table(tiles, "file,caption", lines_for(20)), tiles)
    with pytest.raises(DatasetUnreadable, match=r"line 7: The image .*5\.png"):
        read_pair_pixels(data.pairs[5])
