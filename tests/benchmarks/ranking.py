"""Time and peak memory of ranking random vectors both ways, by default 100,000 images × 500,000 captions.

python -m tests.benchmarks.ranking [--images N] [--captions N] [--dimension D]
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np
from numpy.typing import NDArray

from msa_model.measure.metrics import rank

GIGABYTE = 2**20  # in the kilobytes of ru_maxrss


def unit_vectors(count: int, dimension: int, seed: int) -> NDArray[np.float32]:
    drawn = np.random.default_rng(seed).standard_normal((count, dimension), np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    return drawn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--captions", type=int, default=500_000)
    parser.add_argument("--dimension", type=int, default=384)
    args = parser.parse_args()
    images, texts = (unit_vectors(n, args.dimension, n) for n in (args.images, args.captions))
    owner = np.arange(args.captions) % args.images
    started, used = time.perf_counter(), time.process_time()
    ranks = rank(images, texts, np.arange(args.captions), owner)
    seconds, processor = time.perf_counter() - started, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIGABYTE
    pairs = args.images * args.captions
    print(f"{args.images:,} × {args.captions:,} × {args.dimension}: {seconds:.0f} s, peak {peak:.2f} GB")
    print(f"{processor:.0f} s of processor, {pairs / processor / 1e6:.0f} million pairs in a second of it")
    print(f"median ranks of chance: {ranks.every.i2t.median_rank():g} and {ranks.every.t2i.median_rank():g}")


if __name__ == "__main__":
    main()
