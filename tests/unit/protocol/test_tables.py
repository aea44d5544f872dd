import contextlib
import csv
import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msa_model.protocol.tables import TableUnreadable, parse_table, read_table

COLUMNS = ("phrase", "category")
LETTERS = st.characters(codec="cp1252", exclude_categories=["Cc", "Cf", "Cs", "Zs", "Zl", "Zp"])
cells = st.lists(st.text(LETTERS, min_size=1, max_size=8), min_size=1, max_size=3).map(" ".join)
rows = st.lists(st.tuples(cells, cells), min_size=1, max_size=8)
encodings = st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])
delimiters = st.sampled_from([",", ";", "\t", "|"])


def written(table: list[tuple[str, ...]], delimiter: str, end: str = "\n") -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(table)
    return text.getvalue()


def read(data: bytes) -> list[tuple[str, ...]]:
    return [row.cells for row in parse_table(data, "list.csv", COLUMNS).rows]


@given(rows, delimiters, encodings, st.sampled_from(["\n", "\r\n", "\r"]))
def test_what_a_spreadsheet_writes_is_read(
    table: list[tuple[str, str]], delimiter: str, encoding: str, end: str
) -> None:
    assert read(written([("Phrase", "Category"), *table], delimiter, end).encode(encoding)) == table


@given(rows, delimiters)
def test_what_windows_writes_in_western_europe_is_read(table: list[tuple[str, str]], delimiter: str) -> None:
    data = written([*table, ("Dächer", "Häuser")], delimiter).encode("cp1252")
    with contextlib.suppress(UnicodeDecodeError):
        data.decode("utf-8")
        return  # by chance; then nobody can tell
    header = written([COLUMNS], delimiter).encode()
    assert read(header + data) == [*table, ("Dächer", "Häuser")]


words = st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1, max_size=6)
phrases = st.lists(st.lists(words, min_size=1, max_size=4), min_size=1, max_size=8)


@given(phrases, st.booleans(), st.sampled_from([" ", ", ", "; "]))
def test_a_list_of_texts_is_whole_lines(lists: list[list[str]], header: bool, between: str) -> None:
    """Texts of different numbers of parts: no part gets lost."""
    texts = ["a lake", *map(between.join, lists)]
    found = read("\n".join([*(["phrase"] if header else []), *texts]).encode())
    assert [between.join(row) for row in found] == texts


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_a_named_error(data: bytes) -> None:
    with contextlib.suppress(TableUnreadable):
        assert all(any(row.cells) for row in parse_table(data, "list.csv", COLUMNS).rows)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a pond; small\na river, wide\n", [("a pond; small",), ("a river, wide",)]),
        ("phrase\na pond, small\na river\n", [("a pond, small",), ("a river",)]),
        ('phrase\n"a pond, small"\n', [("a pond, small",)]),
        ('phrase,category\n"a pond,\nsmall",water\n', [("a pond, small", "water")]),
        ("sep=;\r\nphrase;category\r\na pond, small;water\r\n", [("a pond, small", "water")]),
        ("a pond|water\na mill|house\n", [("a pond", "water"), ("a mill", "house")]),
        ("phrase,category,\na pond,water,\n", [("a pond", "water", "")]),
    ],
)
def test_delimiters_are_told_from_commas_in_texts(text: str, expected: list[tuple[str, ...]]) -> None:
    assert read(text.encode()) == expected


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_read(encoding: str) -> None:
    assert read("phrase;category\ngrünes Dach;Häuser\n".encode(encoding)) == [("grünes Dach", "Häuser")]


def test_rows_know_their_line_and_columns_their_cells() -> None:
    table = parse_table(b"note;Phrase\n\nx;a pond\n;a mill\ny\n", "list.csv", COLUMNS)
    assert [(row.line, table.cell(row, "phrase")) for row in table.rows] == [
        (3, "a pond"),
        (4, "a mill"),
        (5, ""),
    ]
    assert table.cell(table.rows[0], "category") == ""


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"category;note\nwater;x\n", "list.csv, line 1: there is no column 'phrase'."),
        (b'phrase\n"open\n', "list.csv, line 2: "),
        (b"phrase\n\0\1\2\x81", "list.csv is no text."),
        (b"tree\n" * 3_000_000, "list.csv has more than 50000 lines."),
        (b"\n" * 16_000_000, "list.csv has more than 50000 lines."),
        (b"phrase" + b"," * 16_000_000, "list.csv has more than 500000 cells."),
        (b"phrase,category\ntree," + b"y" * 100_000, "line 2: a cell has more than 10000 characters."),
        (b"y" * 10_000_000, "list.csv, line 1: "),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(data: bytes, said: str) -> None:
    with pytest.raises(TableUnreadable, match=said):
        read(data)


def test_what_cannot_be_seen_is_no_part_of_a_text() -> None:
    mark = "\ufeff"
    text = f"{mark}{mark}phrase\na\x07 pond\x1b[31m\n{mark}a lake\n\u062e\u200c\u0631\n\u200b\nro\u00adad\n"
    assert read(text.encode()) == [("a  pond [31m",), ("a lake",), ("\u062e\u200c\u0631",), ("road",)]


def test_lines_are_counted_alike_however_they_end() -> None:
    for end in ("\n", "\r\n"):
        assert len(read(("phrase" + end + f"tree{end}" * 49_000).encode())) == 49_000
        with pytest.raises(TableUnreadable, match="more than 50000 lines"):
            read(f"tree{end}".encode() * 50_001)


def test_a_column_that_nobody_reads_may_be_long() -> None:
    assert read(b"phrase,wkt\ntree," + b"1 2 " * 5_000) == [("tree", ("1 2 " * 5_000).strip())]


def test_only_files_of_sensible_size_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with (tmp_path / "large.csv").open("wb") as large:
        large.truncate(20_000_000)
    for name in ("pipe.csv", "large.csv", "gone.csv", "a\0b", "."):
        with pytest.raises(TableUnreadable, match="cannot be read"):
            read_table(tmp_path / name, COLUMNS)
