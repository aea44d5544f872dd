"""What users bring to adapt a model to: a vector layer with a text field, over a raster."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError
from tqdm import tqdm

from msa_model.adapt.own_data import LeftOut, OwnData, OwnPair, check_enough, nearest_names
from msa_model.files.folders import writing
from msa_model.files.replacing import replacing
from msa_model.model.text import tidy
from msa_model.protocol.errors import BadArgument, MsaError
from msa_model.raster.aoi import vector_name
from msa_model.raster.grid import TILE, choose_factors
from msa_model.raster.source import RasterSource
from msa_model.raster.tiles import mapped

LEAST_VALID = 0.5  # share of a chip that has data

_MARK, _MADE = "Software", "MSA Search training chip"


@dataclass(frozen=True)
class Feature:
    """One feature: its number in the layer, its text, and its bounds in raster pixels [4] (nan: nowhere)."""

    number: int
    text: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Layer:
    """A vector file, the name of its text field, and the side of chips in metres (None: as they need)."""

    path: str
    field: str
    scale_m: float | None = None


def cut_chips(raster: RasterSource, layer: Layer, folder: Path) -> OwnData:
    """A square chip around every feature that has a text and lies on the raster, written as PNG to `folder`.

    A chip's side is that of the feature's bounds, at least `scale_m`, at least a search tile of the raster's
    finest scale. Features outside, without text or mostly without data are left out.

    Raises:
        layer_unusable: no vector file, no such field, no CRS, or no feature that can be used.
        BadArgument: points without a scale, or a scale that is no positive number.
        too_few_pairs: see `check_enough`.
        FileNotOurs: a picture of a chip's name is none.
        DiskFull, storage_failed, folder_read_only: the folder.
    """
    features = _read_features(raster, layer)
    least = _least_side(raster, layer.scale_m)
    pairs: list[OwnPair] = []
    left_out: list[LeftOut] = []
    for feature in tqdm(features, desc="chips", leave=False):
        reason = _unusable(raster, feature) or _cut(raster, feature, least, _chip(folder, feature))
        if reason:
            left_out.append(LeftOut(_origin(feature), reason))
        else:
            pairs.append(OwnPair(_chip(folder, feature), feature.text, _origin(feature)))
    if not pairs:
        reasons = ", ".join(dict.fromkeys(item.reason for item in left_out)) or "it has no features"
        raise MsaError.of(
            "layer_unusable", f"No feature of {layer.path} can be used with {raster.path}: {reasons}."
        )
    return OwnData(check_enough(pairs, layer.path), tuple(left_out))


def _origin(feature: Feature) -> str:
    return f"feature {feature.number}"


def _chip(folder: Path, feature: Feature) -> Path:
    return folder / f"{feature.number}.png"


def _unusable(raster: RasterSource, feature: Feature) -> str:
    """Why no chip can be cut, or nothing."""
    if not feature.text:
        return "the text is empty"
    x0, y0, x1, y1 = feature.box
    if not (x1 >= 0 and y1 >= 0 and x0 <= raster.width and y0 <= raster.height):  # also where any is nan
        return "it lies outside the raster"
    return ""


def _cut(raster: RasterSource, feature: Feature, least: float, chip: Path) -> str:
    """Write the chip; why not, where it has too little data."""
    x0, y0, x1, y1 = feature.box
    side = max(x1 - x0, y1 - y0, least)
    start = (
        _inside((x0 + x1 - side) / 2, side, raster.width),
        _inside((y0 + y1 - side) / 2, side, raster.height),
    )
    tile = raster.read_window(*start, side)
    if tile.valid < LEAST_VALID:
        return "most of it has no data"
    with writing(chip):
        chip.parent.mkdir(parents=True, exist_ok=True)
    with replacing(chip, is_own_chip) as part:
        picture, info = Image.fromarray(tile.rgb), PngInfo()
        info.add_text(_MARK, _made(picture))
        picture.save(part, "PNG", pnginfo=info)
    return ""


def is_own_chip(path: Path) -> bool:
    """Whether a picture says that it is a training chip, and its pixels are as they were."""
    try:
        with Image.open(path, formats=("PNG",)) as picture:
            return picture.info.get(_MARK) == _made(picture)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False


def _made(picture: Image.Image) -> str:
    """What a chip says of itself."""
    pixels = repr((picture.mode, picture.size)).encode() + picture.tobytes()
    return f"{_MADE} {hashlib.sha256(pixels).hexdigest()}"


def _inside(start: float, side: float, size: int) -> float:
    """Where a window starts that is moved onto the raster, as far as it fits."""
    return float(min(max(start, 0.0), size - side)) if side <= size else (size - side) / 2


def _least_side(raster: RasterSource, scale_m: float | None) -> float:
    """In raster pixels: a tile of the scale, else of the finest one that a search would use."""
    scales = () if scale_m is None else (scale_m,)
    return float(TILE * choose_factors(raster.gsd_m, raster.width, raster.height, scales)[0])


def _read_features(raster: RasterSource, layer: Layer) -> list[Feature]:
    name, field = _find_field(layer)
    meta, numbers, shapes, (values,) = pyogrio.raw.read(
        vector_name(layer.path), layer=name, columns=[field], force_2d=True, return_fids=True
    )
    if not meta["crs"]:
        raise MsaError.of("layer_unusable", f"{layer.path} does not say which CRS its coordinates are in.")
    boxes = _boxes(raster, layer, shapely.from_wkb(shapes), str(meta["crs"]))
    return [
        Feature(int(number), _text(value), (float(x0), float(y0), float(x1), float(y1)))
        for number, value, (x0, y0, x1, y1) in zip(numbers, values, boxes, strict=True)
    ]


def _find_field(layer: Layer) -> tuple[str, str]:
    """The first layer of the file that has the field, and the field's name as it stands there."""
    names: list[str] = []
    try:
        file = vector_name(layer.path)
        for name, _ in pyogrio.list_layers(file):
            fields = [str(field) for field in pyogrio.read_info(file, layer=name)["fields"]]
            for field in fields:
                if field.lower() == layer.field.lower():
                    return str(name), field
            names += fields
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise MsaError.of("layer_unusable", f"{layer.path} is no vector file: {error}") from error
    near = nearest_names(layer.field, names)
    raise MsaError.of(
        "layer_unusable", f"{layer.path} has no field '{layer.field}'. The nearest of its fields: {near}."
    )


