"""What users bring to adapt a model to: a folder of tiles and a table that captions them.

Tiles of a user's own rasters to learn from, and others to see what was learnt.
"""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from msa_model.measure.dataset import read_pixels
from msa_model.model.text import tidy
from msa_model.protocol.errors import DatasetUnreadable, MsaError
from msa_model.protocol.messages import RasterRef, ScanSettings
from msa_model.raster.grid import Keys
from msa_model.raster.source import RasterSource
from msa_model.raster.tiles import plan_tiles, read_tiles, tile_boxes

FILE_COLUMNS = ("file", "filename", "file_name", "image", "image_path", "path", "tile")
CAPTION_COLUMNS = ("caption", "captions", "text", "description", "label", "sentence")
DELIMITERS = ",;\t|"
FEWEST_IMAGES = 20


@dataclass(frozen=True)
class OwnPair:
    """An image file, a text for it, and where that stands: 'line 7' of a table, 'feature 7' of a layer."""

    path: Path
    caption: str
    origin: str


@dataclass(frozen=True)
class LeftOut:
    """What was not used, and why."""

    origin: str
    reason: str


@dataclass(frozen=True)
class OwnData:
    """The pairs that can be used, each once, and what was left out."""

    pairs: tuple[OwnPair, ...]
    left_out: tuple[LeftOut, ...]


def read_captions(table: Path, images: Path) -> OwnData:
    """The pairs of a CSV table with a header; paths in it are relative to the folder `images`.

    Comma, semicolon, tab or bar may separate; an image may have several lines; repeated lines count once.

    Raises:
        DatasetUnreadable: the table has no lines, no such columns or is not UTF-8, or an image is missing.
        too_few_pairs: see `check_enough`.
    """
    pairs, empty, missing = [], [], []
    for line, name, caption in _lines(table):
        if not tidy(caption):
            empty.append(LeftOut(f"line {line}", "the caption is empty"))
        elif not name or not (images / name).is_file():
            missing.append((line, name))
        else:
            pairs.append(OwnPair(images / name, tidy(caption), f"line {line}"))
    if missing:
        line, name = missing[0]
        others = f" ({len(missing) - 1} more lines name missing images)" if len(missing) > 1 else ""
        raise DatasetUnreadable(f"{table.name}, line {line}: there is no image '{name}' in {images}{others}.")
    return OwnData(check_enough(pairs, str(table)), tuple(empty))


def check_enough(pairs: Sequence[OwnPair], source: str) -> tuple[OwnPair, ...]:
    """The pairs without repetitions.

    Raises:
        too_few_pairs: they show fewer than 20 images, or all have the same text.
    """
    first: dict[tuple[Path, str], OwnPair] = {}
    for pair in pairs:
        first.setdefault((pair.path, pair.caption), pair)
    distinct = tuple(first.values())
    images = len({pair.path for pair in distinct})
    if images < FEWEST_IMAGES:
        raise MsaError.of(
            "too_few_pairs",
            f"{source} gives {images} captioned images; adapting needs at least {FEWEST_IMAGES}.",
        )
    if len({pair.caption for pair in distinct}) == 1:
        raise MsaError.of(
            "too_few_pairs", f"All images of {source} have the same text, '{distinct[0].caption}'."
        )
    return distinct


def read_pair_pixels(pair: OwnPair) -> NDArray[np.uint8]:
    """The image of a pair as RGB uint8 [h, w, 3].

    Raises:
        DatasetUnreadable: it cannot be decoded; the sentence says where it is listed.
    """
    try:
        return read_pixels(pair.path)
    except DatasetUnreadable as error:
        raise DatasetUnreadable(f"{pair.origin}: {error.sentence}") from error


def nearest_names(wanted: str, names: Sequence[str]) -> str:
    """At most three of `names`, the nearest to `wanted` first, for a sentence."""
    by_lower = {name.lower(): name for name in names}
    near = difflib.get_close_matches(wanted.lower(), list(by_lower), n=3, cutoff=0.0)
    return ", ".join(f"'{by_lower[name]}'" for name in near) or "none"


def _lines(table: Path) -> Iterator[tuple[int, str, str]]:
    """Line number, image name and caption of every row that has any text."""
    text = _decoded(table)
    header = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=header.count))
    try:
        columns: tuple[int, int] | None = None
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if columns is None:
                columns = _columns(table, row)
                continue
            name, caption = (row[i].strip() if i < len(row) else "" for i in columns)
            yield reader.line_num, name, caption
    except csv.Error as error:
        raise DatasetUnreadable(f"{table.name}, line {reader.line_num}: {error}.") from error
    if columns is None:
        raise DatasetUnreadable(f"{table} is empty.")


def _columns(table: Path, header: Sequence[str]) -> tuple[int, int]:
    names = [cell.strip().lower() for cell in header]
    found = []
    for kind, known in (("image", FILE_COLUMNS), ("caption", CAPTION_COLUMNS)):
        column = next((names.index(name) for name in known if name in names), None)
        if column is None:
            raise DatasetUnreadable(
                f"{table.name} has no {kind} column: name one '{known[0]}' (or {', '.join(known[1:])}). "
                f"The nearest of its columns: {nearest_names(known[0], [c.strip() for c in header])}."
            )
        found.append(column)
    return found[0], found[1]


def _decoded(table: Path) -> str:
    try:
        data = table.read_bytes()
    except OSError as error:
        raise DatasetUnreadable(f"The captions {table} cannot be read: {error.strerror}.") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DatasetUnreadable(f"{table.name}, line {line}: this is not UTF-8 text.") from error


HELD_OUT = 0.15  # of a raster's longer side
LEAST_VALID = 0.5  # share of a tile that has data
AT_ONCE = 16

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class OwnTiles:
    """RGB tiles uint8 [n, 256, 256, 3], and which of them are held out [n]."""

    pixels: NDArray[np.uint8]
    held_out: Flags


def own_tiles(raster: RasterRef, most: int, seed: int) -> Iterator[OwnTiles]:
    """At most `most` tiles of a raster as a search would cut it, in batches, always the same for a seed.

    Held out is the far end of the raster: no tile of it shares a pixel with one that is learnt from.

    Raises:
        RasterMissing, RasterUnreadable: the raster.
    """
    with RasterSource.open(raster) as source:
        keys = plan_tiles(source, ScanSettings(), None).keys
        held_out, apart = _far_end(keys, source.width, source.height)
        chosen = _drawn(np.flatnonzero(apart), most, seed)
        far = {tuple(key) for key in keys[chosen[held_out[chosen]]].tolist()}
        for batch in read_tiles(source, keys[chosen], AT_ONCE):
            keep = batch.valid >= LEAST_VALID
            if keep.any():
                yield OwnTiles(
                    batch.pixels[keep], np.array([tuple(k) in far for k in batch.keys[keep].tolist()])
                )


def _far_end(keys: Keys, width: int, height: int) -> tuple[Flags, Flags]:
    """Which tiles lie in the far end, and which lie wholly on one side of its edge."""
    boxes = tile_boxes(keys)  # x0, y0, x1, y1
    axis, length = (0, width) if width >= height else (1, height)
    start, end = boxes[:, axis], boxes[:, axis + 2]
    edge = min((1 - HELD_OUT) * length, length - float((end - start).min()))
    held_out: Flags = start >= edge
    return held_out, held_out | (end <= edge)


def _drawn(rows: NDArray[np.int64], most: int, seed: int) -> NDArray[np.int64]:
    order = np.random.default_rng(seed).permutation(len(rows))[:most]
    return np.sort(rows[order])
