from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from msa_model.cli.main import main
from msa_model.measure.dataset import read_dataset, read_pixels, read_split, with_classes
from msa_model.model.encoder import Encoder
from msa_model.protocol.errors import DatasetUnreadable
from msa_model.protocol.messages import ScanSettings
from msa_model.research.commands import evaluate
from msa_model.research.evaluate.scenes import Scene, evaluate_scenes, made_scenes, read_scenes

MakeRaster = Callable[..., Path]
FINE = ScanSettings(scales_m=(256.0,))


class RednessEncoder:
    """How red a tile is, for whatever text."""

    dimension = 2

    def encode_tiles(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        red = pixels[..., 0].mean(axis=(1, 2)) / 255
        return np.stack((red, np.sqrt(1 - red**2)), axis=1).astype(np.float32)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.tile(np.array([1, 0], np.float32), (len(texts), 1))


def square(x0: float, y0: float, side: float) -> tuple[tuple[float, float], ...]:
    return (x0, y0), (x0 + side, y0), (x0 + side, y0 + side), (x0, y0 + side)


def with_red_square(
    side: int = 2048, at: tuple[int, int] = (1280, 512), size: int = 384
) -> NDArray[np.uint8]:
    values = np.full((3, side, side), 60, np.uint8)
    x, y = at
    values[0, y : y + size, x : x + size] = 250
    return values


def test_a_scene_is_localised_through_tiles_and_heat_map(make_raster: MakeRaster) -> None:
    image = make_raster(with_red_square())
    right, wrong = (
        Scene(image, "red", (square(1280, 512, 384),)),
        Scene(image, "red", (square(128, 1500, 384),)),
    )
    found, missed = evaluate_scenes(RednessEncoder(), [right, wrong], FINE).scenes
    assert (found.figures.rda, missed.figures.rda) == (1.0, 0.0)
    assert found.figures.ras < 0.1
    assert found.figures.rmi > 0.8
    assert missed.figures.rmi < 0.2


def test_the_mean_is_over_scenes_and_images_keep_their_order(make_raster: MakeRaster) -> None:
    one, other = (
        make_raster(with_red_square(), "one.tif"),
        make_raster(with_red_square(at=(256, 256)), "two.tif"),
    )
    here, there = (square(1280, 512, 384),), (square(256, 256, 384),)
    scenes = [Scene(one, "a", here), Scene(other, "b", there), Scene(one, "c", there)]
    result = evaluate_scenes(RednessEncoder(), scenes, FINE)
    assert [scene.query for scene in result.scenes] == ["a", "b", "c"]
    figures = [scene.figures.rmi for scene in result.scenes]
    assert min(figures[:2]) > 0.8
    assert figures[2] < 0.2
    assert result.mean.rmi == pytest.approx(np.mean(figures))


def test_a_picture_without_a_place_is_put_somewhere(tmp_path: Path) -> None:
    Image.fromarray(with_red_square().transpose(1, 2, 0)).save(tmp_path / "plain.png")
    scene = Scene(tmp_path / "plain.png", "red", (square(1280, 512, 384),))
    result = evaluate_scenes(RednessEncoder(), [scene], FINE)
    assert result.mean.rda == 1.0
    assert result.mean.rmi > 0.8


def test_the_figures_do_not_change_with_the_resolution_of_the_image(make_raster: MakeRaster) -> None:
    """Twice the pixels of half the size: the same tiles in metres."""
    values = with_red_square()
    half = make_raster(values, "1m.tif")
    affine = {"transform": __import__("affine").Affine(0.5, 0, 500_000, 0, -0.5, 5_000_000)}
    full = make_raster(values.repeat(2, axis=1).repeat(2, axis=2), "50cm.tif", **affine)
    scenes = [Scene(half, "red", (square(1280, 512, 384),)), Scene(full, "red", (square(2560, 1024, 768),))]
    one, other = (scene.figures for scene in evaluate_scenes(RednessEncoder(), scenes, FINE).scenes)
    assert (one.rsu, one.ras, one.rda) == pytest.approx((other.rsu, other.ras, other.rda), abs=0.02)


def test_the_pixel_rule_smooths_and_looks_in_pixels(make_raster: MakeRaster) -> None:
    scene = Scene(make_raster(with_red_square(1280, (640, 256))), "red", (square(640, 256, 384),))
    by_pixel = evaluate_scenes(RednessEncoder(), [scene], FINE, pixel_rule=True)
    assert by_pixel.rule == "pixel"
    assert by_pixel.mean.rda == 1.0
    assert by_pixel.mean != evaluate_scenes(RednessEncoder(), [scene], FINE).mean


def write_scenes(folder: Path, *records: object) -> Path:
    file = folder / "scenes.json"
    file.write_text(json.dumps(records), encoding="utf-8")
    return file


def test_the_names_of_the_published_set_are_understood(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "0.jpg")
    ring = [[1.5, 1], [6, 1], [6, 6]]
    published = {"jpg_name": "0.jpg", "caption": "a pond .\n", "points": [ring]}
    ours = {"image": "0.jpg", "query": "a pond .", "polygons": [ring], "gsd_m": 0.5}
    first, second = read_scenes(write_scenes(tmp_path, published, ours), tmp_path)
    assert (first.query, first.polygons, first.gsd_m) == (second.query, second.polygons, 1.0)
    assert second.gsd_m == 0.5


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"image": "gone.png"}, r"scene 1: there is no image .*gone\.png"),
        ({"query": "  "}, "scene 1: the query is empty"),
        ({"polygons": []}, "has no polygon"),
        ({"polygons": [[[0, 0], [4, 4]]]}, "fewer than three corners"),
        ({"polygons": 7}, "no list of scenes"),
        ({"gsd_m": 0}, "a pixel of 0.0 m"),
    ],
)
def test_a_scene_that_is_none_is_named(tmp_path: Path, change: dict[str, object], reason: str) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "0.png")
    record = {"image": "0.png", "query": "a pond", "polygons": [[[0, 0], [4, 0], [4, 4]]]}
    with pytest.raises(DatasetUnreadable, match=reason):
        read_scenes(write_scenes(tmp_path, record | change), tmp_path)


