from __future__ import annotations

import numpy as np
import pytest
import torch

from msa_model.model.transform import ImageTransform

TRANSFORM = ImageTransform(size=224, mean=(127.5, 0.0, 100.0), std=(127.5, 1.0, 50.0))


def test_pixels_of_the_right_size_are_only_scaled() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)
    expected = (pixels.astype(np.float32) - TRANSFORM.mean) / TRANSFORM.std
    found = TRANSFORM(pixels)
    assert found.shape == (2, 3, 224, 224)
    assert found.permute(0, 2, 3, 1).numpy() == pytest.approx(expected, abs=1e-5)


def test_the_result_is_channels_last_in_memory() -> None:
    found = TRANSFORM(np.zeros((2, 256, 256, 3), np.uint8))
    assert found.is_contiguous(memory_format=torch.channels_last)


def test_shrinking_is_antialiased() -> None:
    stripes = np.zeros((1, 448, 448, 3), np.uint8)
    stripes[:, :, ::2] = 200  # finer than the target: without a filter, all black or all bright
    inner = TRANSFORM(stripes)[0, 1, 10:-10, 10:-10]
    assert inner.min() > 90
    assert inner.max() < 110


@pytest.mark.parametrize("side", [64, 300])
def test_a_plain_colour_keeps_its_value_at_any_size(side: int) -> None:
    found = TRANSFORM(np.full((1, side, side, 3), 77, np.uint8))
    assert found.shape == (1, 3, 224, 224)
    assert torch.equal(found[0, 1], torch.full((224, 224), 77.0))


def test_pixels_are_left_as_they_were() -> None:
    pixels = np.full((1, 224, 224, 3), 9, np.uint8)
    pixels.setflags(write=False)
    TRANSFORM(pixels)
    assert (pixels == 9).all()
