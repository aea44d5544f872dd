"""Tiles out of blocks against tiles by themselves: what a search on mosaics of labelled images then finds.

Each image is a cell of a mosaic. Short phrases ask; a tile is right where half of it shows the class.

Tile in context: what changes when an image's features are pooled out of a mosaic with neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from tqdm import tqdm

from msa_model.measure.dataset import DatasetImage, read_pixels
from msa_model.measure.evaluation import (
    Evaluation,
    PassEncoder,
    TileTextEncoder,
    caption_numbers,
    encode_at,
    score,
)
from msa_model.measure.metrics import average_precision, precision_at
from msa_model.measure.subjects import Phrases
from msa_model.model.checkpoint import read_checkpoint
from msa_model.model.device import reduced_precision
from msa_model.model.dual_encoder import DualEncoder
from msa_model.model.encoder import build_network
from msa_model.model.network import Box, ImageTower, pool_regions
from msa_model.model.transform import ImageTransform
from msa_model.raster.grid import STEPS, TILE, Keys, TileGrid

SIDE = 8  # cells along a mosaic: a pass ends within it
OVERLAPS = (0.5, 0.75)
_FIRST, _ENOUGH = 20, 0.5

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class BlockFigures:
    """Percent, over phrases: right among the first 20, average precision, best tile of a mosaic right."""

    p20: float
    map: float
    pointed: float


@dataclass(frozen=True)
class Blocks:
    """Both ways at one overlap, and the cosines of the same tiles; `tiles` of `mosaics`."""

    overlap: float
    tiles: int
    mosaics: int
    alone: BlockFigures
    blocks: BlockFigures
    cosine_mean: float
    cosine_p1: float


@dataclass(frozen=True)
class BlockEvaluation:
    """What the image tower ran on, and each overlap."""

    engine: str
    overlaps: tuple[Blocks, ...]


@dataclass(frozen=True)
class _Tiles:
    """Of all mosaics: vectors [n, d], the share [n, l] that shows a label, mosaics [n], offsets [n, 2]."""

    vectors: Floats
    shares: Floats
    mosaics: NDArray[np.int64]
    offsets: Keys

    def at(self, overlap: float) -> _Tiles:
        """Those of a smaller overlap."""
        keep = (self.offsets % TileGrid(TILE, TILE, 1, overlap).hop == 0).all(axis=1)
        return _Tiles(self.vectors[keep], self.shares[keep], self.mosaics[keep], self.offsets[keep])


def evaluate_blocks(
    encoder: DualEncoder, rows: Sequence[DatasetImage], phrases: Phrases, seed: int = 0
) -> tuple[Blocks, ...]:
    """At each of `OVERLAPS`; images lie in mosaics as `seed` has it.

    Raises:
        BadArgument: tiles of the model cannot be taken out of blocks.
        DatasetUnreadable: an image cannot be decoded.
    """
    labels = sorted({row.label for row in rows})
    both = [_tiles(each, rows, labels, seed) for each in (encoder, PassEncoder(encoder))]
    asked = [(number, phrase) for number, label in enumerate(labels) for phrase in phrases.get(label, ())]
    queries = encoder.encode_texts([phrase for _, phrase in asked])
    wanted = [label for label, _ in asked]
    alone, blocks = both
    return tuple(_at(each, alone.at(each), blocks.at(each), queries, wanted) for each in OVERLAPS)


def _at(overlap: float, alone: _Tiles, blocks: _Tiles, queries: Floats, wanted: Sequence[int]) -> Blocks:
    cosines = (alone.vectors * blocks.vectors).sum(axis=1)
    return Blocks(
        overlap=overlap,
        tiles=len(cosines),
        mosaics=int(alone.mosaics.max()) + 1,
        alone=_found(alone, queries, wanted),
        blocks=_found(blocks, queries, wanted),
        cosine_mean=float(cosines.mean()),
        cosine_p1=float(np.percentile(cosines, 1)),
    )


def _found(tiles: _Tiles, queries: Floats, wanted: Sequence[int]) -> BlockFigures:
    """Of queries [q, d], each asking for a label."""
    figures = [
        (precision_at(own, right, _FIRST), average_precision(own, right), _pointed(own, right, tiles.mosaics))
        for own, right in zip(
            queries @ tiles.vectors.T, (tiles.shares[:, label] >= _ENOUGH for label in wanted), strict=True
        )
    ]
    return BlockFigures(*(100 * float(np.mean(figure)) for figure in zip(*figures, strict=True)))


def _pointed(scores: Floats, right: Flags, mosaics: NDArray[np.int64]) -> float:
    """The share of mosaics with the class whose best tile shows it."""
    having = np.unique(mosaics[right])
    best = [np.flatnonzero(mosaics == number)[scores[mosaics == number].argmax()] for number in having]
    return float(right[best].mean())


def _tiles(
    encoder: TileTextEncoder, rows: Sequence[DatasetImage], labels: Sequence[str], seed: int
) -> _Tiles:
    """At the largest overlap, which holds the others."""
    offsets = TileGrid(SIDE * TILE, SIDE * TILE, 1, max(OVERLAPS)).keys()
    parts = list(_mosaics(rows, seed))
    vectors = [
        encode_at(encoder, picture, offsets) for picture, _ in tqdm(parts, desc="mosaics", leave=False)
    ]
    shares = [_shares(offsets, np.vectorize(labels.index)(cells), len(labels)) for _, cells in parts]
    numbers = np.arange(len(parts)).repeat(len(offsets))
    return _Tiles(np.concatenate(vectors), np.concatenate(shares), numbers, np.tile(offsets, (len(parts), 1)))


def _mosaics(rows: Sequence[DatasetImage], seed: int) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.str_]]]:
    """Pictures [SIDE TILE, SIDE TILE, 3], labels [SIDE, SIDE] of their cells; the last is filled up."""
    order = np.random.default_rng(seed).permutation(len(rows))
    order = np.resize(order, -(-len(rows) // SIDE**2) * SIDE**2).reshape(-1, SIDE, SIDE)
    for members in order:
        lines = [np.concatenate([_cell(rows[place]) for place in line], axis=1) for line in members]
        yield np.concatenate(lines), np.array([[rows[place].label for place in line] for line in members])


def _cell(row: DatasetImage) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(read_pixels(row.path)).resize((TILE, TILE), Image.Resampling.BILINEAR))


def _shares(offsets: Keys, cells: NDArray[np.int64], labels: int) -> Floats:
    """How much of each tile shows each label [n, l]; cells have the labels' numbers [SIDE, SIDE]."""
    fine = cells.repeat(STEPS, axis=0).repeat(STEPS, axis=1)  # in lattice steps
    parts = [fine[row : row + STEPS, col : col + STEPS].ravel() for row, col in offsets.tolist()]
    counts = np.stack([np.bincount(part, minlength=labels) for part in parts])
    return (counts / STEPS**2).astype(np.float32)


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
class ImageEncoder:
    """The image side of a checkpoint, on the processor."""

    tower: ImageTower
    transform: ImageTransform

    @classmethod
    def load(cls, folder: Path | None) -> ImageEncoder:
        """Of the checkpoint in `folder`, else of the shipped one; errors as in `Encoder.load`."""
        checkpoint = read_checkpoint(folder)
        tower = build_network(checkpoint.config, checkpoint.tensors).image
        tower.backbone.fuse_norms()
        tower = tower.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return cls(tower, ImageTransform.of(checkpoint.config.image))


