"""One checkpoint out of several of the same recipe: the mean of their weights ("model soup").

python -m tools.average SEED0 SEED1 … --out DIR

One that is given twice counts twice. Where all have the same image tower it stays byte for byte, and the
first one's int8 tower comes along.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from msa_model.model.checkpoint import Checkpoint, Tensors, read_checkpoint, write_checkpoint
from msa_model.model.engines.stages import carry_quantised
from msa_model.protocol.errors import MsaError


def average(parts: Sequence[Checkpoint]) -> Checkpoint:
    """The mean of checkpoints; its background is the mean of theirs, until it is measured anew.

    Raises:
        checkpoint_of_other_architecture: their configs differ.
    """
    first = parts[0]
    if any(part.config != first.config for part in parts):
        raise MsaError.of(
            "checkpoint_of_other_architecture", "Only checkpoints with the same config.json can be averaged."
        )
    background = mean([part.background for part in parts])
    tensors, deltas = (
        mean_tensors(kind) for kind in zip(*((p.tensors, p.deltas) for p in parts), strict=True)
    )
    return Checkpoint(first.config, tensors, deltas, background, sha256="")


def mean_tensors(parts: Sequence[Tensors]) -> Tensors:
    """The mean of each tensor."""
    return {name: mean([part[name].astype(np.float32) for part in parts]) for name in parts[0]}


def mean(arrays: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """The mean of arrays of one shape; of equal ones it is each of them, without rounding."""
    if all(np.array_equal(arrays[0], other) for other in arrays[1:]):
        return arrays[0]
    result: NDArray[np.float32] = np.stack(arrays).mean(axis=0)
    return result


def write_average(folders: Sequence[Path], out: Path) -> None:
    """The mean of the checkpoints in `folders` to `out`; errors as of `average` and `write_checkpoint`."""
    parts = [read_checkpoint(folder) for folder in folders]
    result = average(parts)
    write_checkpoint(out, result.config, result.tensors, result.background, result.deltas)
    image = [name for name in result.tensors if name.startswith("image.")]
    if all(np.array_equal(part.tensors[name], parts[0].tensors[name]) for part in parts for name in image):
        carry_quantised(folders[0], out)


def main() -> None:
    """Read, average, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("checkpoints", nargs="+", type=Path)
    parser.add_argument("--out", required=True, type=Path)
    options = parser.parse_args()
    write_average(options.checkpoints, options.out)


if __name__ == "__main__":
    main()
