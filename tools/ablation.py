"""What each of MSA's losses brings, released and corrected: many short trainings of the heads, one table.

The backbone and the text encoder stay frozen, so a run takes minutes of one core: pooled scales of upright
images and token states of distinct captions are made once. Runs that `--results` already lists are not
repeated. Docs: docs/ablation.md.

    python -m tools.ablation --data RSICD.json --images DIR --init BACKBONE --cache DIR --results FILE
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR

from msa_model.measure.metrics import ranks_of
from msa_model.model.network import MsaNetwork
from msa_model.research.train.losses import LossWeights, Mode, Scored, same_pairs, total_loss
from tools.ablation_data import DEVIATION, Data, Split, model_config, read_data, standardise

Floats = NDArray[np.float32]
Marks = NDArray[np.bool_]

EPOCHS, BATCH, RATE, DECAY, DROPOUT, TEMPERATURE = 6, 64, 1e-3, 0.01, 0.2, 0.05
HEAD = 50  # candidates that are ordered anew
CHUNK = 128
UNITS = 1e5  # scores are compared in hundred-thousandths


@dataclass(frozen=True)
class Variant:
    """One row of the table: the mode of network and losses, and what each loss counts.

    Released losses on a corrected network (`shared`) tell what the losses alone do: they then reach the
    projections that are searched with, which released heads never do while the backbone is frozen.
    """

    name: str
    mode: Mode
    weights: LossWeights
    shared: bool = False

    @property
    def network(self) -> Mode:
        """The mode of the network."""
        return "corrected" if self.shared else self.mode


TRIPLET, MATCHED, PAPER = LossWeights(0, 1), LossWeights(0, 1, 15), LossWeights(0, 1, 15, 10)
VARIANTS = (
    Variant("corrected: triplet", "corrected", TRIPLET),
    Variant("corrected: triplet + 15 MSCMA", "corrected", MATCHED),
    Variant("corrected: triplet + 15 MSCMA + 10 CSMMC", "corrected", PAPER),
    Variant("released: triplet", "released", TRIPLET),
    Variant("released: triplet + 15 MSCMA", "released", MATCHED),
    Variant("released: triplet + 15 MSCMA + 10 CSMMC", "released", PAPER),
    Variant("released losses, shared projections: all three", "released", PAPER, shared=True),
    Variant("corrected: InfoNCE", "corrected", LossWeights(1)),
    Variant("corrected: InfoNCE + 0.25 MSCMA", "corrected", LossWeights(1, 0, 0.25)),
)


def train(variant: Variant, data: Data, seed: int, epochs: int) -> MsaNetwork:
    """Heads trained on pairs drawn without replacement; a fifth of all captions is an epoch."""
    torch.manual_seed(seed)
    network = MsaNetwork(model_config(variant.network))
    if variant.network == "corrected":
        standardise(network, data.train.scales)
    network.image.dropout.p = network.text.dropout.p = DROPOUT
    heads = [p for name, p in network.named_parameters() if ".backbone." not in name and p.requires_grad]
    optimiser = AdamW(heads, lr=RATE, weight_decay=DECAY)
    steps = epochs * (len(data.train.scales) // BATCH)
    schedule = OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=0.1)
    for pairs in draw_pairs(data.train, steps, seed):
        loss = batch_loss(network, variant, data, pairs)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    return network.eval()


def draw_pairs(split: Split, steps: int, seed: int) -> Iterator[Tensor]:
    """Numbers of pairs [BATCH], each pair once before any comes again."""
    draw, order = torch.Generator().manual_seed(seed), torch.empty(0, dtype=torch.long)
    for _ in range(steps):
        if len(order) < BATCH:
            order = torch.randperm(split.captions.numel(), generator=draw)
        yield order[:BATCH]
        order = order[BATCH:]


def batch_loss(network: MsaNetwork, variant: Variant, data: Data, pairs: Tensor) -> Tensor:
    """The variant's loss on some pairs of the training split."""
    images, slots = pairs // data.train.captions.shape[1], pairs % data.train.captions.shape[1]
    captions = data.train.captions[images]
    chosen = captions.gather(1, slots[:, None]).squeeze(1)
    scales = scales_of(network, data.train.scales[images])
    states = data.texts.states(chosen, variant.network)
    matches = network.match(scales, states) if variant.weights.matching else None
    if matches is not None and variant.shared:
        matches = torch.sigmoid(matches)
    embeddings = network.image.embed(scales), network.text(states.sentences)
    scored = Scored(*embeddings, same_pairs(captions, chosen), matches)
    return total_loss(scored, variant.weights, variant.mode, TEMPERATURE)


def scales_of(network: MsaNetwork, scales: Tensor) -> list[Tensor]:
    """Pooled scales [n, Σ c_k], each by itself."""
    return list(torch.split(scales, list(network.image.backbone.channels), dim=1))


