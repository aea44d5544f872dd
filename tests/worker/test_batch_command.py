"""`msa batch`, `msa indexes` and `msa coverage` as programs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pyogrio
import pytest

from msa_model.protocol.messages import ScanSummary
from tests.worker.conftest import write_scene


def msa(*words: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "msa_model.cli.main", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done


@pytest.fixture
def own_index(indexed: ScanSummary, scene: Path, tmp_path: Path) -> Path:
    """The small scene's index and raster, in a folder of their own."""
    shutil.copy(scene, tmp_path / scene.name)
    return Path(shutil.copy(indexed.index, tmp_path / "small.msa-00000000.gpkg"))


def test_a_batch_writes_results_and_report_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    rasters = [write_scene(tmp_path / f"scene{side}.tif", side) for side in (768, 512)]
    watch_list = tmp_path / "list.txt"
    watch_list.write_text("a wide river\n", encoding="utf-8")
    out, report = tmp_path / "batch.gpkg", tmp_path / "batch.html"
    options = (
        "--query",
        "green fields - water",
        "--watch-list",
        watch_list,
        "--out",
        out,
        "-k",
        "3",
        "--min-score=-1000",
    )
    first = json.loads(msa("batch", *rasters, *options, "--report", report, "--json").stdout)
    assert first["queries"] == 2
    assert first["hits"] == pyogrio.read_info(out, layer="hits")["features"] > 0
    assert report.stat().st_size > 10_000
    again = msa("batch", *rasters, "/nowhere/none.tif", *options, code=1)
    lines = [line.split() for line in again.stdout.splitlines()]
    assert [line[2] for line in lines if line and line[0].startswith("scene")] == ["0", "0"]
    assert "There is no" in again.stdout or "none.tif" in again.stdout


def test_a_bad_watch_list_shows_before_the_model_loads(tmp_path: Path) -> None:
    watch_list = tmp_path / "list.csv"
    watch_list.write_bytes("query;min_score\nHäuser;high\n".encode("latin-1"))
    said = msa("batch", "x.tif", "--watch-list", watch_list, "--out", tmp_path / "o.gpkg", code=1).stderr
    assert "line 2: the least score 'high' is no number" in said


def test_indexes_are_listed_moved_exported_and_deleted(own_index: Path, tmp_path: Path) -> None:
    listed = json.loads(msa("indexes", "list", tmp_path, "--json").stdout)["indexes"]
    assert [info["state"] for info in listed if info["index"] == str(own_index)] == ["current"]
    assert own_index.name in msa("indexes", "list", tmp_path).stdout
    moved = Path(msa("indexes", "move", own_index, tmp_path / "archive").stdout.strip())
    assert moved.parent == tmp_path / "archive"
    out = tmp_path / "tiles.parquet"
    assert "tiles" in msa("indexes", "export", moved, out).stdout
    assert out.read_bytes()[:4] == b"PAR1"
    assert "freed" in msa("indexes", "delete", moved).stdout
    assert not moved.exists()
    assert "no index" in msa("indexes", "delete", moved, code=1).stderr


def test_coverage_is_told_and_written(own_index: Path, tmp_path: Path) -> None:
    out = tmp_path / "coverage.geojson"
    said = msa("coverage", own_index, "--out", out).stdout
    assert "100.0%" in said
    info = pyogrio.read_info(out)
    assert info["crs"] == "EPSG:4326"
    assert info["features"] >= 2
    assert set(info["fields"]) == {"scale_m", "tiles", "source"}
    refused = msa("coverage", own_index, "--out", own_index, code=1).stderr
    assert "must not replace" in refused
