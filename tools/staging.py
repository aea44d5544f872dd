"""The one folder that QGIS wants, put together from the checkout."""

from __future__ import annotations

import shutil
from configparser import ConfigParser
from pathlib import Path

from tools.translations import release

ROOT = Path(__file__).resolve().parents[1]
PLUGIN = "qgis_msa_plugin"
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
RESEARCH = "research"  # what the wheel leaves out
_OF_DEVELOPERS = frozenset(("dev.txt", "qgis-tests.txt", "qt6-tests.txt", "presets"))


def version() -> str:
    """The version, from metadata.txt."""
    metadata = ConfigParser(interpolation=None)
    metadata.read(ROOT / "metadata.txt", encoding="utf-8")
    return metadata["general"]["version"]


def stage_plugin(parent: Path) -> Path:
    """Replace `parent`/qgis_msa_plugin by the plugin with its metadata, licence, resources, texts and engine.

    The engine comes with what pip needs to install it: the plugin sets up the worker's environment itself.
    """
    staged = parent / PLUGIN
    shutil.rmtree(staged, ignore_errors=True)
    shutil.copytree(ROOT / PLUGIN, staged, ignore=LEFT_OUT)
    shutil.copytree(ROOT / "resources", staged / "resources", ignore=_not_shipped)
    shutil.copytree(ROOT / "msa_model", staged / "_bundled" / "msa_model", ignore=_not_installed)
    for name in ("metadata.txt", "LICENSE"):
        shutil.copy2(ROOT / name, staged / name)
    for name in ("pyproject.toml", "setup.py", "README.md"):
        shutil.copy2(ROOT / name, staged / "_bundled" / name)
    release(staged / "i18n")
    return staged


def _not_shipped(folder: str, names: list[str]) -> set[str]:
    return {*LEFT_OUT(folder, names), *_OF_DEVELOPERS.intersection(names)}


def _not_installed(folder: str, names: list[str]) -> set[str]:
    research = {RESEARCH} if Path(folder) == ROOT / "msa_model" else set()
    return {*LEFT_OUT(folder, names), *research}
