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
    assert encoder.sha256 == "2bf7024ef8037960200bc29885173d39ea5825ec6a7ac7057ce821b4eb8a7030"


def test_the_painted_tile_has_its_vector(encoder: Encoder) -> None:
    expected = [0.04441, 0.05260, 0.07177, -0.01802, -0.01489, 0.00468]
    assert encoder.encode_tiles(painted_tile()[None])[0, :6] == pytest.approx(expected, abs=TOLERANCE)


def test_texts_have_their_vectors(encoder: Encoder) -> None:
    expected = [[-0.09412, 0.05835, 0.04276], [-0.02020, -0.05366, 0.00085], [-0.06279, 0.06889, 0.06813]]
    found = encoder.encode_texts(TEXTS)[:, :3]
    assert found.tolist() == [pytest.approx(row, abs=TOLERANCE) for row in expected]


def test_tile_and_texts_have_their_scores(encoder: Encoder) -> None:
    scores = encoder.encode_texts(TEXTS) @ encoder.encode_tiles(painted_tile()[None])[0]
    assert scores == pytest.approx([0.1945, -0.0845, 0.1568], abs=TOLERANCE)
    assert encoder.encode_texts(TEXTS) @ encoder.background == pytest.approx(
        [0.0318, -0.0002, 0.0292], abs=1e-3
    )
