"""Who asks, and the encoder that counts what it is asked for."""

from __future__ import annotations

import pytest

from msa_model.jobs.questions import Questions
from tests.unit.jobs.searching import CountingEncoder, questions


@pytest.fixture
def encoder() -> CountingEncoder:
    return CountingEncoder()


@pytest.fixture
def asking(encoder: CountingEncoder) -> Questions:
    return questions(encoder)
