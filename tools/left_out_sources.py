"""How a model names images of sources that it was not trained on: each source by the run that left it out.

    python -m tools.left_out_sources FOLD … --data DATA

FOLD is what `msa train --left-out SOURCE …` wrote. Zero-shot among all classes of the source's set, and of
every set; all images of a source are measured, apart those of subjects that other sources show.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from msa_model.measure.dataset import DatasetImage
from msa_model.measure.mosaics import source_of
from msa_model.measure.subjects import known, read_labels, read_phrases
from msa_model.model.loading import load_encoder
from msa_model.protocol.codec import decoded
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.models import TORCH
from msa_model.research.evaluate.confusions import Source, confusions
from msa_model.research.train.recipe import Data
from msa_model.research.train.run import RECORD
from msa_model.research.train.samples import read_images

HEAD = """| source | shown elsewhere | images | classes | top-1 of its set | of all sets | or shown as well |
|---|---|--:|--:|--:|--:|--:|"""


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
    encoder, table = load_encoder(fold, "cpu", engine=TORCH), read_labels()
    images = [(data, [row for row in read_images(data, root) if row.label]) for data in sets]
    shown = {row.label for data, rows in images for row in rows if not is_left_out(row, data)}
    subjects = {label.subject for label in known(shown, table).values()}
    found: list[LeftOutSource] = []
    for data, rows in images:
        classes = {row.label for row in rows}
        taught = {label for label, said in known(classes, table).items() if said.subject in subjects}
        for part in (taught, classes - taught):
            own = [row for row in rows if is_left_out(row, data) and row.label in part]
            if own:
                measured = confusions(encoder, own, data.file, read_phrases(), table, classes=classes)
                found += [LeftOutSource(source, part is taught) for source in measured.sources]
    return found


def is_left_out(row: DatasetImage, data: Data) -> bool:
    """Whether the run kept the image out as one of a source."""
    return source_of(row, data.file) in data.left_out


def summed(name: str, sources: Sequence[Source]) -> Source:
    """All images alike."""
    images = sum(source.images for source in sources)
    own, everything, shown = (
        sum(source.images * value for source, value in zip(sources, values, strict=True)) / images
        for values in zip(*((s.own, s.all, s.shown) for s in sources), strict=True)
    )
    return Source(name, images, sum(source.classes for source in sources), own, everything, shown)


def line(source: Source, shown: str) -> str:
    """A row of the table."""
    name, images, classes, *shares = astuple(source)
    return f"| {name} | {shown} | {images} | {classes} | {' | '.join(f'{share:.1f}' for share in shares)} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folds", nargs="+", type=Path, metavar="FOLD")
    parser.add_argument("--data", required=True, type=Path)
    options = parser.parse_args()
    sources = [source for fold in options.folds for source in left_out_sources(fold, options.data)]
    print(HEAD)
    for source in sources:
        print(line(source.figures, "yes" if source.taught else "no"))
    for answer, kinds in {"yes": (True,), "no": (False,), "": (True, False)}.items():
        figures = [source.figures for source in sources if source.taught in kinds]
        if figures:
            print(line(summed("all images", figures), answer))


if __name__ == "__main__":
    main()
