"""Phrase files: what an editor may save, and how a fault in one is reported."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msa_model.jobs.phrases import PhraseBanks
from msa_model.protocol.errors import PhrasesUnreadable
from msa_model.protocol.phrases import parse_phrases
from tests.unit.jobs.searching import CountingEncoder, as_encoder


def phrases_in(data: bytes) -> tuple[str, ...]:
    return tuple(row.phrase for row in parse_phrases(data, "bank.csv").rows)


@pytest.mark.parametrize(
    "data",
    [
        b"a river\na forest\n",
        b"phrase\tcategory\na river\twater\na forest\tnature\n",
        b"phrase,category\na river,water\n,water\na forest,\n",
        "phrase;category\na river;water\na forest;nature\n".encode("utf-16"),
        b"sep=;\nphrase;category\na river;water\na forest;nature\n",
        b"phrase,category\na river,water\na forest,nature\n",
        b"\xef\xbb\xbfphrase,category\r\na river,water\r\na forest,nature\r\n",
        b"category;Phrase ;note\nwater;a river;x\nnature;a forest;y\n",
        b"phrase\n\na river\n,\na forest\na river\n",
        b'phrase\n"a river"\n a forest ',
        b"phrase,category\n- a river,=water\n=a forest,@nature\n-,\n",
    ],
)
def test_phrases_are_read_however_the_file_was_saved(data: bytes) -> None:
    assert phrases_in(data) == ("a river", "a forest")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "bank.csv holds 0 phrases"),
        (b"category;name\nwater;a river\n", "bank.csv, line 1: there is no column 'phrase'."),
        (b"phrase,category\n,water\n", "bank.csv holds 0 phrases"),
        (b"phrase\na river\n\0\1\x81", "bank.csv is no text."),
        (b"phrase\na river\n" + b"x" * 1001, "bank.csv, line 3: no phrase has more than 1000 characters."),
        (b'phrase\n"a "river\n', "bank.csv, line 2: "),
        (b"phrase\n", "bank.csv holds 0 phrases"),
        (b"phrase\n" + b"\n".join(b"thing %d" % i for i in range(20_001)), "bank.csv holds 20001 phrases"),
    ],
    ids=lambda value: value[:40] if isinstance(value, bytes) else "",
)
def test_a_faulty_file_is_named_with_its_line(data: bytes, sentence: str) -> None:
    with pytest.raises(PhrasesUnreadable) as error:
        parse_phrases(data, "bank.csv")
    assert error.value.sentence.startswith(sentence)


def test_a_file_that_is_read_otherwise_than_it_is_written_is_not_the_editors_to_replace() -> None:
    assert parse_phrases(b"phrase\na river\n", "bank.csv").whole
    assert not parse_phrases(b"phrase\n=cmd|'/c calc'!A0\n", "bank.csv").whole


@given(st.binary(max_size=200))
def test_any_bytes_are_phrases_or_a_named_error(data: bytes) -> None:
    with contextlib.suppress(PhrasesUnreadable):
        rows = parse_phrases(b"phrase\n" + data, "bank.csv").rows
        assert rows
        assert not any(row.phrase.startswith(("=", "+", "-", "@")) for row in rows)


def test_phrases_are_told_in_german_and_stay_the_same_vectors(tmp_path: Path) -> None:
    file = tmp_path / "bank.csv"
    file.write_text("phrase,category\nsolar farm,energy\nmy own phrase,\n", encoding="utf-8")
    banks = PhraseBanks(as_encoder(CountingEncoder()))
    english, german = banks.bank(str(file)), banks.bank(str(file), "de_DE")
    assert english.phrases == ("solar farm", "my own phrase")
    assert german.phrases == ("Solarpark", "my own phrase")
    assert german.categories == ("Energie", "")
    assert german.vectors is english.vectors
    assert "Solarpark" in german.words.words
