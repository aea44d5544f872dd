from collections.abc import Callable
from pathlib import Path

import pytest

from msa_model.protocol.batch import WatchedQuery, read_watch_list
from tests.refusals import raises_kind

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def make(text: str, name: str = "list.csv", encoding: str = "utf-8") -> str:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return str(path)

    return make


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_spreadsheet_is_read_as_it_was_saved(write: Write, delimiter: str, encoding: str) -> None:
    lines = ["Name~QUERY~min_score~note", "Häuser~roofs + 2:trees~1.5~x", "", "~a river~~"]
    text = "\r\n".join(lines).replace("~", delimiter)
    assert read_watch_list(write(text, encoding=encoding)) == (
        WatchedQuery("roofs + 2:trees", "Häuser", 1.5),
        WatchedQuery("a river"),
    )


def test_a_query_with_commas_is_quoted_and_a_decimal_comma_is_one(write: Write) -> None:
    assert read_watch_list(write('query;min_score\n"a; b";0,5\n')) == (WatchedQuery("a; b", "", 0.5),)


def test_a_text_file_has_a_query_a_line(write: Write) -> None:
    text = 'a river, wide\n\n  "car park" - trees \na river, wide\n'
    assert read_watch_list(write(text, "list.TXT")) == (
        WatchedQuery("a river, wide"),
        WatchedQuery('"car park" - trees'),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name;min_score\na river;1\n", "line 1: there is no column 'query'"),
        ("query,name\na river,\n,ponds\n", "line 3: the row has no query"),
        ("query,min_score\na river,high\n", "line 2: the least score 'high' is no number"),
        ("query,min_score\na river,nan\n", "line 2: the least score 'nan' is no number"),
        ('query\n"a river\n', "line 2"),
        ("query\n", "holds 0 queries"),
        ("", "holds 0 queries"),
        ("a river;ponds;high\na lake;;\n", "line 1: the least score 'high' is no number"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(write: Write, text: str, words: str) -> None:
    with raises_kind("watch_list_unreadable", match=words):
        read_watch_list(write(text))


def test_a_list_needs_no_header(write: Write) -> None:
    assert read_watch_list(write("a river\na lake, wide\n")) == (
        WatchedQuery("a river"),
        WatchedQuery("a lake, wide"),
    )
    assert read_watch_list(write("roofs;Häuser;0,5\na lake;;\n", encoding="cp1252")) == (
        WatchedQuery("roofs", "Häuser", 0.5),
        WatchedQuery("a lake"),
    )


def test_lists_without_end_are_refused_before_they_fill_the_memory(write: Write) -> None:
    for name in ("list.txt", "list.csv"):
        with raises_kind("watch_list_unreadable", match="more than 50000 lines"):
            read_watch_list(write("a\n" * 7_000_000, name))
    assert read_watch_list(write("\ufeffa river\ra\tlake\r", "list.txt")) == (
        WatchedQuery("a river"),
        WatchedQuery("a lake"),
    )


def test_what_is_no_text_is_told(write: Write) -> None:
    with raises_kind("watch_list_unreadable", match="is no text"):
        read_watch_list(write("query\nroofs\n\0\1", encoding="latin-1"))
    with raises_kind("watch_list_unreadable", match="cannot be read"):
        read_watch_list("/nowhere/list.csv")
