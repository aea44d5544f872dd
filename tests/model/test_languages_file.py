"""The file of the head for other languages: written whole, bound to one checkpoint."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from msa_model.model.checkpoint import MANIFEST, checkpoint_identity, read_checkpoint, write_checkpoint
from msa_model.model.languages import LANGUAGES, WIDTH, LanguageHead, read_languages, write_languages
from tests.refusals import raises_kind

DIMENSION = 16


@pytest.fixture
def folder(tmp_path: Path, shipped: Path) -> Path:
    """A copy of the shipped checkpoint with another head."""
    shutil.copytree(shipped, tmp_path / "checkpoint")
    write_languages(tmp_path / "checkpoint", head().tensors(), {"river", "bridge"})
    return tmp_path / "checkpoint"


def head() -> LanguageHead:
    draw = np.random.default_rng(3)
    shapes = ((8, WIDTH), (8,), (DIMENSION, 8), (DIMENSION,))
    return LanguageHead(*(draw.standard_normal(shape).astype(np.float32) for shape in shapes))


def sha256_of(folder: Path) -> str:
    return checkpoint_identity(folder)[1]


def test_what_was_written_is_read_to_a_hundredth(folder: Path) -> None:
    found = read_languages(folder, sha256_of(folder))
    assert found is not None
    assert found.taught == {"river", "bridge"}
    vectors = np.random.default_rng(4).standard_normal((5, WIDTH)).astype(np.float32)
    assert LanguageHead.of(found.tensors, DIMENSION)(vectors) == pytest.approx(head()(vectors), abs=0.01)


def test_the_head_leaves_the_checkpoint_what_indexes_know_it_by(folder: Path, shipped: Path) -> None:
    assert sha256_of(folder) == sha256_of(shipped)
    assert read_checkpoint(folder).sha256 == read_checkpoint(shipped).sha256


def test_a_damaged_head_is_refused(folder: Path) -> None:
    data = bytearray((folder / LANGUAGES).read_bytes())
    data[-1] ^= 1
    (folder / LANGUAGES).write_bytes(data)
    with raises_kind("checkpoint_corrupt", match=LANGUAGES):
        read_languages(folder, sha256_of(folder))


def test_a_head_that_is_gone_is_missed(folder: Path) -> None:
    (folder / LANGUAGES).unlink()
    with raises_kind("checkpoint_missing", match=LANGUAGES):
        read_languages(folder, sha256_of(folder))


def test_a_head_of_another_checkpoint_is_refused(folder: Path) -> None:
    with raises_kind("checkpoint_corrupt", match="another checkpoint"):
        read_languages(folder, "0" * 64)


def test_a_head_of_another_width_does_not_fit(folder: Path) -> None:
    found = read_languages(folder, sha256_of(folder))
    assert found is not None
    with raises_kind("checkpoint_of_other_architecture", match="does not fit"):
        LanguageHead.of(found.tensors, DIMENSION + 1)


def test_a_head_that_lacks_a_tensor_is_named(folder: Path) -> None:
    with raises_kind("checkpoint_of_other_architecture", match=r"output\.bias"):
        LanguageHead.of({k: v for k, v in head().tensors().items() if k != "output.bias"}, DIMENSION)


def test_training_the_checkpoint_anew_takes_the_head_off_its_manifest(folder: Path) -> None:
    checkpoint = read_checkpoint(folder)
    write_checkpoint(folder, checkpoint.config, checkpoint.tensors, checkpoint.background, checkpoint.deltas)
    assert "languages" not in json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    assert read_languages(folder, sha256_of(folder)) is None
