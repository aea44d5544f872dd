"""How a model names images of sources that it was not trained on: each source by the run that left it out.

    python -m tools.left_out_sources FOLD … --data DATA

FOLD is what `msa train --left-out SOURCE …` wrote. Zero-shot among all classes of the source's set, and of
every set; all images of a source are measured, apart those of subjects that other sources show.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from msa_model.measure.subjects import known, read_labels, read_phrases
from msa_model.measure.tables import ReportTable, Row
from msa_model.model.loading import load_encoder
from msa_model.protocol.codec import decoded
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.models import TORCH
from msa_model.research.evaluate.confusions import Source, confusions
from msa_model.research.evaluate.report import SOURCE_HEADER, source_row
from msa_model.research.train.recipe import Data
from msa_model.research.train.run import RECORD
from msa_model.research.train.samples import is_left_out, read_images


@dataclass(frozen=True)
class LeftOutSource:
    """A source's images whose subjects other sources showed the run (`taught`), or the rest of them."""

    figures: Source
    taught: bool


def left_out_sources(fold: Path, root: Path) -> list[LeftOutSource]:
    """The sources that the run in `fold` left out, of the data below `root`.

    Raises:
        BadArgument: the run left none out.
        DatasetUnreadable, and what `load_encoder` raises.
    """
    record = json.loads((fold / RECORD).read_text(encoding="utf-8"))
    sets = [decoded(Data, data) for data in record["recipe"]["data"]]
    if not any(data.left_out for data in sets):
        raise BadArgument(f"The run in {fold} left no source out.")
    encoder, phrases, table = load_encoder(fold, "cpu", engine=TORCH), read_phrases(), read_labels()
    images = [(data, [row for row in read_images(data, root) if row.label]) for data in sets]
    shown = {row.label for data, rows in images for row in rows if not is_left_out(row.path, data)}
    subjects = {label.subject for label in known(shown, table).values()}
    found: list[LeftOutSource] = []
    for data, rows in images:
        classes = {row.label for row in rows}
        taught = {label for label, said in known(classes, table).items() if said.subject in subjects}
        for part in (taught, classes - taught):
            own = [row for row in rows if is_left_out(row.path, data) and row.label in part]
            if own:
                measured = confusions(encoder, own, data.file, phrases, table, classes=classes)
                found += [LeftOutSource(source, part is taught) for source in measured.sources]
    return found


def summed(name: str, sources: Sequence[Source]) -> Source:
    """All images alike."""
    images = [source.images for source in sources]
    shares = [(source.own, source.all, source.shown) for source in sources]
    own, everything, shown = np.average(shares, axis=0, weights=images).tolist()
    return Source(name, sum(images), sum(source.classes for source in sources), own, everything, shown)


def row_of(source: Source, shown: str) -> Row:
    """A row of the table; `shown` says whether other sources show its subjects."""
    name, *figures = source_row(source)
    return (name, shown, *figures)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folds", nargs="+", type=Path, metavar="FOLD")
    parser.add_argument("--data", required=True, type=Path)
    options = parser.parse_args()
    sources = [source for fold in options.folds for source in left_out_sources(fold, options.data)]
    rows = [row_of(source.figures, "yes" if source.taught else "no") for source in sources]
    for answer, kinds in {"yes": (True,), "no": (False,), "": (True, False)}.items():
        figures = [source.figures for source in sources if source.taught in kinds]
        if figures:
            rows.append(row_of(summed("all images", figures), answer))
    name, *header = SOURCE_HEADER
    print(ReportTable((name, "shown elsewhere", *header), tuple(rows), words=2).markdown())


if __name__ == "__main__":
    main()
