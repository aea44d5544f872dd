"""An installed wheel stands alone: no checkout around it, and still a checkpoint and phrases."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.staging import stage_plugin

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("setup.py", "pyproject.toml", "metadata.txt", "README.md", "LICENSE", "msa_model", "resources")
PIP = (sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--no-build-isolation")
PROBE = """
import msa_model
from msa_model.model.checkpoint import checkpoint_identity, default_checkpoint
from msa_model.shipped import resource, version
name = checkpoint_identity(None)[0]
print(default_checkpoint(), resource("phrases.csv").is_file(), version(), name, sep="|")
"""


@pytest.mark.slow
def test_an_installed_wheel_finds_its_checkpoint_phrases_and_version(tmp_path: Path) -> None:
    checkout, site = tmp_path / "checkout", tmp_path / "site"
    checkout.mkdir()
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, checkout / name)
    subprocess.run([*PIP, "--target", str(site), str(checkout)], check=True)
    shutil.rmtree(checkout)
    probe = [sys.executable, "-c", PROBE]
    environment = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run(probe, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    folder, phrases, version, model = done.stdout.strip().split("|")
    assert Path(folder).is_relative_to(site)
    assert (phrases, model) == ("True", "msa-small")
    assert f"version={version}" in (ROOT / "metadata.txt").read_text(encoding="utf-8")


SET_UP = """
import sys
from pathlib import Path
from qgis_msa_plugin.setup.site import shipped_site
shipped_site().put_together(Path(sys.argv[1]))
"""


@pytest.mark.slow
def test_what_the_plugin_puts_together_for_the_set_up_is_the_same_wheel(tmp_path: Path) -> None:
    stage_plugin(tmp_path / "plugins")
    command = [sys.executable, "-P", "-c", SET_UP, str(tmp_path / "engine")]
    plugins = {**os.environ, "PYTHONPATH": str(tmp_path / "plugins")}
    subprocess.run(command, cwd=tmp_path, env=plugins, check=True)
    shutil.rmtree(tmp_path / "plugins")
    subprocess.run([*PIP, "--target", str(tmp_path / "site"), str(tmp_path / "engine")], check=True)
    probe = [sys.executable, "-c", PROBE]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run(probe, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    folder, phrases, *_ = done.stdout.strip().split("|")
    assert Path(folder).is_relative_to(tmp_path / "site")
    assert phrases == "True"
