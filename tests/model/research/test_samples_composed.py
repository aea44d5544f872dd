"""Scenes of several classes, with captions that tell what is in them."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from msa_model.research.train.samples import Sample, compose, draw_cells, generator_of

NAMES = {
    "river": ("river", "stream"),
    "pier": ("pier",),
    "dunes": ("sand dunes",),
    "farm": ("fields", "farm"),
}
SAMPLES = [
    Sample(Path(f"{label}_{number}.jpg"), (), label, NAMES[label], source="made")
    for label in NAMES
    for number in range(5)
]


@given(st.integers(0, 1000))
def test_a_caption_names_every_class_of_the_scene_and_no_other(seed: int) -> None:
    (scene,) = compose(SAMPLES, NAMES, 1, seed)
    shown = {path.name.split("_")[0] for images in scene.cells for path in images}
    assert len(scene.cells) == 4
    assert 2 <= len(shown) <= 3
    for caption in scene.captions:
        told = {label for label, names in NAMES.items() if any(name in caption for name in names)}
        assert told == shown
        assert not {"left", "right"} & set(caption.split())
    assert set(scene.phrases) == {phrase for label in shown for phrase in NAMES[label]}


def test_each_cell_is_drawn_anew_from_its_class_and_a_view_is_always_the_same() -> None:
    (scene,) = compose(SAMPLES, NAMES, 1)
    drawn = [tuple(draw_cells(scene, generator_of(scene, str(view)))) for view in range(20)]
    assert len(set(drawn)) > 10
    assert drawn[3] == tuple(draw_cells(scene, generator_of(scene, "3")))
    assert all(path in images for cells in drawn for path, images in zip(cells, scene.cells, strict=True))


def test_too_few_classes_give_no_scene() -> None:
    assert compose(SAMPLES[:10], NAMES, 5) == []
