"""Caption data sets in Karpathy's JSON layout, and scene-class data sets beside them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from msa_model.protocol.errors import DatasetUnreadable


@dataclass(frozen=True)
class DatasetImage:
    """One image: its captions as written, its split and its scene class (empty where the file has none)."""

    path: Path
    captions: tuple[str, ...]
    split: str
    label: str


def read_dataset(file: Path, images: Path) -> tuple[DatasetImage, ...]:
    """Every image that `file` lists, with paths below the folder `images`.

    The file holds {"images": [{"filename", "split"?, "sentences": [{"raw"}]?, "label"?}]}.

    Raises:
        DatasetUnreadable: the file cannot be read as such, or an image is missing.
    """
    try:
        records = json.loads(file.read_text(encoding="utf-8"))["images"]
        rows = tuple(_parse_image(record, images) for record in records)
    except OSError as error:
        raise DatasetUnreadable(f"The data set {file} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DatasetUnreadable(f"{file} is no caption data set in Karpathy's layout ({error!r}).") from error
    for row in rows:
        if not row.path.is_file():
            raise DatasetUnreadable(f"{file.name} lists an image that is not there: {row.path}.")
    return rows


def read_split(file: Path, images: Path, split: str) -> tuple[DatasetImage, ...]:
    """The captioned images of one split.

    Raises:
        DatasetUnreadable: see `read_dataset`; also an empty split, or an image without captions.
    """
    rows = tuple(row for row in read_dataset(file, images) if row.split == split)
    if not rows:
        raise DatasetUnreadable(f"{file} has no image in the split '{split}'.")
    for row in rows:
        if not row.captions:
            raise DatasetUnreadable(f"{file.name} gives no caption for {row.path.name}.")
    return rows


def read_pixels(path: Path) -> NDArray[np.uint8]:
    """An image file as RGB uint8 [h, w, 3].

    Raises:
        DatasetUnreadable: it is no image, or is truncated.
    """
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"))
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise DatasetUnreadable(f"The image {path} cannot be read: {error}.") from error


def _parse_image(record: dict[str, Any], images: Path) -> DatasetImage:
    captions = tuple(str(sentence["raw"]).strip() for sentence in record.get("sentences", []))
    return DatasetImage(
        path=images / str(record["filename"]),
        captions=tuple(caption for caption in captions if caption),
        split=str(record.get("split", "")),
        label=str(record.get("label", "")),
    )
