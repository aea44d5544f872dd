"""The images of a recipe's labelled sets that it does not train on, as files for `msa evaluate --classes`.

python -m tools.left_out RECIPE.toml DATA --out DIR
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from msa_model.research.train.recipe import Data, Recipe, read_recipe
from msa_model.research.train.samples import read_images, read_samples


def left_out(recipe: Recipe, data: Data, root: Path, beside: Path) -> list[dict[str, str]]:
    """Path and label of each image of `data` that the recipe leaves out."""
    trained = {sample.path for sample in read_samples(recipe, root, beside).training}
    return [
        {"filename": str(row.path.resolve()), "label": row.label}
        for row in read_images(data, root)
        if row.path not in trained
    ]


def main() -> None:
    """Write a file for each labelled set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", required=True, type=Path)
    options = parser.parse_args()
    recipe = read_recipe(options.recipe)
    options.out.mkdir(parents=True, exist_ok=True)
    for data in recipe.data:
        if data.kind == "labels":
            images = left_out(recipe, data, options.data, options.recipe.parent)
            file = options.out / f"{Path(data.file).parent.name}.json"
            file.write_text(json.dumps({"images": images}), encoding="utf-8")
            print(f"{len(images)} images: {file}")


if __name__ == "__main__":
    main()