@torch.inference_mode()
def measure(network: MsaNetwork, variant: Variant, data: Data) -> dict[str, float]:
    """Mean recall on the validation split: of the dual encoder, of Σ_k m_k, and of both over the first 50."""
    scales, captions = scales_of(network, data.val.scales), data.val.captions
    distinct, numbers = torch.unique(captions, return_inverse=True)
    text_of, owner = numbers.flatten().numpy(), np.arange(len(captions)).repeat(captions.shape[1])
    images, parts, matches = network.image.embed(scales), [], []
    for rows in distinct.split(CHUNK):
        states = data.texts.states(rows, variant.network)
        parts.append(images @ network.text(states.sentences).T)
        if variant.weights.matching:
            matches.append(network.match(scales, states).sum(dim=0))
    dual = torch.cat(parts, dim=1).numpy()[:, text_of]
    found = {"dual": mean_recall(dual, dual.T, owner)}
    if matches:
        fine = torch.cat(matches, dim=1).numpy()[:, text_of]
        found["matching"] = mean_recall(fine, fine.T, owner)
        found["reranked"] = mean_recall(reranked(dual, fine), reranked(dual.T, fine.T), owner)
    return found


def reranked(dual: Floats, fine: Floats) -> Floats:
    """The first 50 of each row (and their ties) by the sum of both scores, each standardised over them."""
    head = dual >= np.partition(dual, -HEAD, axis=1)[:, -HEAD, None]
    return np.where(head, 1e3 + _standard(dual, head) + _standard(fine, head), dual)


def _standard(scores: Floats, head: Marks) -> Floats:
    mean = scores.mean(axis=1, where=head, keepdims=True)
    result: Floats = (scores - mean) / (scores.std(axis=1, where=head, keepdims=True) + DEVIATION)
    return result


def mean_recall(i2t: Floats, t2i: Floats, owner: NDArray[np.int64]) -> float:
    """Mean of R@1, 5, 10 both ways, ties in random order (as `msa evaluate`)."""
    own = np.arange(len(i2t))[:, None] == owner
    both = ((i2t, own), (t2i, own.T))
    recalls = [ranks_of(scores.astype(np.float64), mark, UNITS).recall() for scores, mark in both]
    return float(np.mean([recall.mean for recall in recalls]))


def run(variant: Variant, data: Data, seed: int, epochs: int) -> dict[str, object]:
    """One training and its figures, as `--results` keeps them."""
    start = time.process_time()
    network = train(variant, data, seed, epochs)
    seconds = time.process_time() - start
    return {
        "variant": variant.name,
        "seed": seed,
        "epochs": epochs,
        "seconds": round(seconds, 1),
        **measure(network, variant, data),
    }


def table(results: Sequence[dict[str, object]]) -> str:
    """Markdown: mean ± standard deviation over seeds."""
    lines = [
        "| loss | seeds | mR, dual encoder | mR, Σ m_k alone | mR, first 50 by both | CPU seconds |",
        "|---|---|---|---|---|---|",
    ]
    for variant in VARIANTS:
        own = [result for result in results if result["variant"] == variant.name]
        cells = [_spread(own, key) for key in ("dual", "matching", "reranked")]
        seconds = statistics.fmean(float(str(r["seconds"])) for r in own) if own else 0
        lines.append(f"| {variant.name} | {len(own)} | {' | '.join(cells)} | {seconds:.0f} |")
    return "\n".join(lines)


def _spread(results: Sequence[dict[str, object]], key: str) -> str:
    values = [float(str(result[key])) for result in results if key in result]
    if not values:
        return "–"
    spread = f" ± {statistics.stdev(values):.2f}" if len(values) > 1 else ""
    return f"{statistics.fmean(values):.2f}{spread}"


def main() -> None:
    """Run what is missing, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name in ("--data", "--images", "--init", "--cache", "--results"):
        parser.add_argument(name, required=True, type=Path)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--only", default="", help="variants whose name contains this")
    options = parser.parse_args()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    data = read_data(options.data, options.images, options.init, options.cache)
    lines = options.results.read_text().splitlines() if options.results.is_file() else []
    results = [json.loads(line) for line in lines]
    done = {(result["variant"], result["seed"], result["epochs"]) for result in results}
    for seed in options.seeds:
        for variant in VARIANTS:
            if options.only in variant.name and (variant.name, seed, options.epochs) not in done:
                results.append(run(variant, data, seed, options.epochs))
                with options.results.open("a") as file:
                    file.write(json.dumps(results[-1]) + "\n")
                print(results[-1], flush=True)
    print(table([result for result in results if result["epochs"] == options.epochs]))


if __name__ == "__main__":
    main()
