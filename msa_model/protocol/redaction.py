"""No source of imagery leaves memory with a password, a key or a signature in it.

`redacted` is for whatever people read (sentences, logs, names of layers); `without_secrets` is the address
that is stored and that tells one source from another: the same however it is signed.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Optional

from msa_model.protocol.secret_names import SIGNED_ALONG, is_field, is_header, is_secret, is_signature

_HIDDEN = "…"
_LEVELS = 6  # of percent signs within percent signs
_ESCAPED = re.compile(r"%([2-7][0-9A-Fa-f])")  # printable ASCII
_PARAMETER = re.compile(r"(?<![\w.:$\[\]-])([\w.:$\[\]-]+)\s*(=)\s*")
_FIELD = re.compile(r"(?<![\w-])([A-Za-z][\w-]{1,60})\s*:(?!//|\w+[:=])[^\S\r\n]*")
_JSON = re.compile(r"""(["'])([\w.:-]+)\1\s*:\s*(["'])""")
_XML = re.compile(r"<(?:\w+:)?(\w+)(?:\s[^<>]*)?>")
_BEARER = re.compile(r"(?i)\bbearer\s+(?=[\w.~+/=-]{6})")
# A token that its look gives away: a JWT, one of Mapbox, Amazon, Google, GitHub, GitLab, Hugging Face.
_TELLING = re.compile(
    r"\b(?:eyJ[\w-]+\.[\w-]+\.[\w-]*|[pst]k\.eyJ[\w-]+\.[\w-]+|A[KS]IA[0-9A-Z]{16}\b|AIza[\w-]{35}"
    r"|gh[oprsu]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|hf_[A-Za-z0-9]{20,})"
)
_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(.*?)(?:-----END|\Z)", re.DOTALL)
_DATABASE = re.compile(r"(?i)(?<![\w.])(?:oci|geor|georaster|odbc|sde|hana|mssqlspatial)(:)[\"']?")
_USER_AND_PASSWORD = re.compile(r"[^\s/,@:;=\"']+[/,][^\s,@;\"']+(?=[@,])")
_LOGIN = re.compile(r"://[^/?#\s]*@")
_SLASHES = re.compile(r":(?:\\?/){2}")  # JSON may escape them
# A password with a slash that should be escaped.
_LOGIN_WITH_SLASH = re.compile(r"://[^/@\s:]{1,200}:(?!\d+(?:/|$))[^@\s]{0,500}@")
_QUOTED = re.compile(r"'(?:[^'\\]|\\.|'')*'?|\"(?:[^\"\\]|\\.|\"\")*\"?", re.DOTALL)
_QUERY_VALUE = re.compile(r"(?:(?:bearer|basic|token)\s+)?[^&#|}\s\"<>]*", re.IGNORECASE)
_PATH_VALUE = re.compile(r"[^/?&#|}\s\"<>]*")
_SETTING_VALUE = re.compile(r"(?:(?:bearer|basic|token)\s+)?[^&;|,\s'\"<>]*", re.IGNORECASE)
_HEADER_VALUE = re.compile(r"[^&|<\r\n]*")
_TEXT = re.compile(r"[^<]*")
_TOKEN = re.compile(r"[^\s&|\"'<>,;]+")
_UP_TO_QUOTE = {"'": re.compile(r"(?:[^'\\]|\\.)*"), '"': re.compile(r'(?:[^"\\]|\\.)*')}
_LONGEST = 2000  # an address
_FILE = re.compile(r"(?:[A-Za-z]:[\\/]|\\\\|/(?!vsi)|\.{1,2}[\\/])[^|]*|[^\s&?|:<;'\"]*")
_ENDS_A_SENTENCE = "'\"),.;:"


@dataclass(frozen=True)
class _Secret:
    """`start` to `end` of the value in the resolved text; `first` to `last` is all that belongs to it.

    Of a parameter, `depth` tells how often its `=` is escaped.
    """

    start: int
    end: int
    first: int
    last: int
    depth: Optional[int] = None


class _NameContext(Enum):
    """Where a parameter's name stands."""

    QUERY = "query"
    PATH = "path of an address"
    FILE = "path of a file"
    WORDS = "among words"
    SETTING = "setting"


class _Resolved:
    """A text with its percent signs resolved, each character with the number of times that took.

    A delimiter that is escaped more often than the `=` of a parameter belongs to the value.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.depths = [0] * len(text)
        self.positions = list(range(len(text) + 1))  # in the text as given
        for _ in range(_LEVELS):
            if not _ESCAPED.search(self.text):
                break
            self._resolve()
        self._views: dict[int, str] = {}

    def _resolve(self) -> None:
        characters: list[str] = []
        depths: list[int] = []
        positions: list[int] = []
        at = 0
        for found in [*_ESCAPED.finditer(self.text), None]:
            end = found.start() if found else len(self.text)
            characters.append(self.text[at:end])
            depths += self.depths[at:end]
            positions += self.positions[at:end]
            if found:
                characters.append(chr(int(found[1], 16)))
                depths.append(max(self.depths[end : end + 3]) + 1)
                positions.append(self.positions[end])
                at = found.end()
        self.text, self.depths, self.positions = "".join(characters), depths, [*positions, self.positions[-1]]

    def delimiter(self, position: int, depth: int) -> str:
        """The character at a position if it is escaped that often; empty for none."""
        there = 0 <= position < len(self.text) and self.depths[position] == depth
        return self.text[position] if there else ""

    def as_of(self, depth: int) -> str:
        """The text with all that is escaped more than `depth` times as mere letters."""
        if depth not in self._views:
            pairs = zip(self.text, self.depths)
            self._views[depth] = "".join(c if own <= depth else "x" for c, own in pairs)
        return self._views[depth]


def redacted(text: str) -> str:
    """Any text with each secret in it as `…`; all else stays as it is, percent signs included."""
    while True:
        resolved = _Resolved(text)
        left = _cut(text, resolved, [(secret.start, secret.end) for secret in _secrets(resolved)], _HIDDEN)
        if left == text:
            return left
        text = left


class RedactingFormatter(logging.Formatter):
    """Log records, tracebacks included, without secrets."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line, or as several."""
        return redacted(super().format(record))


def without_secrets(source: str) -> str:
    """The address of a source: parameters, headers and logins that carry secrets are left out.

    A path of the file system is taken literally, whatever its name looks like.
    """
    if is_file(source):
        return source
    while True:
        resolved = _Resolved(source)
        spans = _joined([_whole(resolved, secret) for secret in _secrets(resolved)])
        left = _cut(source, resolved, [_with_mark(resolved, span) for span in spans], "")
        if left == source:
            return left
        source = left


def is_file(source: str) -> bool:
    """Whether a source is a path of the file system, and nothing else."""
    literal = _FILE.fullmatch(source)
    return literal is not None and "%3a%2f%2f" not in source.lower()


def _cut(text: str, resolved: _Resolved, spans: list[tuple[int, int]], mark: str) -> str:
    """The text as given with `mark` in place of spans of the resolved text."""
    parts, at = [], 0
    for start, end in _joined(spans):
        parts += [text[at : resolved.positions[start]], mark]
        at = resolved.positions[end]
    return "".join((*parts, text[at:]))


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in their order, those that overlap as one, empty ones left out."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _whole(resolved: _Resolved, secret: _Secret) -> tuple[int, int]:
    """A parameter with one delimiter of its own level."""
    start, end, depth = secret.first, secret.last, secret.depth
    if depth is None:
        return start, end
    after, before = (resolved.delimiter(position, depth) for position in (end, start - 1))
    if after == "&":
        return start, end + (5 if resolved.text.startswith("&amp;", end) else 1)
    if before and before in "&;| ":
        return start - 1, end
    return start, end + (after in ("; ") if after else 0)


def _with_mark(resolved: _Resolved, span: tuple[int, int]) -> tuple[int, int]:
    """With the question mark before it, where nothing is left of a query."""
    start, end = span
    emptied = resolved.text[start - 1 : start] == "?" and not resolved.text[:end].endswith(("&", "&amp;"))
    return (start - emptied, end)


def _secrets(resolved: _Resolved) -> Iterator[_Secret]:
    yield from _logins(resolved)
    yield from _parameters(resolved)
    yield from _tagged(resolved)
    for found in _BEARER.finditer(resolved.text):
        yield from _value(resolved, found.end(), _TOKEN)
    for found in _TELLING.finditer(resolved.text):
        yield _Secret(*found.span(), *found.span())
    for found in _PEM.finditer(resolved.text):
        yield _Secret(*found.span(1), *found.span(1))


def _logins(resolved: _Resolved) -> Iterator[_Secret]:
    for found in _SLASHES.finditer(resolved.text):
        view = resolved.as_of(resolved.depths[found.start()])
        start = found.end() - len("://")
        plain = f"{view[:start]}://{view[found.end() :]}"
        login = _LOGIN.match(plain, start) or _LOGIN_WITH_SLASH.match(plain, start)
        if login:
            yield _Secret(found.end(), login.end() - 1, found.end(), login.end())
    for found in _DATABASE.finditer(resolved.text):
        view = resolved.as_of(resolved.depths[found.start(1)])
        if login := _USER_AND_PASSWORD.match(view, found.end()):
            yield _Secret(*login.span(), *login.span())


def _parameters(resolved: _Resolved) -> Iterator[_Secret]:
    """name=value: of a query, a data-source URI, a connection string or GDAL's options."""
    text, at = resolved.text, 0
    found = list(_PARAMETER.finditer(text))
    signed = any(is_signature(parameter[1]) for parameter in found)
    for parameter in found:
        name, first, start = parameter[1], parameter.start(), parameter.end()
        context = _context_of(text, first)
        if first < at or context == _NameContext.FILE:
            continue
        along = signed and name.lower() in SIGNED_ALONG
        if along or is_secret(
            name, of_words=context == _NameContext.WORDS, of_query=context == _NameContext.QUERY
        ):
            depth = resolved.depths[parameter.start(2)]
            at = _end(resolved.as_of(depth), start, _pattern(name, context))
            yield _Secret(start, at, first, at, depth)


def _context_of(text: str, start: int) -> _NameContext:
    """Where a name stands, by what is before it."""
    before = text[start - 1 : start] if start else ""
    if before and before in "/\\":
        word = text[max(0, start - _LONGEST) : start].rsplit(maxsplit=1)[-1]
        return _NameContext.PATH if "://" in word else _NameContext.FILE
    if before and before in "?&":
        return _NameContext.QUERY
    return _NameContext.WORDS if before.isspace() else _NameContext.SETTING


def _pattern(name: str, context: _NameContext) -> re.Pattern[str]:
    """What a value is made of."""
    if context == _NameContext.PATH:
        return _PATH_VALUE
    if is_header(name):
        return _HEADER_VALUE
    return _QUERY_VALUE if context == _NameContext.QUERY else _SETTING_VALUE


def _end(view: str, start: int, pattern: re.Pattern[str]) -> int:
    quoted = _QUOTED.match(view, start) if pattern is _SETTING_VALUE else None
    if quoted:
        return quoted.end()
    found = pattern.match(view, start)
    return start + len(found[0].rstrip(_ENDS_A_SENTENCE)) if found else start


def _tagged(resolved: _Resolved) -> Iterator[_Secret]:
    """Headers, members of JSON and elements of XML."""
    text = resolved.text
    for found in _FIELD.finditer(text):
        if is_field(found[1]):
            one = found[1].isalpha() and not is_header(found[1])
            yield from _value(resolved, found.end(), _TOKEN if one else _HEADER_VALUE)
    for found in _JSON.finditer(text):
        if is_secret(found[2]):
            yield from _value(resolved, found.end(), _UP_TO_QUOTE[found[3]])
    for found in _XML.finditer(text):
        if is_secret(found[1]):
            yield from _value(resolved, found.end(), _TEXT)


def _value(resolved: _Resolved, start: int, pattern: re.Pattern[str]) -> Iterator[_Secret]:
    found = pattern.match(resolved.as_of(resolved.depths[start - 1]), start)
    if found:
        yield _Secret(start, found.end(), start, found.end())
