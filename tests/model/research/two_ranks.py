"""One of the processes of `test_two_processes_train_as_one_does`: trains, and writes its weights down."""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

from msa_model.research.train.ranks import joined
from msa_model.research.train.recipe import read_recipe
from msa_model.research.train.run import TrainingRun
from tests.model.research.training_sets import job_of


def main(root: Path, recipe: Path, folder: Path) -> None:
    """Train under torchrun."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    with joined("cpu") as ranks:
        run = TrainingRun(read_recipe(recipe), job_of(root, folder / "shared"), ranks, print)
        run.finish()
        tensors = {name: tensor.detach().contiguous() for name, tensor in run.trainer.tensors().items()}
        save_file(tensors, folder / f"rank{ranks.own}.safetensors")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
