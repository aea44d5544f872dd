"""An installed wheel stands alone: no checkout around it, what users run, nothing for makers of models."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.worker.client import started_worker
from tests.worker.conftest import EAST, NORTH, write_scene
from tools.staging import stage_plugin

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("setup.py", "pyproject.toml", "metadata.txt", "README.md", "LICENSE", "msa_model", "resources")
PIP = (sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--no-build-isolation")
PYTHON = (sys.executable, "-S", "-P")  # no .pth files: the checkout that is installed in place stays out
PROBE = """
from msa_model.model.checkpoint import checkpoint_identity, default_checkpoint
from msa_model.shipped import resource, version
name = checkpoint_identity(None)[0]
print(default_checkpoint(), resource("phrases.csv").is_file(), version(), name, sep="|")
"""
SET_UP = """
import sys
from pathlib import Path
from qgis_msa_plugin.setup.environment import shipped_setup_files
shipped_setup_files().put_together(Path(sys.argv[1]))
"""
COLOURS = {
    "forest": (40, 120, 40),
    "lake": (30, 60, 160),
    "parkinglot": (128, 128, 128),
    "desert": (210, 190, 140),
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What pip installs from the sources; the sources are gone."""
    checkout, site = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("site")
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, checkout / name)
    subprocess.run([*PIP, "--target", str(site), str(checkout)], check=True)
    shutil.rmtree(checkout)
    return site


def environment_of(site: Path) -> dict[str, str]:
    """The wheel with the packages of this environment that it asks for: all but the extra one."""
    packages = site.with_name(f"{site.name}-packages")
    if not packages.is_dir():
        packages.mkdir()
        for entry in Path(sysconfig.get_path("purelib")).iterdir():
            if not entry.name.startswith("pyarrow"):
                (packages / entry.name).symlink_to(entry)
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(site), str(packages)))}


def run(site: Path, folder: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [*PYTHON, *map(str, words)]
    return subprocess.run(
        command, cwd=folder, env=environment_of(site), capture_output=True, text=True, check=False
    )


def msa(site: Path, folder: Path, *words: str | Path) -> str:
    done = run(site, folder, "-m", "msa_model.cli.main", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def make_images(folder: Path, count: int) -> None:
    """Coloured noise in a folder a class, and a table of captions."""
    random = np.random.default_rng(0)
    lines = ["file,caption"]
    for number in range(count):
        name, colour = list(COLOURS.items())[number % len(COLOURS)]
        (folder / name).mkdir(parents=True, exist_ok=True)
        pixels = np.clip(random.normal(colour, 15, (64, 64, 3)), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / name / f"{number}.png")
        lines.append(f"{name}/{number}.png,a {name}")
    (folder / "captions.csv").write_text("\n".join(lines), encoding="utf-8")


def test_an_installed_wheel_finds_its_checkpoint_phrases_and_version(site: Path, tmp_path: Path) -> None:
    done = run(site, tmp_path, "-c", PROBE)
    folder, phrases, version, model = done.stdout.strip().split("|")
    assert Path(folder).is_relative_to(site)
    assert (phrases, model) == ("True", "msa-small")
    assert f"version={version}" in (ROOT / "metadata.txt").read_text(encoding="utf-8")


def test_what_the_plugin_puts_together_for_the_set_up_is_the_same_wheel(site: Path, tmp_path: Path) -> None:
    stage_plugin(tmp_path / "plugins")
    command = [sys.executable, "-P", "-c", SET_UP, str(tmp_path / "engine")]
    plugins = {**os.environ, "PYTHONPATH": str(tmp_path / "plugins")}
    subprocess.run(command, cwd=tmp_path, env=plugins, check=True)
    shutil.rmtree(tmp_path / "plugins")
    subprocess.run([*PIP, "--target", str(tmp_path / "site"), str(tmp_path / "engine")], check=True)
    assert modules(tmp_path / "site") == modules(site)
    done = run(tmp_path / "site", tmp_path, "-c", PROBE)
    folder, phrases, *_ = done.stdout.strip().split("|")
    assert Path(folder).is_relative_to(tmp_path / "site")
    assert phrases == "True"


def modules(site: Path) -> set[str]:
    return {file.relative_to(site).as_posix() for file in (site / "msa_model").rglob("*.py")}


def test_the_wheel_is_all_of_the_engine_but_training_and_evaluation(site: Path) -> None:
    engine = {file.relative_to(ROOT).as_posix() for file in (ROOT / "msa_model").rglob("*.py")}
    research = {name for name in engine if name.startswith("msa_model/research/")}
    assert len(research) > 40
    assert modules(site) == engine - research


@pytest.mark.parametrize("command", ["train", "train-languages", "train-text-head", "evaluate"])
def test_a_command_for_model_makers_says_where_it_is_to_be_had(
    site: Path, tmp_path: Path, command: str
) -> None:
    done = run(site, tmp_path, "-m", "msa_model.cli.main", command, "--config", "x.toml", "y")
    assert done.returncode == 1
    assert f"'msa {command}' is for those who make models" in done.stderr
    assert "pip install -e ." in done.stderr
    assert "Run the command that the message gives" in done.stderr
    assert command not in run(site, tmp_path, "-m", "msa_model.cli.main", "--help").stdout


def test_a_raster_is_indexed_searched_and_described_and_an_extra_is_offered_by_name(
    site: Path, tmp_path: Path
) -> None:
    raster = write_scene(tmp_path / "scene.tif", 512)
    msa(site, tmp_path, "index", raster)
    hits = json.loads(msa(site, tmp_path, "search", raster, "a river", "-k", "3", "--json"))
    assert len(hits["results"]) == 3
    place = f"{EAST + 100},{NORTH - 100}"
    assert json.loads(msa(site, tmp_path, "describe", raster, "--at", place, "--scale", "100", "--json"))
    (tmp_path / "watch.csv").write_text("name,query\nwater,a river\n", encoding="utf-8")
    out = tmp_path / "batch.gpkg"
    msa(site, tmp_path, "batch", raster, "--watch-list", tmp_path / "watch.csv", "--out", out)
    assert out.is_file()
    done = run(site, tmp_path, "-m", "msa_model.cli.main", "indexes", "export", raster, "tiles.parquet")
    assert done.returncode == 1
    assert 'pip install "msa-model[parquet]"' in done.stderr
    assert not (tmp_path / "tiles.parquet").exists()


def test_a_model_is_adapted_and_calibrated(site: Path, tmp_path: Path) -> None:
    make_images(tmp_path / "images", 24)
    table = tmp_path / "images" / "captions.csv"
    words = ("adapt", "--images", table.parent, "--captions", table, "--out", tmp_path / "mine", "--json")
    assert json.loads(msa(site, tmp_path, *words))["images"] == 24
    more = ("calibrate", tmp_path / "images", "--seeds", "1", "--dry-run", "--json")
    assert json.loads(msa(site, tmp_path, *more))["sources"]


def test_the_worker_serves_from_it(site: Path, tmp_path: Path) -> None:
    with started_worker((*PYTHON, "-m", "msa_model.worker"), environment_of(site)) as worker:
        worker.initialize(device="cpu", threads=1)
        assert worker.ready().model == "msa-small"
