"""What match scores are made of, beside a model's weights."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from msa_model.model.calibration import (
    CALIBRATION,
    DESCRIBING,
    Calibration,
    read_calibration,
    write_calibration,
)
from msa_model.model.checkpoint import checkpoint_identity
from msa_model.model.loading import load_encoder
from tests.refusals import raises_kind

SHA = "ab" * 32
GIVEN = Calibration(SHA, 0.5, 0.7, 0.3, 0.01, 0.02, 0.1, ("rsicd", "ucm"), 120)


def test_a_calibration_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_calibration(tmp_path, GIVEN)
    assert read_calibration(tmp_path, SHA) == GIVEN
    assert [file.name for file in tmp_path.iterdir()] == [CALIBRATION]


def test_beside_other_weights_it_does_not_count(tmp_path: Path) -> None:
    assert read_calibration(tmp_path, SHA) is None
    write_calibration(tmp_path, GIVEN)
    assert read_calibration(tmp_path, "cd" * 32) is None


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        "{}",
        json.dumps(dataclasses.asdict(GIVEN) | {"width": 0.0}),
        json.dumps(dataclasses.asdict(GIVEN) | {"zero": float("nan")}),
        json.dumps(dataclasses.asdict(GIVEN) | {"own": "much"}),
        json.dumps(dataclasses.asdict(GIVEN) | {"more": 1}),
        "[" * 100_000,
        "\udcff",
    ],
)
def test_what_is_no_calibration_is_said_with_its_remedy(tmp_path: Path, content: str) -> None:
    (tmp_path / CALIBRATION).write_bytes(content.encode("utf-8", "surrogateescape"))
    with raises_kind("checkpoint_corrupt", match="msa calibrate"):
        read_calibration(tmp_path, SHA)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with raises_kind("folder_read_only", match=CALIBRATION):
        write_calibration(tmp_path / "absent", GIVEN)


def test_a_loaded_model_has_its_calibration_and_keeps_its_own_background(
    shipped: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "model"
    shutil.copytree(shipped, copy)
    sha256 = checkpoint_identity(copy)[1]
    given = dataclasses.replace(GIVEN, model_sha256=sha256, background=(0.5, 0.25))
    write_calibration(copy, given)
    encoder = load_encoder(copy, "cpu", 1)
    assert encoder.calibration == given
    assert len(encoder.background) == encoder.dimension
    known = encoder.background.copy()
    encoder.calibrate(dataclasses.replace(given, background=tuple(np.ones(encoder.dimension).tolist())))
    assert encoder.background == pytest.approx(known if known.any() else 1.0)


def test_the_shipped_model_is_calibrated(shipped: Path) -> None:
    found = read_calibration(shipped, checkpoint_identity(shipped)[1])
    assert found is not None, "calibrate the checkpoint that ships: msa calibrate (docs/evaluation.md)"
    assert {"rsicd", "ucm", "eurosat", "nwpu12", "banepa", "naip"} < set(found.sources)


def test_phrases_at_single_places_have_constants_of_their_own(shipped: Path, tmp_path: Path) -> None:
    write_calibration(tmp_path, GIVEN, DESCRIBING)
    assert read_calibration(tmp_path, SHA) is None
    assert read_calibration(tmp_path, SHA, DESCRIBING) == GIVEN
    encoder = load_encoder(shipped, "cpu", 1)
    assert encoder.describing is not None, "msa calibrate --describe (docs/evaluation.md)"
    assert encoder.describing != encoder.calibration
    assert {"rsicd", "ucm", "eurosat", "nwpu12"} < set(encoder.describing.sources)
