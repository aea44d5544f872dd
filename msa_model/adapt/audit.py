"""The audit: a table of all pairs, those that fit worst first."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from msa_model.adapt.adapt import Sorted, tables_of
from msa_model.adapt.own_data import LeftOut, OwnPair
from msa_model.files.replacing import check_replaceable, replacing, starts_with_row

HEADER = ("file", "caption", "loss", "mismatch", "class", "better_caption", "better_file", "place")
UNSORTED, LEFT_OUT = "unsorted", "left out"


def write_audit(path: Path, pairs: Sequence[OwnPair], left_out: Sequence[LeftOut], found: Sorted) -> None:
    """One line a pair, the highest loss first, then what was left out and why (in the column `class`).

    `mismatch` is the probability that the pair is wrong; `better_caption` and `better_file` are the nearest
    ones that the image and the caption are not paired with.

    Raises:
        FileNotOurs: the file that is there is no audit.
        DiskFull, storage_failed, folder_read_only: the file cannot be written.
    """
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(HEADER)
    table.writerows(_rows(pairs, found))
    table.writerows(("", "", "", "", f"{LEFT_OUT}: {item.reason}", "", "", item.place) for item in left_out)
    with replacing(path, is_own_audit) as part:
        part.write_text(text.getvalue(), encoding="utf-8", newline="")


def check_audit(path: Path) -> None:
    """Whether the audit may be written; errors as of `write_audit`."""
    if path.parent.is_dir():
        check_replaceable(path, is_own_audit)


def is_own_audit(path: Path) -> bool:
    """Whether the file has an audit's columns, and no others."""
    return starts_with_row(path, HEADER)


def _rows(pairs: Sequence[OwnPair], found: Sorted) -> Iterator[tuple[str, ...]]:
    tables, judged, split = tables_of(pairs), found.assessment, found.split
    for i in np.argsort(-judged.losses.numpy(), kind="stable").tolist():
        yield (
            str(pairs[i].path),
            pairs[i].caption,
            f"{judged.losses[i]:.3f}",
            "" if split is None else f"{split.mismatch[i]:.3f}",
            UNSORTED if split is None else str(split.classes[i]),
            tables.captions[int(judged.better_text[i])],
            str(tables.files[int(judged.better_image[i])]),
            pairs[i].place,
        )
