"""Views of training images."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from msa_model.model.transform import in_symmetry
from msa_model.research.train.augment import Augmentation, View, draw_view, render, scene_of
from tests.model.research.training_sets import make_images

STILL = Augmentation(symmetries=False, crop_share=0.0, colour_share=0.0)
IMAGES = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (2, 3, 32, 32), dtype=np.uint8))


def draw(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  (no secret)


def test_the_eight_symmetries_of_a_square() -> None:
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    assert len({in_symmetry(pixels, number).tobytes() for number in range(8)}) == 8
    assert np.array_equal(in_symmetry(pixels, 0), pixels)
    assert np.array_equal(in_symmetry(pixels, 4), pixels[:, ::-1])


@pytest.mark.parametrize("number", range(8))
def test_a_view_is_turned_as_pixels_are(number: int) -> None:
    shown = render(IMAGES, [View(symmetry=number)] * 2)
    for image, view in zip(IMAGES, shown, strict=True):
        assert np.array_equal(view.permute(1, 2, 0), in_symmetry(image.permute(1, 2, 0).numpy(), number))


@given(st.integers(0, 10**6))
def test_crops_keep_inside_the_image_and_the_same_draw_gives_the_same_view(seed: int) -> None:
    options = Augmentation(crop=(0.5, 0.75), crop_share=1.0, cast=0.1, coarse_share=0.5)
    view = draw_view(draw(seed), options)
    assert view == draw_view(draw(seed), options)
    assert 0.5 <= view.side <= 0.75
    assert max(abs(view.x), abs(view.y)) <= 1 - view.side
    assert all(0.9 <= factor <= 1.1 for factor in view.cast)


def test_a_crop_shows_its_part_of_the_image_larger() -> None:
    shown = render(IMAGES, [View(side=0.5, x=-0.5, y=0.5)] * 2)  # the lower left quarter
    quarter = IMAGES[:, :, 16:, :16].float()
    assert shown.shape == IMAGES.shape
    means = torch.nn.functional.avg_pool2d(shown.float(), 2)
    assert float((means - quarter).abs().mean()) < 0.5 * float(quarter.std())


def test_nothing_is_augmented_where_nothing_is_asked_for() -> None:
    assert draw_view(draw(1), STILL) == View()
    assert torch.equal(render(IMAGES, [View(), View()]), IMAGES)


@pytest.mark.parametrize("number", range(3))
def test_a_colour_cast_is_that_of_its_channel_alone(number: int) -> None:
    cast = tuple(0.5 if channel == number else 1.0 for channel in range(3))
    shown = render(IMAGES, [View(cast=cast), View()])  # type: ignore[arg-type]
    assert torch.equal(shown[1], IMAGES[1])
    ratio = shown[0].float().mean(dim=(1, 2)) / IMAGES[0].float().mean(dim=(1, 2))
    assert ratio.tolist() == pytest.approx(list(cast), abs=0.01)


def test_a_coarser_view_has_less_detail_and_the_same_size() -> None:
    shown = render(IMAGES, [View(kept=0.35), View()])
    assert shown.shape == IMAGES.shape
    assert float(shown[0].float().std()) < 0.7 * float(IMAGES[0].float().std())
    assert torch.equal(shown[1], IMAGES[1])
    assert draw_view(draw(0), replace(STILL, coarse_share=1.0)).kept < 1


def test_a_small_image_becomes_a_scene_of_its_class(tmp_path: Path) -> None:
    make_images(tmp_path)
    alike = sorted((tmp_path / "images").glob("blue_*.png"))
    scene = scene_of([alike[number % len(alike)] for number in range(9)])
    assert scene.shape == (192, 192, 3)
    assert (scene.reshape(-1, 3).mean(axis=0).argmax()) == 2
