"""What a plan costs itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from msa_model.jobs.plan import plan_scan
from msa_model.jobs.scan import scan
from msa_model.model.encoder import Encoder
from tests.worker.conftest import scan_of


def test_the_rate_is_measured_only_where_there_is_something_to_encode(
    scene: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = Encoder.load(threads=1)
    request = scan_of(scene, tmp_path / "scene.gpkg")
    assert plan_scan(encoder, request, None).seconds > 0
    list(scan(encoder, request, None))

    def refuse() -> float:
        raise AssertionError("the rate was measured")

    monkeypatch.setattr(encoder, "tiles_per_second", refuse)
    assert plan_scan(encoder, request, None).seconds == 0
