"""What the engine warns of: kinds and values, worded where they are read."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from msa_model.protocol import warning_table
from msa_model.protocol.codec import from_wire, to_wire
from msa_model.protocol.errors import ProtocolError
from msa_model.protocol.warning_table import WARNINGS, EngineWarning

ROOT = Path(__file__).resolve().parents[3]
TABLE = Path(warning_table.__file__)


def kinds_told() -> set[str]:
    """The kinds that the engine's code names outside the table."""
    trees = (ast.parse(file.read_text(encoding="utf-8")) for file in (ROOT / "msa_model").rglob("*.py"))
    return {
        str(node.value)
        for file, tree in zip((ROOT / "msa_model").rglob("*.py"), trees, strict=True)
        for node in ast.walk(tree)
        if file != TABLE and isinstance(node, ast.Constant) and node.value in WARNINGS
    }


def test_every_row_of_the_table_is_told_somewhere() -> None:
    assert kinds_told() == set(WARNINGS)


def test_values_fill_the_gaps_from_left_to_right() -> None:
    warning = EngineWarning("edge_without_data", (0.126,), ("255, {x}",), raster="town.tif")
    assert warning.sentence.startswith(
        "town.tif: 13% of the raster count as without data and are skipped: there, the value 255, {x} reaches"
    )
    assert EngineWarning("many_pictures", (12345,)).sentence.startswith("About 12,345 pictures")
    assert "fit to 0.3 pixels" in EngineWarning("placed_by_points_to", (9, 0.34)).sentence
    assert EngineWarning("pixel_sizes", (0.01953, 35.2, 0.1, 30)).sentence.startswith(
        "Tiles have pixels of 0.0195–35.2 m; the model knows imagery of 0.1–30 m"
    )


def test_a_language_may_turn_the_gaps_round() -> None:
    turned = EngineWarning("dates_reversed", texts=("2020", "2010")).worded(
        lambda _: "{after} before {before}", warning_table.written
    )
    assert turned == "2010 before 2020"


def test_a_warning_survives_the_wire() -> None:
    warning = EngineWarning("placed_by_points_to", (9, 0.34), raster="scan.tif")
    assert from_wire(EngineWarning, to_wire(warning)) == warning


@pytest.mark.parametrize(
    "told",
    [
        {"kind": "no such thing"},
        {"kind": "grey", "numbers": [1.0]},
        {"kind": "tiles_skipped"},
        {"kind": "tiles_skipped", "texts": ["0.3"]},
        {"kind": "dates_equal", "texts": ["2010", "2011"]},
        "The raster is shown in grey.",
    ],
)
def test_what_the_table_cannot_word_is_refused(told: object) -> None:
    with pytest.raises(ProtocolError):
        from_wire(EngineWarning, told)
