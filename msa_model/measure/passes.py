"""An encoder that takes the tiles of a picture out of passes, as a scan does by blocks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from msa_model.measure.evaluation import TileTextEncoder
from msa_model.model.dual_encoder import DualEncoder
from msa_model.protocol.errors import BadArgument
from msa_model.raster.grid import LATTICE, TILE, Keys
from msa_model.raster.passes import passes_of

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]


class PassEncoder:
    """A model whose tiles of one picture share their arithmetic; images by themselves are as ever.

    Raises:
        BadArgument: the model's network does not allow it.
    """

    def __init__(self, encoder: DualEncoder) -> None:
        if not encoder.shares_passes:
            raise BadArgument(f"Tiles of the model '{encoder.name}' cannot be taken out of blocks.")
        self._encoder = encoder
        self.sha256, self.dimension, self.background = encoder.sha256, encoder.dimension, encoder.background

    def encode_tiles(self, pixels: Pixels) -> Floats:
        """RGB tiles uint8 [n, h, w, 3], each by itself, to unit vectors [n, d]."""
        return self._encoder.encode_tiles(pixels)

    def encode_texts(self, texts: Sequence[str]) -> Floats:
        """Texts to unit vectors [n, d]."""
        return self._encoder.encode_texts(texts)

    def encode_places(self, picture: Pixels, places: Keys) -> Floats:
        """Tiles of a picture uint8 [h, w, 3], whose sides are whole steps, at lattice steps int32 [n, 2]."""
        height, width = picture.shape[:2]
        keys = np.column_stack((np.ones(len(places), np.int32), places))
        numbers = {tuple(place): number for number, place in enumerate(places.tolist())}
        out = np.empty((len(places), self.dimension), np.float32)
        for block in passes_of(keys, width, height):
            y, x = block.row * LATTICE, block.col * LATTICE
            seen = picture[y : y + block.rows * LATTICE, x : x + block.cols * LATTICE]
            inside = block.keys[:, 1:] - (block.row, block.col)
            rows = [numbers[place] for place in map(tuple, block.keys[:, 1:].tolist())]
            out[rows] = self._encoder.encode_pass(np.ascontiguousarray(seen), inside.astype(np.int64))
        return out


def encode_places(encoder: TileTextEncoder, picture: Pixels, places: Keys) -> Floats:
    """Tiles of a picture at lattice steps int32 [n, 2]: by a `PassEncoder` out of passes, else each alone."""
    if isinstance(encoder, PassEncoder):
        return encoder.encode_places(picture, places)
    corners = (places * LATTICE).tolist()
    return encoder.encode_tiles(np.stack([picture[y : y + TILE, x : x + TILE] for y, x in corners]))
