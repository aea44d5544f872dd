"""How texts and example tiles are best mixed: average precision of mixed queries on captioned images.

python -m tests.benchmarks.mixing DATA [--kept FILE.npz]      (DATA holds rsicd/, ucm/ and nwpu12/)

Every figure is a mean over classes or pairs of words; what is chosen on RSICD is read off on the other sets.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations, product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from msa_model.index.rank import EVERYDAY, sought, unit
from msa_model.model.encoder import Encoder
from msa_model.shipped import resource

Floats = NDArray[np.float32]

EXAMPLES, SEEDS = 5, (0, 1, 2)
JUDGED = 10
SHARES = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)
WEIGHTS = (0.0, 0.3, 0.5, 0.7, 1.0)
NOUNS = (
    *("trees", "water", "buildings", "road", "cars", "river", "grass", "bridge", "pond", "houses", "boats"),
    *("playground", "farmland", "beach", "planes", "parking lot", "lawn", "sea"),
)
NAMES = {
    "storagetanks": "storage tanks",
    "denseresidential": "dense residential",
    "mediumresidential": "medium residential",
    "sparseresidential": "sparse residential",
    "bareland": "bare land",
    "baseballfield": "baseball field",
    "railwaystation": "railway station",
    "baseballdiamond": "baseball diamond",
    "golfcourse": "golf course",
    "mobilehomepark": "mobile home park",
    "parkinglot": "parking lot",
    "tenniscourt": "tennis court",
    "mediumresidental": "medium residential",
}


@dataclass(frozen=True)
class Pictures:
    """Images of one set: unit vectors [n, d], labels and captions of each."""

    vectors: Floats
    labels: NDArray[np.str_]
    captions: NDArray[np.str_]

    @property
    def classes(self) -> list[str]:
        """Labels of four images at least; '' is none."""
        names, counts = np.unique(self.labels, return_counts=True)
        return [str(name) for name, count in zip(names, counts, strict=True) if name and count >= 4]


class Space:
    """Text and image vectors with the means of both."""

    def __init__(self, encoder: Encoder, phrases: Sequence[str]) -> None:
        self._encoder = encoder
        self._texts: dict[str, Floats] = {}
        self.background = encoder.background
        self.text_mean = encoder.encode_texts(list(phrases)).mean(axis=0)

    def text(self, text: str) -> Floats:
        if text not in self._texts:
            self._texts[text] = self._encoder.encode_texts([text])[0]
        return self._texts[text]


def listed(root: Path) -> Iterator[tuple[str, Path, str, str]]:
    """(set, image file, label, captions) of validation images, and of every third of NWPU."""
    for name in ("rsicd", "ucm"):
        for image in json.loads((root / name / f"dataset_{name}.json").read_text("utf-8"))["images"]:
            if image["split"] == "val":
                label = re.sub(r"[_\d]*\.\w+$", "", image["filename"])
                captions = " | ".join(sentence["raw"] for sentence in image["sentences"])
                yield name, root / name / "images" / image["filename"], NAMES.get(label, label), captions
    for image in json.loads((root / "nwpu12" / "labels.json").read_text("utf-8"))["images"][::3]:
        yield "nwpu12", root / "nwpu12" / "images" / image["filename"], image["label"].replace("_", " "), ""


def encoded(root: Path, encoder: Encoder, kept: Path | None) -> dict[str, Pictures]:
    rows = list(listed(root))
    if kept is not None and kept.exists():
        vectors = np.load(kept)["vectors"]
    else:
        parts = [np.stack([_pixels(row[1]) for row in rows[i : i + 64]]) for i in range(0, len(rows), 64)]
        vectors = np.concatenate([encoder.encode_tiles(part) for part in parts])
        if kept is not None:
            np.savez(kept, vectors=vectors)
    sets = np.array([row[0] for row in rows])
    labels, captions = (np.array([row[i] for row in rows]) for i in (2, 3))
    return {
        str(name): Pictures(vectors[sets == name], labels[sets == name], captions[sets == name])
        for name in dict.fromkeys(sets.tolist())
    }


def _pixels(file: Path) -> NDArray[np.uint8]:
    with Image.open(file) as picture:
        return np.asarray(picture.convert("RGB").resize((256, 256), Image.Resampling.BILINEAR))


def average_precision(scores: Floats, relevant: NDArray[np.bool_]) -> float:
    hits = relevant[np.argsort(-scores, kind="stable")]
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean())


# Texts with examples: of the class named (nearly solved without any), and composed queries.


def with_examples(space: Space, pictures: Pictures, count: int) -> Iterator[tuple[str, float]]:
    """(share of the examples beside the name, mAP) of class names; the examples are not ranked."""
    for share in SHARES:
        yield f"share {share}", float(np.mean(list(_with_examples(space, pictures, count, share))))


def _with_examples(space: Space, pictures: Pictures, count: int, share: float) -> Iterator[float]:
    for label in pictures.classes:
        text, members = space.text(label), np.flatnonzero(pictures.labels == label)
        for seed in SEEDS:
            chosen = np.random.default_rng(seed).choice(members, min(count, len(members) - 2), replace=False)
            rest = np.ones(len(pictures.labels), bool)
            rest[chosen] = False
            query = (1 - share) * text + share * (pictures.vectors[chosen] - space.background).mean(axis=0)
            yield average_precision(pictures.vectors[rest] @ query, pictures.labels[rest] == label)


def composed(space: Space, pictures: Pictures) -> Iterator[tuple[str, float]]:
    """(how, mAP) of 'like this one, and with trees', and of 'like this one, and without trees'."""
    tasks = list(_composed_tasks(pictures))
    yield "tasks", float(len(tasks))
    z, b = pictures.vectors, space.background
    for share in SHARES:
        for name, c in (("as it is", np.zeros_like(b)), ("centred", b)):
            found = [
                _without(e, z, (1 - share) * space.text(noun) + share * (z[e] - c), yes)
                for noun, yes, no in tasks
                for e in no[:3]
            ]
            yield f"with, example {name}, share {share}", float(np.mean(found))
    for weight in WEIGHTS:
        found = [
            _without(e, z, z[e] - b - weight * space.text(noun), no)
            for noun, yes, no in tasks
            for e in yes[:3]
        ]
        yield f"without, text - {weight}", float(np.mean(found))


def _composed_tasks(pictures: Pictures) -> Iterator[tuple[str, NDArray[np.int64], NDArray[np.int64]]]:
    """(noun, images of a class that show it, images of the class that do not), four each at least."""
    for label, noun in product(pictures.classes, NOUNS):
        told, right = mentions(pictures, noun), pictures.labels == label
        yes, no = np.flatnonzero(right & (told >= 2)), np.flatnonzero(right & (told == 0))
        if min(len(yes), len(no)) >= 4:
            yield noun, yes, no


def _without(example: int, z: Floats, query: Floats, relevant: NDArray[np.int64]) -> float:
    """Average precision over all images but the example."""
    right = np.zeros(len(z), bool)
    right[relevant] = True
    rest = np.arange(len(z)) != example
    return average_precision(z[rest] @ query, right[rest])


# Terms: images whose captions tell of one thing and of another, or not of it.


def mentions(pictures: Pictures, noun: str) -> NDArray[np.int64]:
    """How many captions of each image hold a word."""
    stem = re.compile(rf"\b{noun.rstrip('s')}s?\b")
    return np.array([sum(bool(stem.search(c)) for c in text.split(" | ")) for text in pictures.captions])


def pairs(pictures: Pictures) -> Iterator[tuple[str, str, NDArray[np.bool_], NDArray[np.bool_]]]:
    """(one, other, images of both, images of one without the other), each eight times at least."""
    told = {noun: mentions(pictures, noun) for noun in NOUNS}
    for one, other in permutations(NOUNS, 2):
        both = (told[one] >= 2) & (told[other] >= 2)
        without = (told[one] >= 2) & (told[other] == 0)
        if both.sum() >= 8 and without.sum() >= 8:
            yield one, other, both, without


def terms(space: Space, pictures: Pictures) -> Iterator[tuple[str, float]]:
    """(how, mAP) of A + B and of A - B."""
    found, z, text = list(pairs(pictures)), pictures.vectors, space.text
    everyday = np.mean([text(word) for word in EVERYDAY], axis=0)
    yield "pairs", float(len(found))

    def less(mean: Floats, of: str) -> Floats:
        return unit(text(of) - mean)

    plus: dict[str, Callable[[str, str], Floats]] = {
        "A alone": lambda p, _: text(p),
        "'A and B' as one text": lambda p, q: text(f"{p} and {q}"),
        "sum": lambda p, q: text(p) + text(q),
        "sum, less the mean of phrases": lambda p, q: (
            unit(text(p) - space.text_mean) + unit(text(q) - space.text_mean)
        ),
        "sum, less the mean of everyday words": lambda p, q: (
            unit(text(p) - everyday) + unit(text(q) - everyday)
        ),
        "the latter and the one text": lambda p, q: sought(
            np.stack([text(p), text(q)]), np.ones(2, np.float32), text(f"{p} and {q}"), everyday
        ),
    }
    for name, way in plus.items():
        yield f"A + B: {name}", float(np.mean([average_precision(z @ way(p, q), y) for p, q, y, _ in found]))
    yield (
        "A - B: 'A without B' as one text",
        float(np.mean([average_precision(z @ text(f"{p} without {q}"), y) for p, q, _, y in found])),
    )
    for weight in WEIGHTS:
        scores = [average_precision(z @ (text(p) - weight * text(q)), y) for p, q, _, y in found]
        yield f"A - {weight} B", float(np.mean(scores))


# Feedback: the first hits are judged, the others ranked anew.


def feedback(space: Space, pictures: Pictures) -> Iterator[tuple[str, float]]:
    """(weights, mAP of the images not judged); the first row is the text's own order."""
    yield "none", _judged(space, pictures, lambda t, _p, _n: t)
    b = space.background
    for good, bad in product((0.25, 0.5, 1.0, 2.0, 4.0), (0.0, 0.25, 0.5, 1.0)):

        def rocchio(t: Floats, p: Floats, n: Floats, good: float = good, bad: float = bad) -> Floats:
            q = t + good * (p - b).mean(axis=0) if len(p) else t
            return q - good * bad * (n - b).mean(axis=0) if len(n) else q

        yield f"good {good}, bad {bad} of it", _judged(space, pictures, rocchio)


