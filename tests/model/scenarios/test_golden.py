"""Numbers of the shipped checkpoint: they change with it, and with nothing else."""

from __future__ import annotations

import pytest

from msa_model.model import device
from msa_model.model.encoder import Encoder
from tests.model.test_encoder import TEXTS, painted_tile

# float32 on another CPU differs by about 1e-5; an error in transform, weights or tokens by far more
TOLERANCE = 2e-3


@pytest.fixture(autouse=True)
def in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same numbers whether this machine's processor has bfloat16 or not."""
    monkeypatch.setattr(device, "has_bfloat16", lambda _: False)


def test_the_checkpoint_is_the_one_these_numbers_are_of(encoder: Encoder) -> None:
    assert encoder.name == "msa-small"
    assert encoder.dimension == 384
    assert encoder.sha256 == "a73a2be337f9f59aab5f70cd62b50aaaeafdecea5b83cb0153bb6ada6fd66abc"


def test_the_painted_tile_has_its_vector(encoder: Encoder) -> None:
    expected = [0.09586, 0.06590, 0.03354, 0.06711, 0.03175, -0.00834]
    assert encoder.encode_tiles(painted_tile()[None])[0, :6] == pytest.approx(expected, abs=TOLERANCE)


def test_texts_have_their_vectors(encoder: Encoder) -> None:
    expected = [[-0.07886, 0.08041, -0.01939], [-0.01971, 0.02752, -0.09349], [-0.06977, 0.09646, 0.06896]]
    found = encoder.encode_texts(TEXTS)[:, :3]
    assert found.tolist() == [pytest.approx(row, abs=TOLERANCE) for row in expected]


def test_tile_and_texts_have_their_scores(encoder: Encoder) -> None:
    scores = encoder.encode_texts(TEXTS) @ encoder.encode_tiles(painted_tile()[None])[0]
    assert scores == pytest.approx([0.0441, -0.0219, 0.2276], abs=TOLERANCE)
    assert encoder.encode_texts(TEXTS) @ encoder.background == pytest.approx(
        [0.0302, 0.0129, 0.0525], abs=1e-3
    )
