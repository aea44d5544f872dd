"""A tiny random CLIP whose projections are solved for: its towers then agree on the drawn pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file

from msa_model.model.agreement import drawn_pictures
from msa_model.model.dual_encoder import DualEncoder
from msa_model.model.loading import load_encoder

PROJECTIONS = ("visual_projection.weight", "text_projection.weight")  # [d, w]
RIDGE = 1e-3


def teach(folder: Path, teacher: DualEncoder, phrases: list[str]) -> Path:
    """Give the CLIP in `folder` the projections that bring it nearest to a teacher's vectors."""
    tensors = load_file(folder / "model.safetensors")
    for name in PROJECTIONS:
        tensors[name] = torch.eye(*tensors[name].shape)
    _save(folder, tensors)
    bare = load_encoder(folder, "cpu", 1)
    pictures, texts = drawn_pictures(), list(phrases)
    vectors = teacher.encode_tiles(pictures), teacher.encode_english(texts)
    means = [part.mean(axis=0) for part in vectors]
    axes = np.linalg.svd(np.concatenate([v - m for v, m in zip(vectors, means, strict=True)]))[2]
    wanted = [(v - m) @ axes[: bare.dimension].T for v, m in zip(vectors, means, strict=True)]
    owns = bare.encode_tiles(pictures), bare.encode_english(texts)
    for name, own, goal in zip(PROJECTIONS, owns, wanted, strict=True):
        tensors[name] = torch.from_numpy(_solved(own, goal)).float().contiguous()
    _save(folder, tensors)
    return folder


def _solved(own: NDArray[np.float32], goal: NDArray[np.float32]) -> NDArray[np.float64]:
    """[d, w] of a ridge regression of goals [n, d] on own vectors [n, w]."""
    x = own.astype(np.float64)
    solved = np.linalg.solve(x.T @ x + RIDGE * np.eye(x.shape[1]), x.T @ goal)
    return solved.T.astype(np.float64)


def _save(folder: Path, tensors: dict[str, torch.Tensor]) -> None:
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
