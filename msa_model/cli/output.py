"""What a command prints: JSON or a table on stdout, everything else on stderr.

What becomes of a failure that nobody has foreseen: a sentence on stderr, and the rest in a file.
"""

from __future__ import annotations

import argparse
import dataclasses
import io
import json
import os
import platform
import re
import sys
import tempfile
import traceback
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from msa_model.protocol.codec import to_wire
from msa_model.protocol.messages import Bounds, Hit, SearchTimings
from msa_model.protocol.redaction import redacted
from msa_model.protocol.rpc import shortened
from msa_model.protocol.warning_table import EngineWarning
from msa_model.shipped import version

if TYPE_CHECKING:
    from msa_model.measure.tables import ReportTable

_MINUTE, _HOUR = 60, 3600
_MEGABYTE, _GIGABYTE = 1e6, 1e9
_LONG_M = 100
_DEGREES = 360
_WARNINGS = ("warnings", "engine_warnings")
_CONTROLS = re.compile(r"[\x00-\x08\n-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def json_of(message: Any) -> dict[str, Any]:  # noqa: ANN401  (any message dataclass)
    """The message as a JSON object, its warnings in words."""
    return {key: _in_words(key, value) for key, value in to_wire(message).items()}


def _in_words(key: str, value: Any) -> Any:  # noqa: ANN401  (anything JSON)
    if key in _WARNINGS:
        return [EngineWarning(**warning).sentence for warning in value]
    if isinstance(value, dict):
        return {inner: _in_words(inner, own) for inner, own in value.items()}
    return [_in_words("", own) for own in value] if isinstance(value, (list, tuple)) else value


def print_json(data: Any) -> None:  # noqa: ANN401  (anything JSON)
    """One JSON document on stdout; in ASCII where its encoding lacks a character."""
    text = json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(data, indent=2, allow_nan=False)
    sys.stdout.write(f"{text}\n")


def read_names_as_utf8() -> None:
    """Start this program again in UTF-8 mode where Python reads names otherwise: GDAL and SQLite want UTF-8.

    What is printed stays in the encoding of the console.
    """
    if os.name == "posix" and sys.getfilesystemencoding() != "utf-8":
        encoding = {"PYTHONIOENCODING": sys.stdout.encoding or "ascii"} | os.environ
        os.execve(sys.executable, sys.orig_argv, encoding | {"PYTHONUTF8": "1"})  # noqa: S606  # nosec B606


def write_any_name() -> None:
    """Let stdout and stderr write what their encoding lacks, file names of any system, as escapes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def print_result(args: argparse.Namespace, result: Any, tables: Sequence[ReportTable], head: str) -> int:  # noqa: ANN401
    """What was measured: JSON of the dataclass `result`, or its tables with a line that sums them up."""
    if args.json:
        print_json(dataclasses.asdict(result))
    elif args.markdown:
        print("\n\n".join([head + ".", *(part.markdown() for part in tables)]))
    else:
        plain = [table(part.header, part.rows, left=range(part.words)) for part in tables]
        print("\n\n".join([*plain, head]))
    return 0


def note(sentence: str) -> None:
    """Lines on stderr, without the secrets of the sources that they name."""
    print("\n".join(map(visible, redacted(sentence).split("\n"))), file=sys.stderr)


def visible(text: str) -> str:
    """One line, control characters as escapes: names may hold commands for the terminal."""
    return _CONTROLS.sub(lambda found: ascii(found[0])[1:-1], text)


def table(header: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[int] = ()) -> str:
    """Aligned columns under a header; those in `left` are text, the others numbers."""
    rows = [tuple(map(visible, row)) for row in rows]
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]

    def line(row: Sequence[str]) -> str:
        cells = [
            c.ljust(w) if i in left else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))
        ]
        return "  ".join(cells).rstrip()

    return "\n".join([line(header), "  ".join("-" * w for w in widths), *map(line, rows)])


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    """Aligned names and values."""
    width = max(len(name) for name, _ in pairs)
    return "\n".join(f"{name.ljust(width)}  {visible(value)}" for name, value in pairs)


def duration(seconds: float) -> str:
    """Seconds as a person says them: '4 s', '3 min', '2.5 h'."""
    if seconds < 2 * _MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / _MINUTE:.0f} min" if seconds < 2 * _HOUR else f"{seconds / _HOUR:.1f} h"


def size(count: float) -> str:
    """Bytes as a person says them."""
    return f"{count / _MEGABYTE:.1f} MB" if count < _GIGABYTE else f"{count / _GIGABYTE:.1f} GB"


def metres(length: float) -> str:
    """A length on the ground, three digits of it at least: '38.4 m', '1541 m'."""
    return f"{length:.0f} m" if length >= _LONG_M else f"{length:.3g} m"


def centre(bounds: Bounds) -> str:
    """Coordinates of a box's middle: degrees to the metre, projected ones to the decimetre."""
    x, y = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    digits = 5 if max(abs(x), abs(y)) <= _DEGREES else 1
    return f"{x:.{digits}f}, {y:.{digits}f}"


def stage_times(times: SearchTimings) -> str:
    """How long a question about several dates took, stage by stage."""
    return (
        f"read in {times.load_ms:.0f} ms, text encoded in {times.encode_ms:.0f} ms, "
        f"ranked in {times.rank_ms:.0f} ms"
    )


def words_table(hits: Sequence[Hit]) -> str:
    """Contributions to the score; minor words in brackets."""
    header = ("rank", *(f"({w.word})" if w.minor else w.word for w in hits[0].words))
    rows = [(str(hit.rank), *(f"{w.contribution:+.3f}" for w in hit.words)) for hit in hits]
    return "\n" + table(header, rows) + "\n"


def explained(error: BaseException, argv: Sequence[str]) -> str:
    """Two lines for the user: what failed, and where the traceback is."""
    what = redacted(shortened(f"{type(error).__name__}: {error}".splitlines()[0]))
    return f"msa: This failed in a way that nobody has foreseen ({what}).\n     {_kept(error, argv)}"


def _kept(error: BaseException, argv: Sequence[str]) -> str:
    """Writes the traceback to a new file of the system's temporary folder, readable by the user alone."""
    head = f"msa {version()}, Python {platform.python_version()}, {platform.platform()}\n{list(argv)}\n\n"
    lines = traceback.format_exception(error)
    text = redacted(f"{head}{''.join(lines)}")
    try:
        with tempfile.NamedTemporaryFile(
            "w",
            prefix="msa-failure-",
            suffix=".txt",
            encoding="utf-8",
            errors="backslashreplace",
            delete=False,
        ) as file:
            file.write(f"{text}\n")
    except OSError as problem:
        return f"The details could not be written to a file ({problem.strerror}). Report this as a bug."
    return f"Report this as a bug, with the details in {file.name}."


def silence() -> None:
    """Lets what is still written to stdout and stderr go nowhere: nobody reads it any more."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            os.dup2(null, stream.fileno())
    os.close(null)
