"""Tile in context: what changes when an image's features are pooled out of a mosaic with neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from msa_model.measure.dataset import DatasetImage, read_pixels
from msa_model.measure.evaluation import Evaluation, TileTextEncoder, caption_numbers, score
from msa_model.model.checkpoint import read_checkpoint
from msa_model.model.encoder import build_network
from msa_model.model.network import ImageTower
from msa_model.model.precision import reduced_precision
from msa_model.model.regions import Box, pool_regions
from msa_model.model.transform import ImageTransform

GRIDS = (2, 4)  # images along a mosaic's side

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class InContext:
    """Images in mosaics of `grid` × `grid`: cosine to the same image alone, and retrieval."""

    grid: int
    cosine_mean: float
    cosine_p5: float
    retrieval: Evaluation


@dataclass(frozen=True)
class ContextEvaluation:
    """Retrieval with each image encoded alone, and out of mosaics."""

    alone: Evaluation
    mosaics: tuple[InContext, ...]


@dataclass(frozen=True)
class Eye:
    """The image side of a checkpoint, on the processor."""

    tower: ImageTower
    transform: ImageTransform

    @classmethod
    def load(cls, folder: Path | None) -> Eye:
        """Of the checkpoint in `folder`, else of the shipped one; errors as in `Encoder.load`."""
        checkpoint = read_checkpoint(folder)
        tower = build_network(checkpoint.config, checkpoint.tensors).image
        tower.backbone.fuse_norms()
        tower = tower.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return cls(tower, ImageTransform.of(checkpoint.config.image))


def evaluate_context(
    encoder: TileTextEncoder, eye: Eye, rows: Sequence[DatasetImage], seed: int = 0
) -> ContextEvaluation:
    """`eye` is the encoder's own; neighbours are drawn with `seed`.

    Raises:
        DatasetUnreadable: an image cannot be decoded.
    """
    texts, text_of, owner = caption_numbers(rows)
    queries = encoder.encode_texts(texts)
    alone = mosaic_vectors(eye, rows, 1, seed)
    mosaics = []
    for grid in GRIDS:
        vectors = mosaic_vectors(eye, rows, grid, seed)
        cosines = (alone * vectors).sum(axis=1)
        retrieval = score(vectors, queries, text_of, owner)
        fifth = float(np.percentile(cosines, 5))
        mosaics.append(InContext(grid, float(cosines.mean()), fifth, retrieval))
    return ContextEvaluation(score(alone, queries, text_of, owner), tuple(mosaics))


@torch.inference_mode()
def mosaic_vectors(eye: Eye, rows: Sequence[DatasetImage], grid: int, seed: int) -> Vectors:
    """Unit vectors [n, d] of images at random places of `grid` × `grid` mosaics, the last one filled up."""
    places = np.random.default_rng(seed).permutation(len(rows))
    places = np.resize(places, -(-len(rows) // grid**2) * grid**2).reshape(-1, grid**2)
    out = np.empty((len(rows), eye.tower.output.out_features), np.float32)
    for members in tqdm(places, desc=f"{grid} × {grid} mosaics", leave=False):
        images = [eye.transform(read_pixels(rows[i].path)[None]) for i in members]
        out[members] = encode_mosaic(eye.tower, images, grid).numpy()
    return out


def encode_mosaic(tower: ImageTower, images: Sequence[Tensor], grid: int) -> Tensor:
    """Images [1, 3, s, s], `grid`² of them row by row, seen as one picture: unit vectors [grid², d]."""
    side = images[0].shape[-1]
    lines = [torch.cat(tuple(images[i : i + grid]), dim=3) for i in range(0, grid * grid, grid)]
    picture = torch.cat(lines, dim=2)
    boxes: list[Box] = [
        (x, y, x + side, y + side) for y in range(0, grid * side, side) for x in range(0, grid * side, side)
    ]
    with reduced_precision("cpu"):
        stages = tower.backbone(picture)
    scales = pool_regions(tower, stages, boxes, (grid * side, grid * side))
    return tower.embed([scale.float() for scale in scales])
