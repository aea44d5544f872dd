"""How a model names images of sources that it was not trained on: each source by the run that left it out.

    python -m tools.left_out_sources FOLD … --data DATA

FOLD is what `msa train --left-out SOURCE …` wrote. Zero-shot among all classes of the source's set, and of
every set; all images of a source are measured.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

from msa_model.measure.dataset import read_labelled
from msa_model.measure.mosaics import source_of
from msa_model.measure.subjects import read_labels, read_phrases
from msa_model.model.loading import load_encoder
from msa_model.protocol.codec import decoded
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.models import TORCH
from msa_model.research.evaluate.confusions import Source, confusions
from msa_model.research.train.recipe import Data
from msa_model.research.train.run import RECORD

HEAD = """| source | images | classes | top-1 of its set | of all sets | or shown as well |
|---|--:|--:|--:|--:|--:|"""


def left_out_sources(fold: Path, root: Path) -> list[Source]:
    """The sources that the run in `fold` left out, of the data below `root`.

    Raises:
        BadArgument: the run left none out.
        DatasetUnreadable, and what `load_encoder` raises.
    """
    record = json.loads((fold / RECORD).read_text(encoding="utf-8"))
    sets = [decoded(Data, data) for data in record["recipe"]["data"] if data["left_out"]]
    if not sets:
        raise BadArgument(f"The run in {fold} left no source out.")
    encoder = load_encoder(fold, "cpu", engine=TORCH)
    found: list[Source] = []
    for data in sets:
        rows = read_labelled(root / data.file, root / data.images)
        own = [row for row in rows if source_of(row, data.file) in data.left_out]
        if own:
            classes = {row.label for row in rows}
            found += confusions(
                encoder, own, data.file, read_phrases(), read_labels(), classes=classes
            ).sources
    return found


def summed(name: str, sources: Sequence[Source]) -> Source:
    """All images alike."""
    images = sum(source.images for source in sources)
    own, everything, shown = (
        sum(source.images * value for source, value in zip(sources, values, strict=True)) / images
        for values in zip(*((s.own, s.all, s.shown) for s in sources), strict=True)
    )
    return Source(name, images, sum(source.classes for source in sources), own, everything, shown)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folds", nargs="+", type=Path, metavar="FOLD")
    parser.add_argument("--data", required=True, type=Path)
    options = parser.parse_args()
    sources = [source for fold in options.folds for source in left_out_sources(fold, options.data)]
    print(HEAD)
    for source in (*sources, summed("all images", sources)):
        name, images, classes, *shares = astuple(source)
        print(f"| {name} | {images} | {classes} | {' | '.join(f'{share:.1f}' for share in shares)} |")


if __name__ == "__main__":
    main()