def evaluate_context(
    encoder: TileTextEncoder, image_encoder: ImageEncoder, rows: Sequence[DatasetImage], seed: int = 0
) -> ContextEvaluation:
    """`image_encoder` is the encoder's own; neighbours are drawn with `seed`.

    Raises:
        DatasetUnreadable: an image cannot be decoded.
    """
    texts, text_of, owner = caption_numbers(rows)
    queries = encoder.encode_texts(texts)
    alone = mosaic_vectors(image_encoder, rows, 1, seed)
    mosaics = []
    for grid in GRIDS:
        vectors = mosaic_vectors(image_encoder, rows, grid, seed)
        cosines = (alone * vectors).sum(axis=1)
        retrieval = score(vectors, queries, text_of, owner)
        fifth = float(np.percentile(cosines, 5))
        mosaics.append(InContext(grid, float(cosines.mean()), fifth, retrieval))
    return ContextEvaluation(score(alone, queries, text_of, owner), tuple(mosaics))


@torch.inference_mode()
def mosaic_vectors(
    image_encoder: ImageEncoder, rows: Sequence[DatasetImage], grid: int, seed: int
) -> Vectors:
    """Unit vectors [n, d] of images at random places of `grid` × `grid` mosaics, the last one filled up."""
    places = np.random.default_rng(seed).permutation(len(rows))
    places = np.resize(places, -(-len(rows) // grid**2) * grid**2).reshape(-1, grid**2)
    out = np.empty((len(rows), image_encoder.tower.output.out_features), np.float32)
    for members in tqdm(places, desc=f"{grid} × {grid} mosaics", leave=False):
        images = [image_encoder.transform(read_pixels(rows[i].path)[None]) for i in members]
        out[members] = encode_mosaic(image_encoder.tower, images, grid).numpy()
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
