"""An encoder without a network and indexes of its vectors, for tests of the search."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from msa_model.index.blocks import EncodedTiles
from msa_model.index.manifest import Manifest
from msa_model.index.store import TileIndex
from msa_model.jobs.open_files import OpenIndexes, OpenSources
from msa_model.jobs.questions import Questions
from msa_model.model.calibration import Calibration
from msa_model.protocol.messages import RasterRef
from msa_model.raster.source import RasterSource

MODEL, DIMENSION = "a" * 64, 16

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder

Floats = NDArray[np.float32]
Key = tuple[int, int, int]


class CountingEncoder:
    """Directions drawn by the text's or picture's content; counts what it encodes."""

    calibration = None
    describing: Calibration | None = None
    name = "drawn"
    sha256 = MODEL
    dimension = DIMENSION

    def __init__(self) -> None:
        self.background = np.full(DIMENSION, 0.02, np.float32)
        self.texts = 0
        self.tiles = 0

    def check_query(self, text: str) -> str:
        return text.strip()

    def unread(self, text: str) -> str:
        """What lies behind eight words."""
        return " ".join(text.split()[8:])

    def is_foreign(self, text: str) -> bool:
        return False

    def language_of(self, texts: list[str]) -> str:
        return ""

    def encode_texts(self, texts: list[str]) -> Floats:
        self.texts += len(texts)
        return np.stack([direction(sum(map(ord, text))) for text in texts])

    def encode_tiles(self, pixels: NDArray[np.uint8]) -> Floats:
        self.tiles += len(pixels)
        return np.stack([direction(int(tile.astype(np.int64).sum())) for tile in pixels])


def direction(seed: int) -> Floats:
    drawn = np.random.default_rng(seed).standard_normal(DIMENSION).astype(np.float32)
    unit: Floats = drawn / np.linalg.norm(drawn)
    return unit


def text_direction(text: str) -> Floats:
    return direction(sum(map(ord, text)))


def write_index(
    raster: Path, tiles: dict[Key, Floats], valid: float | Floats = 1.0, name: str = "index"
) -> str:
    """An index of a raster beside it, with these tiles' vectors."""
    with RasterSource.open(RasterRef(str(raster))) as source:
        manifest = Manifest.of(source, model="drawn", model_sha256=MODEL, dimension=DIMENSION)
    path = raster.with_name(f"{raster.stem}.{name}.gpkg")
    with TileIndex.open_for_writing(path, manifest) as index:
        keys = np.array(list(tiles), np.int32).reshape(-1, 3)
        index.append(
            EncodedTiles(keys, np.stack(list(tiles.values())), np.full(len(keys), valid, np.float32))
        )
    return str(path)


def questions(encoder: CountingEncoder) -> Questions:
    sources = OpenSources()
    return Questions(as_encoder(encoder), OpenIndexes(MODEL, sources), sources)


def as_encoder(encoder: CountingEncoder) -> DualEncoder:
    """It has all that a search calls."""
    return cast("DualEncoder", encoder)
