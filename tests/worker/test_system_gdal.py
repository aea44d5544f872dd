"""Every command on a file that only the system's GDAL opens."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pyogrio
import pytest
import rasterio
from rasterio.errors import RasterioIOError

from msa_model.cli.main import main
from tests.worker.conftest import EAST, NORTH, write_scene

Captured = pytest.CaptureFixture[str]
SIDE = 384


@pytest.fixture
def pdf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if not shutil.which("gdal_translate"):
        pytest.skip("this machine has no gdal_translate on its PATH")
    write_scene(tmp_path / "scene.tif", SIDE)
    line = ["gdal_translate", "-q", "-of", "PDF", str(tmp_path / "scene.tif"), str(tmp_path / "scene.pdf")]
    if subprocess.run(line, check=False).returncode:
        pytest.skip("this machine's GDAL does not write PDF")
    with pytest.raises(RasterioIOError):
        rasterio.open(tmp_path / "scene.pdf")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "scene.pdf"


def told(capsys: Captured, *line: object) -> dict[str, object]:
    capsys.readouterr()
    assert main([str(word) for word in (*line, "--json")]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_index_search_describe_and_batch_name_the_file_itself(
    pdf: Path, tmp_path: Path, capsys: Captured
) -> None:
    plan = told(capsys, "index", pdf, "--plan")
    done = told(capsys, "index", pdf)
    assert done["encoded"] == plan["tiles"]
    assert str(done["index"]).startswith(f"{pdf}.msa-")
    told(capsys, "search", pdf, "a river", "-k", 3, "--out", tmp_path / "hits.gpkg")
    hits = pyogrio.raw.read(tmp_path / "hits.gpkg", columns=["source"], read_geometry=False)[3][0]
    assert set(hits) == {str(pdf)}
    assert told(capsys, "describe", pdf, "--at", f"{EAST + 90},{NORTH - 90}")
    batch = told(capsys, "batch", pdf, "--query", "a river", "--out", tmp_path / "batch.gpkg")
    assert str(pdf) in json.dumps(batch)
    assert told(capsys, "index", pdf)["reused"] == plan["tiles"]


def test_copies_lie_in_the_cache_folder_that_is_named(pdf: Path, tmp_path: Path, capsys: Captured) -> None:
    told(capsys, "index", pdf, "--plan", "--cache", tmp_path / "mine")
    assert len(list((tmp_path / "mine" / "system-gdal").glob("*.tif"))) == 1
