"""Tiles pooled out of larger pictures, and what evaluation makes of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from msa_model.cli.main import main
from msa_model.measure.dataset import DatasetImage
from msa_model.model.config import ModelConfig
from msa_model.model.encoder import Encoder
from msa_model.model.network import ImageTower, pool_regions
from msa_model.model.transform import ImageTransform
from msa_model.research.commands import evaluate
from msa_model.research.evaluate import blocks
from msa_model.research.evaluate.blocks import ImageEncoder, encode_mosaic, mosaic_vectors


@pytest.fixture(scope="module")
def tower(tiny_config: ModelConfig) -> ImageTower:
    torch.manual_seed(0)
    return (
        ImageTower(tiny_config.image, tiny_config.width, tiny_config.dimension).eval().requires_grad_(False)
    )


def random_stages(pictures: int, height: int, width: int) -> list[torch.Tensor]:
    """Maps of strides 4, 8, 16 and 32, with few channels."""
    torch.manual_seed(1)
    return [torch.randn(pictures, c, height // s, width // s) for c, s in ((2, 4), (3, 8), (4, 16), (5, 32))]


def test_the_whole_picture_as_a_region_is_what_the_tower_pools(tower: ImageTower) -> None:
    stages = random_stages(3, 64, 96)
    pooled = pool_regions(tower, stages, [(0, 0, 96, 64)], (64, 96))
    for found, expected in zip(pooled, tower.pool(stages), strict=True):
        assert torch.equal(found, expected)


def test_a_region_is_pooled_from_its_own_cells_only(tower: ImageTower) -> None:
    stages = random_stages(2, 64, 96)
    pooled = pool_regions(tower, stages, [(0, 0, 32, 32), (64, 32, 96, 64)], (64, 96))
    fine = stages[0][:, :, 8:16, 16:24].amax(dim=(2, 3))
    coarse = stages[3][:, :, 1, 2]
    assert torch.equal(pooled[0][2:], fine)
    assert torch.equal(pooled[3][2:], coarse)
    for stage in stages:
        stage[:, :, : stage.shape[2] // 2, : stage.shape[3] // 3] += 100
    changed = pool_regions(tower, stages, [(0, 0, 32, 32), (64, 32, 96, 64)], (64, 96))
    assert all(torch.equal(now[2:], before[2:]) for now, before in zip(changed, pooled, strict=True))
    assert all((now[:2] > before[:2]).all() for now, before in zip(changed, pooled, strict=True))


@pytest.mark.parametrize("box", [(0, 0, 40, 32), (16, 0, 48, 32), (32, 32, 32, 64), (64, 0, 128, 32)])
def test_a_region_off_the_lattice_or_the_picture_is_refused(
    tower: ImageTower, box: tuple[int, int, int, int]
) -> None:
    with pytest.raises(ValueError, match="does not lie on the"):
        pool_regions(tower, random_stages(1, 64, 96), [box], (64, 96))


def test_a_mosaic_of_one_is_the_image_alone(tower: ImageTower) -> None:
    image = torch.rand(1, 3, 64, 64)
    assert torch.allclose(encode_mosaic(tower, [image], 1), tower(image), atol=0.02)  # bfloat16 on some


class BlindTower(ImageTower):
    """Its maps are plain means of pixels: a tile cannot see its neighbours."""

    def __init__(self) -> None:
        torch.nn.Module.__init__(self)
        self.output = torch.nn.Linear(1, 12)
        self.backbone = self.look  # type: ignore[assignment]

    def look(self, images: torch.Tensor) -> list[torch.Tensor]:
        return [torch.nn.functional.avg_pool2d(images, stride) for stride in (4, 8, 16, 32)]

    def embed(self, scales: Sequence[torch.Tensor]) -> torch.Tensor:
        return torch.cat(tuple(scales), dim=1).float()


def test_images_keep_their_rows_in_mosaics_of_any_neighbours(tmp_path: Path) -> None:
    rows = []
    for i in range(6):
        pixels = np.random.default_rng(i).integers(0, 256, (64, 64, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{i}.png")
        rows.append(DatasetImage(tmp_path / f"{i}.png", (), "", ""))
    image_encoder = ImageEncoder(
        BlindTower(), ImageTransform(64, (127.5, 127.5, 127.5), (127.5, 127.5, 127.5))
    )
    alone, *mosaics = (mosaic_vectors(image_encoder, rows, grid, 0) for grid in (1, 2, 3))
    assert len(np.unique(alone, axis=0)) == 6
    assert all(mosaic == pytest.approx(alone, abs=1e-6) for mosaic in mosaics)


def test_the_command_compares_images_alone_and_in_mosaics(
    tmp_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(evaluate, "load_encoder", lambda args: encoder)
    monkeypatch.setattr(blocks, "GRIDS", (2,))
    records = []
    for name, colour in (("green", (40, 120, 40)), ("blue", (30, 60, 160))):
        Image.new("RGB", (64, 64), colour).save(tmp_path / f"{name}.png")
        records.append(
            {"filename": f"{name}.png", "split": "val", "sentences": [{"raw": f"{name} ground ."}]}
        )
    file = tmp_path / "dataset.json"
    file.write_text(json.dumps({"images": records}), encoding="utf-8")
    assert main(["evaluate", str(file), "--context", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert [mosaic["grid"] for mosaic in result["mosaics"]] == [2]
    assert all(0 < m["cosine_p5"] <= m["cosine_mean"] <= 1 + 1e-6 for m in result["mosaics"])
    assert result["alone"]["images"] == 2
