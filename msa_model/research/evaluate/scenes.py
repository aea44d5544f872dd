"""Semantic localisation measured through the product's own tiles and heat map."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from msa_model.index.heatmap import NODATA, cell_px, mean_scores
from msa_model.index.rank import cosines
from msa_model.measure.dataset import DatasetImage, read_tile
from msa_model.measure.evaluation import TileTextEncoder
from msa_model.measure.mosaics import SceneTiles, encode_scene
from msa_model.measure.subjects import Phrases, class_name, known, read_labels
from msa_model.protocol.errors import DatasetUnreadable
from msa_model.protocol.messages import ScanSettings
from msa_model.raster.grid import TILE
from msa_model.research.evaluate.selo import (
    PIXEL_RULE,
    Localisation,
    Polygon,
    localise,
    mean_localisation,
    relative_rule,
)

_LEAST_CORNERS = 3
SIDE, _REGION = 8, 2  # images along a scene that is laid out, and along what shows a class in it


@dataclass(frozen=True)
class Scene:
    """A query and the polygons where it is seen, (column, row) in pixels of the image.

    `gsd_m`: ground size of a pixel, for an image that is not georeferenced.
    """

    image: Path
    query: str
    polygons: tuple[Polygon, ...]
    gsd_m: float = 1.0


@dataclass(frozen=True)
class SceneResult:
    """The figures of one scene."""

    image: str
    query: str
    figures: Localisation


@dataclass(frozen=True)
class SceneEvaluation:
    """The mean over scenes, and each; `rule` says what the windows follow: "tile" or "pixel"."""

    mean: Localisation
    rule: str
    scenes: tuple[SceneResult, ...]


def read_scenes(file: Path, images: Path) -> tuple[Scene, ...]:
    """Scenes of a JSON list of {"image", "query", "polygons": [[[x, y], …], …], "gsd_m"?}.

    The names of AIR-SLT ("jpg_name", "caption", "points") are understood as well.

    Raises:
        DatasetUnreadable: not such a file, an image that is missing, a query or polygon that is none.
    """
    try:
        records = json.loads(file.read_text(encoding="utf-8"))
        scenes = tuple(_parse(record, images) for record in records)
    except OSError as error:
        raise DatasetUnreadable(f"The scenes {file} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DatasetUnreadable(f"{file} is no list of scenes ({error!r}).") from error
    if not scenes:
        raise DatasetUnreadable(f"{file} lists no scene.")
    for number, scene in enumerate(scenes, start=1):
        _check(scene, f"{file.name}, scene {number}")
    return scenes


def evaluate_scenes(
    encoder: TileTextEncoder, scenes: Sequence[Scene], settings: ScanSettings, *, pixel_rule: bool = False
) -> SceneEvaluation:
    """Each image is cut into the tiles that a scan would make, once for all its queries.

    Raises:
        RasterUnreadable: an image cannot be decoded.
        DatasetUnreadable: a polygon lies outside its image.
    """
    by_image: dict[tuple[Path, float], list[int]] = defaultdict(list)
    for number, scene in enumerate(scenes):
        by_image[scene.image, scene.gsd_m].append(number)
    figures: dict[int, Localisation] = {}
    for (image, gsd_m), numbers in tqdm(by_image.items(), desc="scenes", leave=False):
        tiles = encode_scene(encoder, image, gsd_m, settings)
        for number in numbers:
            figures[number] = _measure(encoder, tiles, scenes[number], pixel_rule)
    results = [SceneResult(s.image.name, s.query, figures[i]) for i, s in enumerate(scenes)]
    mean = mean_localisation([result.figures for result in results])
    return SceneEvaluation(mean, "pixel" if pixel_rule else "tile", tuple(results))


def made_scenes(rows: Sequence[DatasetImage], phrases: Phrases, seed: int, folder: Path) -> tuple[Scene, ...]:
    """Scenes laid out from labelled images, as PNGs in `folder`: as many as classes, two queries each.

    A scene is a square of `SIDE`² images. Two squares of `_REGION`² of them show a class each; the others
    are images of classes that cannot show either. The first short phrase of a class asks for it.
    """
    labels = sorted({row.label for row in rows if row.label})
    by_label = {label: [row for row in rows if row.label == label] for label in labels}
    table, draw = known(by_label, read_labels()), np.random.default_rng(seed)
    order = [str(label) for label in draw.permutation(labels)]
    scenes: list[Scene] = []
    for number, pair in enumerate(zip(order, [*order[1:], order[0]], strict=True)):
        if any(table[one].subject in table[other].shows for one, other in (pair, pair[::-1])):
            continue
        others = [own for own in labels if not {table[label].subject for label in pair} & table[own].shows]
        cells = np.asarray(draw.choice(others, (SIDE, SIDE)), object)
        corners = _corners(draw)
        for label, (row, col) in zip(pair, corners, strict=True):
            cells[row : row + _REGION, col : col + _REGION] = label
        image = folder / f"scene-{number}.png"
        Image.fromarray(_mosaic(cells, by_label, draw)).save(image)
        scenes += [
            Scene(image, phrases.get(label, (class_name(label),))[0], (_square(*corner),))
            for label, corner in zip(pair, corners, strict=True)
        ]
    return tuple(scenes)


def of_first_images(scenes: Sequence[Scene], limit: int | None) -> tuple[Scene, ...]:
    """The scenes of so many images, all of them without a limit."""
    images = list(dict.fromkeys(scene.image for scene in scenes))[:limit]
    return tuple(scene for scene in scenes if scene.image in images)


def _corners(draw: np.random.Generator) -> list[tuple[int, int]]:
    """Where two regions begin that do not touch: one in the left half, one in the right one."""
    half = SIDE // 2
    rows = draw.integers(0, SIDE - _REGION + 1, 2).tolist()
    cols = draw.integers(0, half - _REGION, 2).tolist()
    return [(rows[0], cols[0]), (rows[1], half + 1 + cols[1])]


def _square(row: int, col: int) -> Polygon:
    x, y, side = col * TILE, row * TILE, _REGION * TILE
    return (x, y), (x + side, y), (x + side, y + side), (x, y + side)


def _mosaic(
    cells: NDArray[np.object_], by_label: Mapping[str, Sequence[DatasetImage]], draw: np.random.Generator
) -> NDArray[np.uint8]:
    lines = []
    for line in cells:
        chosen = [by_label[label][int(draw.integers(len(by_label[label])))] for label in line]
        lines.append(np.concatenate([read_tile(row.path) for row in chosen], axis=1))
    return np.concatenate(lines)


def _measure(encoder: TileTextEncoder, tiles: SceneTiles, scene: Scene, pixel_rule: bool) -> Localisation:
    manifest, keys = tiles.manifest, tiles.keys
    frame = shapely.box(0, 0, manifest.width, manifest.height)
    if not all(shapely.intersects(frame, shapely.polygons(polygon)) for polygon in scene.polygons):
        raise DatasetUnreadable(f"A polygon of '{scene.query}' lies outside {scene.image.name}.")
    cell = cell_px(manifest, keys)
    query = encoder.encode_texts([scene.query])[0]
    scores = mean_scores(manifest, keys, cosines(tiles.vectors, query), cell).astype(np.float64)
    scores[scores == NODATA] = scores[scores != NODATA].min()
    if pixel_rule:
        pixels = scores.repeat(cell, axis=0).repeat(cell, axis=1)[: manifest.height, : manifest.width]
        return localise(pixels, scene.polygons, PIXEL_RULE)
    finest = int(keys[:, 0].min())
    polygons = [[(x / cell, y / cell) for x, y in polygon] for polygon in scene.polygons]
    return localise(scores, polygons, relative_rule(TILE * finest / cell))


def _parse(record: dict[str, Any], images: Path) -> Scene:
    rings = record["polygons"] if "polygons" in record else record["points"]
    return Scene(
        image=images / str(record["image"] if "image" in record else record["jpg_name"]),
        query=str(record["query"] if "query" in record else record["caption"]).strip(),
        polygons=tuple(tuple((float(x), float(y)) for x, y in ring) for ring in rings),
        gsd_m=float(record.get("gsd_m", 1.0)),
    )


def _check(scene: Scene, place: str) -> None:
    if not scene.image.is_file():
        raise DatasetUnreadable(f"{place}: there is no image {scene.image}.")
    if not scene.query:
        raise DatasetUnreadable(f"{place}: the query is empty.")
    if not scene.polygons or min(map(len, scene.polygons)) < _LEAST_CORNERS:
        raise DatasetUnreadable(
            f"{place}: '{scene.query}' has no polygon, or one of fewer than three corners."
        )
    if not scene.gsd_m > 0:
        raise DatasetUnreadable(f"{place}: a pixel of {scene.gsd_m} m is none.")