def _boxes(raster: RasterSource, layer: Layer, shapes: NDArray[np.object_], crs: str) -> NDArray[np.float64]:
    """Bounds in raster pixels [n, 4] (x0, y0, x1, y1); nan for what has no shape or no place in the CRS."""
    bounds = shapely.bounds(shapes)  # [n, 4] in the layer's CRS
    if layer.scale_m is None and np.any((bounds[:, 0] == bounds[:, 2]) & (bounds[:, 1] == bounds[:, 3])):
        raise BadArgument(f"{layer.path} holds points: say with --scale how many metres a chip is wide.")
    to_pixels = ~raster.transform
    transformer = _transformer(layer, crs, raster.crs)
    boxes = np.full((len(shapes), 4), np.nan)
    for i, shape in enumerate(shapes):
        if shape is not None and not shape.is_empty:
            xy = np.column_stack(transformer.transform(*shapely.get_coordinates(shape).T))
            pixels = mapped(to_pixels, xy)
            boxes[i] = *pixels.min(axis=0), *pixels.max(axis=0)
    return np.where(np.isfinite(boxes).all(axis=1, keepdims=True), boxes, np.nan)


def _transformer(layer: Layer, source: str, target: str) -> Transformer:
    try:
        return Transformer.from_crs(CRS.from_user_input(source), target, always_xy=True)
    except ProjError as error:
        raise MsaError.of(
            "layer_unusable", f"{layer.path} has a CRS that PROJ does not know: {error}"
        ) from error


def _text(value: object) -> str:
    """What a field says; nothing for its empty values."""
    return "" if value is None or value != value else tidy(str(value))  # noqa: PLR0124  (nan)
