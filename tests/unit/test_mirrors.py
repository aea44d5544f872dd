"""A test file is named by the module that it tests, or stands where scenarios across modules do."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = {
    file.stem
    for folder in ("msa_model", "qgis_msa_plugin", "tools", "tests/desktop")
    for file in (ROOT / folder).rglob("*.py")
    if not file.name.startswith("test_")
}
# Their folders say it: real processes, real desktops, speed, the paper's demo, Qt 6, the checkout itself.
SCENARIOS = {"worker", "desktop", "benchmarks", "demo", "harness", "qt6"}
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))


def mirrors(file: Path) -> bool:
    """Whether `test_rank_mixing.py` has a `rank.py` to test; `test_setup_job.py` has `setup/job.py`."""
    words = file.stem.split("_")[1:]
    starts = {"_".join(words[first:end]) for first in (0, 1) for end in range(first + 1, len(words) + 1)}
    whole = {"_".join(words[:end]) for end in range(1, len(words) + 1)}
    folders = {folder.name for folder in (ROOT / "qgis_msa_plugin").iterdir() if folder.is_dir()}
    return bool(whole & MODULES) or (words[0] in folders and bool(starts & MODULES))


def is_scenario(file: Path) -> bool:
    """Whether the file's folder says that it tests no single module."""
    inner = file.relative_to(ROOT / "tests").parent
    return inner.parts[0] in SCENARIOS or "scenarios" in inner.parts or inner == Path("unit")


@pytest.mark.parametrize("file", TESTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_test_file_mirrors_a_module_or_is_a_scenario(file: Path) -> None:
    assert mirrors(file) or is_scenario(file)


def test_a_file_that_mirrors_nothing_is_found() -> None:
    assert not mirrors(ROOT / "tests" / "unit" / "raster" / "test_odd_things.py")
    assert not is_scenario(ROOT / "tests" / "unit" / "raster" / "test_odd_things.py")
    assert mirrors(ROOT / "tests" / "unit" / "index" / "test_rank_mixing.py")