@pytest.mark.parametrize("text", ["{", "{}", "[3]", "[]"])
def test_a_file_without_scenes_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "scenes.json").write_text(text, encoding="utf-8")
    with pytest.raises(DatasetUnreadable, match=r"scenes\.json"):
        read_scenes(tmp_path / "scenes.json", tmp_path)


def test_a_polygon_beyond_the_image_is_named(make_raster: MakeRaster) -> None:
    scene = Scene(make_raster(with_red_square(512, (0, 0))), "red", (square(600, 10, 50),))
    with pytest.raises(DatasetUnreadable, match=r"polygon of 'red' lies outside scene\.tif"):
        evaluate_scenes(RednessEncoder(), [scene], FINE)


def test_the_command_prints_each_scene_and_the_mean(
    make_raster: MakeRaster, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(evaluate, "load_encoder", lambda args: RednessEncoder())
    image = make_raster(with_red_square())
    record = {"image": image.name, "query": "red", "polygons": [square(1280, 512, 384)]}
    file = write_scenes(image.parent, record)
    main(["evaluate", str(file), "--scenes", "--scales", "256", "--markdown"])
    assert "| scene.tif | red |" in capsys.readouterr().out
    main(["evaluate", str(file), "--scenes", "--scales", "256", "--json"])
    result = json.loads(capsys.readouterr().out)
    assert (result["rule"], len(result["scenes"])) == ("tile", 1)
    assert result["mean"]["rmi"] > 0.8


def test_the_command_lays_out_scenes_of_a_folder_and_measures_as_many_as_the_limit_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(evaluate, "load_encoder", lambda args: RednessEncoder())
    write_classes(tmp_path)
    asked = ["evaluate", str(tmp_path / "set"), "--scenes", "--scales", "256"]
    assert main([*asked, "--limit", "1"]) == 0
    assert "1 scenes, 2 queries, Rmi" in capsys.readouterr().out
    assert main([*asked, "--limit", "2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["scenes"]
    assert len({scene["image"] for scene in told}) == 2
    assert len(told) == 4
    assert main([*asked, "--limit", "0"]) == 1
    assert "--limit must be at least 1, not 0." in capsys.readouterr().err


@pytest.mark.shared
@pytest.mark.slow
def test_the_shipped_model_localises_a_class_in_a_mosaic_of_validation_tiles(
    shared_data: Path, make_raster: MakeRaster, encoder: Encoder
) -> None:
    """Six by six validation images of UCM; the tennis courts lie together, and so do the harbours."""
    folder = shared_data / "data" / "ucm"
    rows = read_split(folder / "dataset_ucm.json", folder / "images", "val")
    of = {label: [r.path for r in rows if r.label == label] for label in {r.label for r in rows}}
    others = [
        of[label][i] for i in range(6) for label in ("agricultural", "forest", "river", "chaparral", "beach")
    ]
    grid = np.resize(np.array(others, object), (6, 6))
    grid[0:2, 0:2] = np.resize(np.array(of["tenniscourt"], object), (2, 2))
    grid[4:6, 3:5] = np.resize(np.array(of["harbor"], object), (2, 2))
    tiles = [[np.asarray(Image.fromarray(read_pixels(p)).resize((256, 256))) for p in line] for line in grid]
    image = make_raster(np.vstack([np.hstack(line) for line in tiles]).transpose(2, 0, 1))
    courts, boats = (square(0, 0, 512),), (square(768, 1024, 512),)
    right = [Scene(image, "tennis courts", courts), Scene(image, "boats in a harbour", boats)]
    wrong = [Scene(image, "tennis courts", boats), Scene(image, "boats in a harbour", courts)]
    found = [scene.figures.rmi for scene in evaluate_scenes(encoder, [*right, *wrong], FINE).scenes]
    assert min(found[:2]) > max(found[2:]) + 0.3, found


def write_classes(folder: Path) -> dict[str, tuple[int, int, int]]:
    """A data set of one image a class, `set`, and the classes' colours."""
    colours = {"reds": (200, 0, 0), "greens": (0, 200, 0), "blues": (0, 0, 200), "greys": (90, 90, 90)}
    for label, colour in colours.items():
        (folder / "set" / label).mkdir(parents=True)
        Image.new("RGB", (64, 64), colour).save(folder / "set" / label / "a.png")
    return colours


def test_scenes_are_laid_out_from_labelled_images(tmp_path: Path) -> None:
    colours = write_classes(tmp_path)
    rows = with_classes(read_dataset(tmp_path / "set", tmp_path / "set"))
    scenes = made_scenes(rows, {"reds": ("something red",)}, 0, tmp_path)
    assert len(scenes) == 2 * len(colours)
    assert "something red" in {scene.query for scene in scenes}
    for scene in scenes:
        label = "reds" if scene.query == "something red" else scene.query
        pixels = read_pixels(scene.image)
        there = (pixels == colours[label]).all(axis=-1)
        ((x0, y0), _, (x1, y1), _) = ((int(x), int(y)) for x, y in scene.polygons[0])
        assert there[y0:y1, x0:x1].all()
        assert there.sum() == (y1 - y0) * (x1 - x0)
    assert made_scenes(rows, {}, 0, tmp_path)[0].polygons == scenes[0].polygons
