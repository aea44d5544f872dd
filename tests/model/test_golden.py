"""Numbers of the shipped checkpoint: they change with it, and with nothing else."""

from __future__ import annotations

import pytest

from msa_model.model import precision
from msa_model.model.encoder import Encoder
from tests.model.test_encoder import TEXTS, painted_tile

# float32 on another CPU differs by about 1e-5; an error in transform, weights or tokens by far more
TOLERANCE = 2e-3


@pytest.fixture(autouse=True)
def in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same numbers whether this machine's processor has bfloat16 or not."""
    monkeypatch.setattr(precision, "has_bfloat16", lambda _: False)


def test_the_checkpoint_is_the_one_these_numbers_are_of(encoder: Encoder) -> None:
    assert encoder.name == "msa-small"
    assert encoder.dimension == 384
    assert encoder.sha256 == "e03e2e266f3dce8ac1f92409647a302a345cb67818221c4e1b1c2bf7161ff639"


def test_the_painted_tile_has_its_vector(encoder: Encoder) -> None:
    expected = [0.11367, 0.07882, 0.06851, 0.03756, 0.02007, -0.00141]
    assert encoder.encode_tiles(painted_tile()[None])[0, :6] == pytest.approx(expected, abs=TOLERANCE)


def test_texts_have_their_vectors(encoder: Encoder) -> None:
    expected = [[-0.09880, 0.08087, 0.03343], [-0.04118, -0.03813, -0.05127], [-0.08311, 0.07474, 0.08317]]
    found = encoder.encode_texts(TEXTS)[:, :3]
    assert found.tolist() == [pytest.approx(row, abs=TOLERANCE) for row in expected]


def test_tile_and_texts_have_their_scores(encoder: Encoder) -> None:
    scores = encoder.encode_texts(TEXTS) @ encoder.encode_tiles(painted_tile()[None])[0]
    assert scores == pytest.approx([0.0522, -0.0470, -0.0499], abs=TOLERANCE)
    assert encoder.encode_texts(TEXTS) @ encoder.background == pytest.approx(
        [0.0310, -0.0007, 0.0131], abs=1e-3
    )
