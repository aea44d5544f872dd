"""What each shipped phrase says: true on images of some subjects, perhaps true on those of others."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msa_model.measure.subjects import Label, known
from msa_model.shipped import resource

TRUE, PERHAPS, FALSE = 1, 0, -1


@dataclass(frozen=True)
class Saying:
    """A phrase `says` any of these subjects; `perhaps` it is true on images of those, too."""

    phrase: str
    says: frozenset[str]
    perhaps: frozenset[str]

    def truth(self, label: Label) -> int:
        """On images of a class: what they may show as well, besides their subject, is in doubt."""
        if label.subject in self.says:
            return TRUE
        return PERHAPS if label.subject in self.perhaps or self.says & label.shows else FALSE


def read_sayings() -> tuple[Saying, ...]:
    """The shipped table, one row for each phrase of the shipped bank, in its order."""
    with resource("phrase_shows.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            Saying(row["phrase"], frozenset(row["says"].split()), frozenset(row["perhaps"].split()))
            for row in csv.DictReader(lines)
        )


def truths(
    sayings: Sequence[Saying], labels: Iterable[str], table: Mapping[str, Label]
) -> dict[str, NDArray[np.int8]]:
    """Of each class what phrases are: `TRUE`, `PERHAPS` or `FALSE`, [n]."""
    return {
        name: np.array([saying.truth(label) for saying in sayings], np.int8)
        for name, label in known(labels, table).items()
    }