def _judged(space: Space, pictures: Pictures, way: Callable[[Floats, Floats, Floats], Floats]) -> float:
    figures = []
    for label in pictures.classes:
        text, right = space.text(label), pictures.labels == label
        head = np.argsort(-(pictures.vectors @ text), kind="stable")[:JUDGED]
        rest = np.ones(len(right), bool)
        rest[head] = False
        if right[rest].any():
            good, bad = head[right[head]], head[~right[head]]
            query = way(text, pictures.vectors[good], pictures.vectors[bad])
            figures.append(average_precision(pictures.vectors[rest] @ query, right[rest]))
    return float(np.mean(figures))


def across(space: Space, sets: dict[str, Pictures]) -> Iterator[tuple[str, float]]:
    """(how, mAP) of class names over all sets as one list: what makes several indexes comparable."""
    labels = np.concatenate([part.labels for part in sets.values()])
    names = sorted({name for part in sets.values() for name in part.classes})
    scorings: dict[str, Callable[[Floats], Floats]] = {
        "cosine": lambda s: s,
        "less the index's mean": lambda s: s - s.mean(),
        "less the mean, over the deviation": lambda s: (s - s.mean()) / s.std(),
    }
    for how, scoring in scorings.items():
        figures = []
        for name in names:
            text = space.text(name)
            scores = np.concatenate([scoring(part.vectors @ text) for part in sets.values()])
            figures.append(average_precision(scores, labels == name))
        yield how, float(np.mean(figures))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--kept", type=Path, help="where the images' vectors are kept between runs")
    args = parser.parse_args()
    encoder = Encoder.load()
    sets = encoded(args.data, encoder, args.kept)
    with resource("phrases.csv").open(encoding="utf-8") as file:
        space = Space(encoder, [row["phrase"] for row in csv.DictReader(file)])
    a, b = space.text_mean, space.background
    lengths = f"|mean text| {np.linalg.norm(a):.2f}, |mean image| {np.linalg.norm(b):.2f}"
    print(f"{lengths}, cosine {unit(a) @ unit(b):.2f}")
    for name, pictures in sets.items():
        print(f"\n## {name}: {len(pictures.labels)} images, {len(pictures.classes)} classes")
        for count in (1, EXAMPLES):
            _show(f"{count} example(s)", with_examples(space, pictures, count))
        if pictures.captions[0]:
            _show("terms", terms(space, pictures))
            _show("composed", composed(space, pictures))
        _show("feedback", feedback(space, pictures))
    _show("all sets as one list", across(space, sets))


def _show(what: str, rows: Iterator[tuple[str, float]]) -> None:
    for how, figure in rows:
        print(f"{what}\t{how}\t{figure if how in ('tasks', 'pairs') else 100 * figure:.1f}")


if __name__ == "__main__":
    main()
