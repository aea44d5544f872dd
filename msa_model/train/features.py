"""Features of the frozen part of the backbone, computed once and cached on disk."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.lib.format import open_memmap
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from msa_model.eval.dataset import DatasetImage, read_pixels
from msa_model.model.network import ImageTower
from msa_model.model.transform import ImageTransform

BATCH = 32
READ_AHEAD = 2


@dataclass(frozen=True)
class Features:
    """Of n images in one view: pooled `scales` [n, Σ c_k] and third-stage `maps` [n, c_3, h, w]."""

    scales: NDArray[np.float16]
    maps: NDArray[np.float16]


def view_of(pixels: NDArray[np.uint8], view: int) -> NDArray[np.uint8]:
    """One of a square's eight symmetries: `view % 4` quarter turns, then mirrored from `view` 4 on."""
    turned = np.rot90(pixels, view % 4)
    return np.ascontiguousarray(turned[:, ::-1] if view >= 4 else turned)  # noqa: PLR2004


def cached_features(
    tower: ImageTower, transform: ImageTransform, rows: Sequence[DatasetImage], view: int, folder: Path
) -> Features:
    """The features of `rows`, read from `folder` if they are there, else computed and kept.

    Raises:
        DatasetUnreadable: an image cannot be decoded.
    """
    stem = folder / _key(tower, transform, rows, view)
    scales, maps = stem.with_suffix(".scales.npy"), stem.with_suffix(".maps.npy")
    if not scales.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        _compute(tower, _inputs(rows, view, transform), len(rows), (scales, maps))
    return Features(np.load(scales), np.load(maps, mmap_mode="r"))


@torch.inference_mode()
def _compute(tower: ImageTower, inputs: Iterator[Tensor], count: int, files: tuple[Path, Path]) -> None:
    scales, maps, start = [], None, 0
    for images in tqdm(inputs, total=-(-count // BATCH), desc="features", leave=False):
        stages = tower.backbone(images)
        scales.append(torch.cat(tower.pool(stages), dim=1).numpy().astype(np.float16))
        third = stages[2].numpy().astype(np.float16)
        if maps is None:
            maps = open_memmap(files[1], mode="w+", dtype=np.float16, shape=(count, *third.shape[1:]))
        maps[start : start + len(third)] = third
        start += len(third)
    partial = files[0].with_suffix(".part.npy")  # the scales appear last and whole: they mark a finished view
    np.save(partial, np.concatenate(scales))
    partial.replace(files[0])


def _inputs(rows: Sequence[DatasetImage], view: int, transform: ImageTransform) -> Iterator[Tensor]:
    with ThreadPoolExecutor(max_workers=1) as reader:
        waiting: deque[Future[Tensor]] = deque()
        for start in range(0, len(rows), BATCH):
            waiting.append(reader.submit(_read, rows[start : start + BATCH], view, transform))
            if len(waiting) > READ_AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _read(rows: Sequence[DatasetImage], view: int, transform: ImageTransform) -> Tensor:
    return torch.cat([transform(view_of(read_pixels(row.path), view)[None]) for row in rows])


def _key(tower: ImageTower, transform: ImageTransform, rows: Sequence[DatasetImage], view: int) -> str:
    digest = hashlib.sha256(repr((transform, view, [str(row.path) for row in rows])).encode())
    for tensor in tower.backbone.state_dict().values():
        digest.update(tensor.numpy().tobytes())
    return digest.hexdigest()[:16]
