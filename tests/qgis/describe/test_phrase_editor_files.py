"""Phrase banks as spreadsheets leave them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from msa_model.protocol.errors import PhrasesUnreadable
from msa_model.protocol.phrases import PhraseRow, read_phrases
from qgis_msa_plugin.describe.phrase_editor import is_replaceable, write_phrases

ROWS = (PhraseRow("a mill with grünem roof", "buildings"), PhraseRow("a pond; or two, perhaps", ""))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_usual_encoding_and_delimiter_is_read(tmp_path: Path, encoding: str, delimiter: str) -> None:
    file = tmp_path / "phrases.csv"
    lines = [f"Phrase{delimiter}Category", f"grünes dach{delimiter}buildings", f"teich{delimiter}water"]
    file.write_bytes("\r\n".join(lines).encode(encoding))
    found = read_phrases(file)
    assert found.rows == (PhraseRow("grünes dach", "buildings"), PhraseRow("teich", "water"))
    assert found.encoding == encoding


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "new folder" / "phrases.csv"
    write_phrases(file, ROWS)
    assert read_phrases(file).rows == ROWS
    assert [path.name for path in file.parent.iterdir()] == ["phrases.csv"]


def test_a_list_without_a_header_is_taken_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("a pond\n\na mill\na pond\n")
    assert [row.phrase for row in read_phrases(file).rows] == ["a pond", "a mill"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "0 phrases"),
        (b"phrase,category\n,water\n", "0 phrases"),
        (b'phrase\n"open\n', "line 2"),
        (b"phrase\n\x00\x01\x02\x81", "no text"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, data: bytes, said: str) -> None:
    file = tmp_path / "phrases.csv"
    file.write_bytes(data)
    with pytest.raises(PhrasesUnreadable, match=said):
        read_phrases(file)


@pytest.mark.parametrize(
    ("content", "replaceable"),
    [
        ("phrase,category\na pond,water\n", True),
        ("category;phrase\nwater;a pond\n", True),
        ("phrase\na pond\n", True),
        ("a pond\na mill\n", True),
        ("phrase,category\na pond,water\na pond,water\n", True),
        ("phrase,category\na pond,water\na pond,other\n", False),
        ("phrase,category,weight\na pond,water,0.5\n", False),
        ("phrase,category\na pond,water,a remark\n", False),
        ("phrase,category\n,water\na pond,water\n", False),
        ("a pond,my remark\na mill,\n", False),
        ("phrase,category,phrase\na pond,water,a lake\n", False),
        ("", False),
        ("\0\1\2", False),
    ],
)
def test_a_file_is_replaced_only_where_it_holds_nothing_but_phrases(
    tmp_path: Path, content: str, replaceable: bool
) -> None:
    file = tmp_path / "phrases.csv"
    assert is_replaceable(file)
    file.write_text(content)
    assert is_replaceable(file) is replaceable


def test_what_lies_beside_a_bank_stays_and_who_may_read_it_too(tmp_path: Path) -> None:
    file, beside = tmp_path / "phrases.csv", tmp_path / "phrases.csv.part"
    beside.write_text("mine")
    write_phrases(file, ROWS)
    file.chmod(0o640)
    write_phrases(file, ROWS)
    assert beside.read_text() == "mine"
    assert file.stat().st_mode & 0o777 == 0o640
    assert len(list(tmp_path.iterdir())) == 2


def test_a_file_without_an_end_is_no_bank(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (Path("/dev/zero"), tmp_path / "pipe.csv", tmp_path):
        with pytest.raises(PhrasesUnreadable, match="no regular file"):
            read_phrases(path)
    with pytest.raises(PhrasesUnreadable):
        read_phrases(Path("a\0b"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PhrasesUnreadable, match=r"gone\.csv"):
        read_phrases(tmp_path / "gone.csv")
