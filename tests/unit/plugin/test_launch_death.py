from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qgis_msa_plugin.worker.launch import LONGEST_LINE, TAIL_LINES, StderrTail, crash_of


def test_the_last_lines_are_kept() -> None:
    tail = StderrTail()
    tail.feed(b"".join(b"line %d\n" % number for number in range(500)))
    lines = tail.text().splitlines()
    assert lines == [f"line {number}" for number in range(500 - TAIL_LINES, 500)]


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", codec="utf-8")), max_size=20), st.data())
def test_lines_come_whole_whatever_the_pieces(lines: list[str], data: st.DataObject) -> None:
    stream = "".join(line + "\n" for line in lines).encode()
    tail, got = StderrTail(), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        got += tail.feed(stream[:size])
        stream = stream[size:]
    assert got == [line for line in lines if line.encode().strip()]


def test_a_progress_bar_and_an_endless_line_stay_small() -> None:
    tail = StderrTail()
    tail.feed(b"1 %\r2 %\r3 %")
    assert tail.text().splitlines() == ["1 %", "2 %", "3 %"]
    for _ in range(1000):
        tail.feed(b"x" * 10_000)
    assert len(tail.text()) <= (TAIL_LINES + 1) * (LONGEST_LINE + 1)


def test_bytes_that_are_no_utf8_are_shown_as_such() -> None:
    tail = StderrTail()
    assert tail.feed(b"caf\xe9\n") == ["caf\ufffd"]


def test_a_death_names_its_code_and_last_words() -> None:
    error = crash_of(3, False, "Traceback\nImportError: no torch\n")
    assert error.kind == "worker_died"
    assert error.sentence == "The worker ended with exit code 3; its last words: ImportError: no torch."
    assert error.tail == "Traceback\nImportError: no torch\n"
    assert crash_of(9, True, "").sentence == "The worker crashed (code 9)."
