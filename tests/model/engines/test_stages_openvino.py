from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from msa_model.model.agreement import drawn_pictures
from msa_model.model.encoder import Encoder
from msa_model.model.engines import choosing
from msa_model.model.engines.record import Record
from msa_model.model.engines.stages import GRAPH, Stages, listed_in
from msa_model.protocol.models import (
    LEAST_COSINE,
    LEAST_COSINE_DRAWN,
    OPENVINO_FLOAT32,
    OPENVINO_INT8,
    Trial,
)

FLOAT = "torch-float32"


@pytest.fixture
def usable(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if every engine had been tried with success."""
    trials = tuple(Trial(name, 1.0, 1.0) for name in (OPENVINO_FLOAT32, OPENVINO_INT8))
    monkeypatch.setattr(choosing, "measured", lambda *_: Record(trials))


@pytest.fixture(scope="module")
def exact() -> np.ndarray:
    return Encoder.load(None, "cpu", 1, FLOAT).encode_tiles(drawn_pictures())


@pytest.mark.usefixtures("usable")
@pytest.mark.parametrize(
    ("engine", "cosine"), [(OPENVINO_FLOAT32, 0.9999), (OPENVINO_INT8, LEAST_COSINE_DRAWN)]
)
def test_an_engine_of_openvino_gives_the_vectors_of_torch(
    engine: str, cosine: float, exact: np.ndarray
) -> None:
    pytest.importorskip("openvino")
    encoder = Encoder.load(None, "cpu", 1, engine)
    assert (encoder.engine, encoder.engine_note) == (engine, "")
    assert (encoder.encode_tiles(drawn_pictures()) * exact).sum(axis=1).min() > cosine


def test_the_int8_tower_agrees_with_the_checkpoint_as_much_as_mixing_wants(shipped: Path) -> None:
    agreement = listed_in(shipped)["agreement"]
    assert agreement["first_percentile"] >= LEAST_COSINE
    assert agreement["tiles"] >= 500


@pytest.mark.usefixtures("usable")
def test_an_int8_tower_that_was_changed_is_not_used(shipped: Path, tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    folder = shutil.copytree(shipped, tmp_path / "model")
    graph = folder / GRAPH
    graph.write_bytes(graph.read_bytes().replace(b"1", b"2", 1))
    encoder = Encoder.load(folder, "cpu", 1, OPENVINO_INT8)
    assert encoder.engine.startswith("torch")
    assert "is not the file that manifest.json describes" in encoder.engine_note


@pytest.mark.usefixtures("usable")
def test_without_openvino_torch_runs_the_model_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    encoder = Encoder.load(None, "cpu", 1, OPENVINO_FLOAT32)
    assert encoder.engine.startswith("torch")
    assert encoder.engine_note.startswith(
        "The engine 'openvino-float32' cannot be used: OpenVINO is not installed"
    )
    assert encoder.encode_tiles(drawn_pictures()[:1]).shape == (1, encoder.dimension)


def test_an_engine_that_fails_in_the_middle_is_replaced_by_torch(exact: np.ndarray) -> None:
    class Failing:
        name = OPENVINO_FLOAT32

        def __call__(self, images: object) -> list[object]:
            raise RuntimeError("no such instruction")

    failing: Stages = Failing()  # type: ignore[assignment]
    encoder = Encoder.load(None, "cpu", 1)
    encoder.run_on(failing)
    found = encoder.encode_tiles(drawn_pictures())
    assert (found * exact).sum(axis=1).min() > 0.99
    assert "no such instruction" in encoder.engine_note
    assert encoder.engine.startswith("torch")


def test_nothing_of_openvino_can_tell_anybody_anything() -> None:
    pytest.importorskip("openvino")
    from msa_model.model.engines.stages import openvino

    if "openvino_telemetry" not in sys.modules:
        openvino()
        assert sys.modules["openvino_telemetry"] is None
