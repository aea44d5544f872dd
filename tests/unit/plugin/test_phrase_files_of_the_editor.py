"""Phrase banks as spreadsheets leave them."""

from __future__ import annotations

from pathlib import Path

import pytest

from msa_model.protocol.errors import PhrasesUnreadable
from qgis_msa_plugin.describe.phrase_file import PhraseRow, read_phrases, write_phrases

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


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PhrasesUnreadable, match=r"gone\.csv"):
        read_phrases(tmp_path / "gone.csv")
