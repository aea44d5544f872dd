"""Tiles pooled out of the feature maps of a larger picture, which the backbone has seen once."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, max_pool2d

from msa_model.model.network import ImageTower

Box = tuple[int, int, int, int]  # x0, y0, x1, y1


def pool_regions(
    tower: ImageTower, stages: Sequence[Tensor], boxes: Sequence[Box], picture: tuple[int, int]
) -> list[Tensor]:
    """Scales s_k [m n, c_k] of m boxes in each of n pictures, box by box.

    `stages` [n, c_k, h_k, w_k] are the backbone's of pictures of (height, width) px; `boxes` are in the
    pictures' pixels, on the lattice of the coarsest stage's cells.

    Raises:
        ValueError: a box does not lie on whole cells of every stage, or reaches beyond the picture.
    """
    pooled = [tower.pool([_cut(stage, box, picture) for stage in stages]) for box in boxes]
    return [torch.cat(scale) for scale in zip(*pooled, strict=True)]


def pool_lattice(stages: Sequence[Tensor], strides: Sequence[int], tile: int) -> list[Tensor]:
    """Scales s_k [n, c_k, R, C] of every tile that lies in a picture, on the lattice of the coarsest cells.

    `stages` [n, c_k, h_k, w_k] are fine to coarse, of `strides` px; as `ImageTower.pool` for each tile:
    maxima, of the last stage means. Maxima of cells first, of cells in a tile then: far fewer comparisons.
    """
    steps, coarsest = tile // strides[-1], strides[-1]
    *fine, coarse = stages
    cells = [max_pool2d(stage, coarsest // s, coarsest // s) for stage, s in zip(fine, strides, strict=False)]
    maxima = [max_pool2d(cell.float(), steps, 1) for cell in cells]
    return [*maxima, avg_pool2d(coarse.float(), steps, 1)]


def _cut(stage: Tensor, box: Box, picture: tuple[int, int]) -> Tensor:
    height, width = picture
    rows, columns = stage.shape[2:]
    x0, y0, x1, y1 = box
    limits = (x0 * columns, width), (x1 * columns, width), (y0 * rows, height), (y1 * rows, height)
    if any(position % size for position, size in limits) or not (x0 < x1 <= width and y0 < y1 <= height):
        raise ValueError(f"The box {box} does not lie on the {columns} × {rows} cells of the picture.")
    left, right, top, bottom = (position // size for position, size in limits)
    return stage[:, :, top:bottom, left:right]
