"""How much faster overlapping tiles come out of one pass over a block, and how much they then differ."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from msa_model.model.device import reduced_precision
from msa_model.model.network import Box, pool_regions
from msa_model.protocol.messages import RasterRef
from msa_model.raster.grid import TILE
from msa_model.raster.source import RasterSource
from msa_model.research.evaluate.blocks import ImageEncoder
from tests.benchmarks.conftest import Figures
from tests.benchmarks.sizes import sized

CELL = 32  # px of the coarsest stage
TILES_ACROSS = sized(8, 3)  # of the block, side by side
BATCH = 16


@pytest.fixture(scope="module")
def image_encoder() -> ImageEncoder:
    torch.set_num_threads(1)
    return ImageEncoder.load(None)


@pytest.fixture(scope="module")
def block(image_encoder: ImageEncoder, shared_data: Path) -> Tensor:
    """A square of the town raster as the model's input [1, 3, s, s]."""
    side = TILES_ACROSS * TILE
    with RasterSource.open(RasterRef(str(shared_data / "rasters" / "banepa_town.tif"))) as source:
        pixels = source.read_region(1024, 1024, 1.0, side, side).rgb
    transform = image_encoder.transform
    size = TILES_ACROSS * transform.size
    return type(transform)(size, transform.mean, transform.std)(pixels[None])


def boxes_at(side: int, tile: int, hop: int) -> list[Box]:
    starts = range(0, side - tile + 1, hop)
    return [(x, y, x + tile, y + tile) for y in starts for x in starts]


@torch.inference_mode()
def alone(image_encoder: ImageEncoder, block: Tensor, boxes: list[Box]) -> Tensor:
    tiles = torch.cat([block[:, :, y0:y1, x0:x1] for x0, y0, x1, y1 in boxes])
    vectors = []
    for part in torch.split(tiles, BATCH):
        with reduced_precision("cpu"):
            stages = image_encoder.tower.backbone(part.contiguous(memory_format=torch.channels_last))
        vectors.append(
            image_encoder.tower.embed([scale.float() for scale in image_encoder.tower.pool(stages)])
        )
    return torch.cat(vectors)


@torch.inference_mode()
def pooled(image_encoder: ImageEncoder, block: Tensor, boxes: list[Box]) -> Tensor:
    with reduced_precision("cpu"):
        stages = image_encoder.tower.backbone(block)
    scales = pool_regions(image_encoder.tower, stages, boxes, (block.shape[2], block.shape[3]))
    return image_encoder.tower.embed([scale.float() for scale in scales])


def processor_seconds(call: Callable[[], Tensor]) -> tuple[float, Tensor]:
    start = time.process_time()
    found = call()
    return time.process_time() - start, found


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize("parts", [2, 4])
def test_tiles_out_of_one_pass(
    image_encoder: ImageEncoder, block: Tensor, parts: int, figures: Figures
) -> None:
    tile = image_encoder.transform.size
    hop = max(1, round(tile / CELL / parts)) * CELL
    boxes = boxes_at(block.shape[2], tile, hop)
    slow, expected = processor_seconds(lambda: alone(image_encoder, block, boxes))
    fast, found = processor_seconds(lambda: pooled(image_encoder, block, boxes))
    cosines = (expected * found).sum(dim=1)
    what = f"{len(boxes)} tiles at hop {hop}/{tile}"
    figures.add(f"{what}: one pass over a block, times faster", f"{slow / fast:.1f}")
    figures.add(
        f"{what}: tiles a second alone, out of the block", f"{len(boxes) / slow:.0f}, {len(boxes) / fast:.0f}"
    )
    figures.add(f"{what}: cosine mean, least", f"{cosines.mean():.3f}, {cosines.min():.3f}")
