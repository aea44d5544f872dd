"""A worker's environment that takes seconds: tiny wheels in a folder, an engine that is the odd worker."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from qgis_msa_plugin.setup.environment import SetupFiles
from tests.qgis.tiny_wheel import write_wheel

ODD_WORKER = Path(__file__).with_name("odd_worker.py")
WHEELS = {"torch": "2.13.0", "tinylib": "1.0", "tinytext": "0.1"}
BACKEND = """
import pathlib, sys, time, zipfile
sys.path.insert(0, {here!r})
def build_wheel(folder, config_settings=None, metadata_directory=None):
    hold = pathlib.Path({hold!r})
    while hold.exists():
        hold.with_name("held").touch()
        time.sleep(0.05)
    from tiny_wheel import write_wheel
    sources = {{"tiny_engine.py": pathlib.Path("tiny_engine.py").read_text()}}
    return write_wheel(pathlib.Path(folder), "msa-model", "0.1", sources, "msa = tiny_engine:main").name
"""
ENGINE = """
import runpy, sys
def main():
    mode = {mode!r}
    if sys.argv[1:] != ["worker"]:
        sys.exit("This is only a worker.")
    sys.argv = [{worker!r}, mode]
    runpy.run_path({worker!r}, run_name="__main__")
"""
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "msa-model"
version = "0.1"
"""


def make_wheels(folder: Path) -> Path:
    """The packages of the pins, in a folder with a blank in its name."""
    folder.mkdir(parents=True)
    for name in WHEELS:
        write_tiny(folder, name)
    return folder


def hashed_pin(folder: Path, name: str) -> str:
    """A line of a list with hashes, for one of the wheels; their bytes are always the same."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        wheel = write_tiny(Path(place), name)
        return f"{name}=={WHEELS[name]} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


def write_tiny(folder: Path, name: str) -> Path:
    """The wheel of one of the pins."""
    version = WHEELS[name]
    return write_wheel(folder, name, version, {f"{name}/__init__.py": f"__version__ = '{version}'\n"})


def tiny_setup_files(folder: Path, mode: str = "good") -> SetupFiles:
    """Pins and an engine whose `msa worker` is the odd worker in that mode.

    A file `hold` in `folder` stops pip in the engine's build, `held` tells that it did.
    """
    pins, sources = folder / "pins", folder / "sources"
    (pins / "locked").mkdir(parents=True)
    sources.mkdir()
    texts = {
        "constraints": "",
        "torch": "torch==2.13.0\n",
        "locked/worker": hashed_pin(folder, "tinylib"),
        "locked/setup": "uv==0.13.9\n",
        "locked/text-encoder": hashed_pin(folder, "tinytext"),
    }
    for name, text in texts.items():
        (pins / f"{name}.txt").write_text(text)
    files = {
        "pyproject.toml": PROJECT,
        "backend.py": BACKEND.format(here=str(ODD_WORKER.parent), hold=str(folder / "hold")),
        "tiny_engine.py": ENGINE.format(mode=mode, worker=str(ODD_WORKER)),
    }
    for name, text in files.items():
        (sources / name).write_text(text, encoding="utf-8")
    return SetupFiles(pins, {name: sources / name for name in files}, "0.1")
