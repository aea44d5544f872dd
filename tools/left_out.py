"""What a recipe does not train on: each labelled set's images for `msa evaluate --classes`, and one pool.

python -m tools.left_out RECIPE.toml DATA --out DIR

The pool is what `msa evaluate --sheet` draws from: the validation split of sets with captions and classes in
file names, and of each labelled set at most 500, drawn by seed 0.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Mapping
from pathlib import Path

from msa_model.measure.dataset import DatasetImage
from msa_model.research.train.recipe import Data, Recipe, read_recipe
from msa_model.research.train.samples import read_images, read_samples

Images = list[dict[str, str]]
POOL = "pool/pool"  # apart: `msa calibrate LEFT/*.json` takes the sets alone
POOLED = 500  # images of one labelled set


def left_out(recipe: Recipe, data: Data, root: Path, beside: Path) -> Images:
    """Path and label of each image of `data` that the recipe leaves out."""
    trained = {sample.path for sample in read_samples(recipe, root, beside).training}
    return [_entry(row) for row in read_images(data, root) if row.path not in trained]


def pool(recipe: Recipe, sets: Mapping[str, Images], root: Path) -> Images:
    """The left-out images of labelled `sets`, not too many of one, and what captioned sets validate on."""
    found = [
        _entry(row)
        for data in recipe.data
        if data.kind == "captions" and data.labels_in_names
        for row in read_images(data, root)
        if row.split == data.validation_split and row.label
    ]
    for images in sets.values():
        found += random.Random(0).sample(images, min(len(images), POOLED))  # noqa: S311  # nosec B311  (no secret)
    return found


def _entry(row: DatasetImage) -> dict[str, str]:
    return {"filename": str(row.path.resolve()), "label": row.label}


def main() -> None:
    """Write a file for each labelled set, and the pool."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", required=True, type=Path)
    options = parser.parse_args()
    recipe = read_recipe(options.recipe)
    sets = {
        Path(data.file).parent.name: left_out(recipe, data, options.data, options.recipe.parent)
        for data in recipe.data
        if data.kind == "labels"
    }
    for name, images in {**sets, POOL: pool(recipe, sets, options.data)}.items():
        file = options.out / f"{name}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"images": images}), encoding="utf-8")
        print(f"{len(images)} images: {file}")


if __name__ == "__main__":
    main()
