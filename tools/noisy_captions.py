"""Recall after `msa adapt` under shuffled captions, with the wrong pairs told apart and without.

    .venv/worker/bin/python tools/noisy_captions.py dataset_ucm.json:images --model DIR

A share of the captions of train images is shuffled among them; recall is that of the untouched split 'val'.
Prints a Markdown table, mean ± standard deviation over seeds.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from msa_model.adapt.adapt import SortedPairs, encode_pairs, fit_heads, sort_pairs
from msa_model.adapt.assess import PairClass
from msa_model.adapt.heads import Heads, PairTable
from msa_model.adapt.own_data import OwnPair
from msa_model.measure.dataset import DatasetImage, read_split
from msa_model.measure.evaluation import score
from msa_model.model.checkpoint import Checkpoint, read_checkpoint
from msa_model.model.text import tidy

SEEDS, SHARES = (0, 1, 2), (0.0, 0.2, 0.4, 0.6)


@dataclass(frozen=True)
class Trial:
    """One seed at one share: recall on the test pairs in percent, and how well wrong pairs were told."""

    plain: float
    handled: float
    area: float
    estimated: float
    caught: float
    clean_lost: float


def main() -> None:
    """Run all trials and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", metavar="JSON:IMAGES_DIR", help="captions in Karpathy's layout, and images")
    parser.add_argument("--model", type=Path, metavar="DIR", help="checkpoint that never saw these data")
    parser.add_argument("--images", type=int, default=600, help="train images, one caption each")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    file, _, folder = args.data.rpartition(":")
    checkpoint = read_checkpoint(args.model)
    train = read_split(Path(file), Path(folder), "train")
    heads, pairs = encode_pairs(checkpoint, _draw_pairs(train, args.images), "cpu")
    test = _test_table(checkpoint, read_split(Path(file), Path(folder), "val"))
    start = heads.snapshot()
    print(f"recall before adapting: {recall(heads, test):.1f}\n\n{HEADER}")
    for share in SHARES:
        trials = []
        for seed in SEEDS:
            heads.restore(start)
            trials.append(run_trial(heads, pairs, test, share, seed))
        print(_line(share, trials), flush=True)


def run_trial(heads: Heads, pairs: PairTable, test: PairTable, share: float, seed: int) -> Trial:
    """Shuffle, adapt both ways from the same start, measure."""
    start = heads.snapshot()
    shuffled = shuffle_captions(pairs, share, seed)
    wrong = (shuffled.text_of != pairs.text_of).numpy()
    fit_heads(heads, shuffled, seed, _silent)
    plain = recall(heads, test)
    heads.restore(start)
    found = sort_pairs(heads, shuffled, seed)
    fit_heads(heads, found.weighted(shuffled), seed, _silent)
    return _trial(plain, recall(heads, test), found, wrong)


def shuffle_captions(pairs: PairTable, share: float, seed: int) -> PairTable:
    """The pairs with the texts of a share of them permuted."""
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(pairs))[: round(share * len(pairs))]
    texts = pairs.text_of.clone()
    texts[torch.from_numpy(chosen)] = pairs.text_of[torch.from_numpy(rng.permutation(chosen))]
    return replace(pairs, text_of=texts)


def recall(heads: Heads, pairs: PairTable) -> float:
    """Mean recall in percent, every caption on its own (the papers' protocol)."""
    images, texts = heads.embed(pairs)
    return score(images.numpy(), texts.numpy(), pairs.text_of.numpy(), pairs.image_of.numpy()).mr


def area_under_curve(losses: NDArray[np.float64], wrong: NDArray[np.bool_]) -> float:
    """P(a wrong pair has a higher loss than a right one); nan where all pairs are of one kind."""
    ranks = losses.argsort().argsort() + 1
    many, few = int(wrong.sum()), int((~wrong).sum())
    return float((ranks[wrong].sum() - many * (many + 1) / 2) / (many * few)) if many and few else np.nan


def _trial(plain: float, handled: float, found: SortedPairs, wrong: NDArray[np.bool_]) -> Trial:
    if found.split is None:
        raise SystemExit(f"{len(wrong)} pairs are too few to be sorted.")
    marked = found.split.classes == PairClass.WRONG
    return Trial(
        plain=plain,
        handled=handled,
        area=area_under_curve(found.assessment.losses.double().numpy(), wrong),
        estimated=100 * found.split.share,
        caught=100 * float(marked[wrong].mean()) if wrong.any() else np.nan,
        clean_lost=100 * float(marked[~wrong].mean()),
    )


def _draw_pairs(rows: Sequence[DatasetImage], count: int) -> list[OwnPair]:
    """One caption of each of `count` images."""
    rng = np.random.default_rng(0)
    chosen = np.sort(rng.permutation(len(rows))[:count])
    return [OwnPair(rows[i].path, tidy(rng.choice(rows[i].captions)), rows[i].path.name) for i in chosen]


def _test_table(checkpoint: Checkpoint, rows: Sequence[DatasetImage]) -> PairTable:
    pairs = [OwnPair(row.path, tidy(caption), row.path.name) for row in rows for caption in row.captions]
    return encode_pairs(checkpoint, pairs, "cpu")[1]


def _silent(_: str) -> None:
    """Says nothing."""


HEADER = (
    "| shuffled | mR, all pairs | mR, wrong pairs told apart | detection AUC | estimated share "
    "| wrong pairs marked | right pairs marked |\n|---|---|---|---|---|---|---|"
)


def _line(share: float, trials: Sequence[Trial]) -> str:
    def spread(name: str, digits: int = 1) -> str:
        values = np.array([getattr(trial, name) for trial in trials])
        return "–" if np.isnan(values).any() else f"{values.mean():.{digits}f} ± {values.std():.{digits}f}"

    cells = [spread("plain"), spread("handled"), spread("area", 3)]
    cells += [f"{spread(name, 0)} %" for name in ("estimated", "caught", "clean_lost")]
    return f"| {100 * share:.0f} % | " + " | ".join(cells).replace("– %", "–") + " |"


if __name__ == "__main__":
    main()
