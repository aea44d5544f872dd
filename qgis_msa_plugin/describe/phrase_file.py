"""Phrase banks written by the editor; knows no Qt."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from msa_model.protocol.errors import PhrasesUnreadable
from msa_model.protocol.phrases import CATEGORY, COLUMN, PhraseRow, read_phrases
from qgis_msa_plugin.whole_file import write_whole


def write_phrases(path: Path, rows: tuple[PhraseRow, ...]) -> None:
    """Write the phrases as UTF-8, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([COLUMN, CATEGORY])
    writer.writerows([row.phrase, row.category] for row in rows)
    write_whole(path, text.getvalue().encode("utf-8"))


def is_replaceable(path: Path) -> bool:
    """Whether writing phrases to that place loses nothing: no file is there, or one of phrases alone."""
    if not path.exists():
        return not path.is_symlink()
    try:
        return read_phrases(path).whole
    except PhrasesUnreadable:
        return False
