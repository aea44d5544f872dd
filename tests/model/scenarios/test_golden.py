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
    assert encoder.sha256 == "1b3f79e9181395a813527688974faf049f3b620a971f639eb5fa811d1eaf6b87"


def test_the_painted_tile_has_its_vector(encoder: Encoder) -> None:
    expected = [0.10442, 0.05870, 0.02701, 0.05071, 0.02491, -0.00022]
    assert encoder.encode_tiles(painted_tile()[None])[0, :6] == pytest.approx(expected, abs=TOLERANCE)


def test_texts_have_their_vectors(encoder: Encoder) -> None:
    expected = [[-0.07854, 0.07986, -0.00564], [-0.01840, 0.03075, -0.08971], [-0.07102, 0.09733, 0.07424]]
    found = encoder.encode_texts(TEXTS)[:, :3]
    assert found.tolist() == [pytest.approx(row, abs=TOLERANCE) for row in expected]


def test_tile_and_texts_have_their_scores(encoder: Encoder) -> None:
    scores = encoder.encode_texts(TEXTS) @ encoder.encode_tiles(painted_tile()[None])[0]
    assert scores == pytest.approx([0.0646, 0.0117, 0.0956], abs=TOLERANCE)
    assert encoder.encode_texts(TEXTS) @ encoder.background == pytest.approx(
        [0.0311, 0.0177, 0.0440], abs=1e-3
    )
