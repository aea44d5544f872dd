"""Data sets of captioned or class-labelled images, in the layouts that are published.

- Karpathy's: RSICD, RSITMD, UCM-Captions, Sydney-Captions; also a file with labels and no captions.
- NWPU-Captions': one list a class, captions under "raw", "raw_1" … "raw_4", images in a folder a class.
- A folder with one folder of images a class, without any file.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from msa_model.protocol.errors import DatasetUnreadable
from msa_model.raster.grid import TILE

_PICTURES = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp"}
_NWPU_CAPTIONS = ("raw", "raw_1", "raw_2", "raw_3", "raw_4")
_CLASS_IN_NAME = re.compile(r"([A-Za-z]+)_?\d+")  # RSICD and RSITMD: airport_12.jpg
_HELD_OUT_SHARE = 5  # one image in so many


@dataclass(frozen=True)
class DatasetImage:
    """One image: its captions as written, its split and its scene class (empty where the file has none)."""

    path: Path
    captions: tuple[str, ...]
    split: str
    label: str


def read_dataset(file: Path, images: Path) -> tuple[DatasetImage, ...]:
    """Every image that `file` lists, with paths below the folder `images`.

    `file` holds {"images": [{"filename", "split"?, "sentences": [{"raw"}]?, "label"?}]}, or
    {class: [{"filename", "split", "raw", "raw_1", …}]}, or is a folder with a folder of images a class.

    Raises:
        DatasetUnreadable: it cannot be read as such; a caption is empty or has no image; an image is missing.
    """
    if file.is_dir():
        return _read_folders(file)
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        rows = tuple(_parse(data, file.name, images))
    except OSError as error:
        raise DatasetUnreadable(f"The data set {file} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DatasetUnreadable(f"{file} is no caption data set in a known layout ({error!r}).") from error
    for row in rows:
        if not row.path.is_file():
            raise DatasetUnreadable(f"{file.name} lists an image that is not there: {row.path}.")
    return rows


def read_split(file: Path, images: Path, split: str) -> tuple[DatasetImage, ...]:
    """The captioned images of one split.

    Raises:
        DatasetUnreadable: see `read_dataset`; also an unknown split, or an image without captions.
    """
    rows = in_split(read_dataset(file, images), split, str(file))
    for row in rows:
        if not row.captions:
            raise DatasetUnreadable(f"{file.name} gives no caption for {row.path.name}.")
    return rows


def read_labelled(file: Path, images: Path, split: str | None = None) -> tuple[DatasetImage, ...]:
    """The images with a scene class: of one split, or of "val" if there is one, else all.

    Classes as in `with_classes`; images without any are left out.

    Raises:
        DatasetUnreadable: see `read_dataset`; also an unknown split, or no image with a class.
    """
    rows = with_classes(read_dataset(file, images))
    wanted = split or ("val" if any(row.split == "val" for row in rows) else None)
    if wanted is not None:
        rows = in_split(rows, wanted, str(file))
    labelled = tuple(row for row in rows if row.label)
    if not labelled:
        raise DatasetUnreadable(f"No image of {file} has a scene class.")
    return labelled


def with_classes(rows: Sequence[DatasetImage]) -> tuple[DatasetImage, ...]:
    """The rows; where none has a class, with those that file names tell ("airport_12.jpg")."""
    if any(row.label for row in rows):
        return tuple(rows)
    return tuple(replace(row, label=_class_in_name(row.path)) for row in rows)


def in_split(rows: Sequence[DatasetImage], split: str, name: str) -> tuple[DatasetImage, ...]:
    """Those of a split; rows of a data set without splits are split by `held_out` into "train" and "val".

    Raises:
        DatasetUnreadable: no image is in it; the splits that exist are named.
    """
    if rows and not any(row.split for row in rows):
        rows = held_out(rows)
    found = tuple(row for row in rows if row.split == split)
    if not found:
        known = ", ".join(f"'{known}'" for known in sorted({row.split for row in rows if row.split}))
        raise DatasetUnreadable(f"{name} has no image in the split '{split}'; it has {known or 'no images'}.")
    return found


def held_out(rows: Sequence[DatasetImage]) -> tuple[DatasetImage, ...]:
    """Images in "val" (one in five) or "train" by a hash of their names: the same in any order, anywhere."""
    return tuple(replace(row, split="val" if _is_held_out(row.path) else "train") for row in rows)


def read_pixels(path: Path) -> NDArray[np.uint8]:
    """An image file as RGB uint8 [h, w, 3].

    Raises:
        DatasetUnreadable: it is no image, or is truncated.
    """
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise DatasetUnreadable(f"The image {path} cannot be read: {error}.") from error


def read_tile(path: Path) -> NDArray[np.uint8]:
    """The same stretched to a tile, [TILE, TILE, 3]; errors as of `read_pixels`."""
    return np.asarray(Image.fromarray(read_pixels(path)).resize((TILE, TILE), Image.Resampling.BICUBIC))


def set_name(dataset: Path) -> str:
    """What a data set is called: its folder, or that of its file."""
    folder = dataset if dataset.is_dir() else dataset.parent
    return folder.resolve().name


def _parse(data: Any, name: str, images: Path) -> Iterator[DatasetImage]:  # noqa: ANN401  (anything JSON)
    if "images" in data:
        for number, record in enumerate(data["images"], start=1):
            yield _karpathy_image(record, number, name, images)
        return
    for label, records in data.items():
        for number, record in enumerate(records, start=1):
            captions = tuple(str(record[key]).strip() for key in _NWPU_CAPTIONS if record.get(key))
            file = _file_name(record, number, f"{name} ({label})", any(captions))
            kept = tuple(caption for caption in captions if caption)
            yield DatasetImage(images / label / file, kept, str(record.get("split", "")), str(label))


def _karpathy_image(record: dict[str, Any], number: int, name: str, images: Path) -> DatasetImage:
    captions = tuple(str(sentence["raw"]).strip() for sentence in record.get("sentences", []))
    file = _file_name(record, number, name, any(captions))
    if not all(captions):
        raise DatasetUnreadable(f"{name} gives an empty caption for {file}, number {captions.index('') + 1}.")
    return DatasetImage(
        path=images / file,
        captions=captions,
        split=str(record.get("split", "")),
        label=str(record.get("label", "")),
    )


def _file_name(record: dict[str, Any], number: int, name: str, captioned: bool) -> str:
    if captioned and not record.get("filename"):
        raise DatasetUnreadable(f"{name} has captions without an image: record {number} names no file.")
    return str(record["filename"])


def _read_folders(folder: Path) -> tuple[DatasetImage, ...]:
    files = sorted(file for file in folder.glob("*/*") if file.suffix.lower() in _PICTURES)
    if not files:
        raise DatasetUnreadable(f"{folder} has no folder of images a class.")
    return tuple(DatasetImage(file, (), "", file.parent.name) for file in files)


def _class_in_name(path: Path) -> str:
    match = _CLASS_IN_NAME.fullmatch(path.stem)
    return match[1] if match else ""


def _is_held_out(path: Path) -> bool:
    digest = hashlib.sha256(path.name.encode()).digest()
    return int.from_bytes(digest[:4], "big") % _HELD_OUT_SHARE == 0
