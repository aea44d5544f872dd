"""What the plugin brings along for the environment: the pins, and the engine's sources."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from qgis_msa_plugin.places import PLUGIN_FOLDER, plugin_version, resource

# What the engine's sources consist of, and where they lie in the plugin's folder.
_SOURCES = {
    "msa_model": "_bundled/msa_model",
    "pyproject.toml": "_bundled/pyproject.toml",
    "setup.py": "_bundled/setup.py",
    "README.md": "_bundled/README.md",
    "metadata.txt": "metadata.txt",
    "LICENSE": "LICENSE",
    "resources": "resources",
}
_PINS = ("constraints", "torch", "locked/worker", "locked/text-encoder")


@dataclass(frozen=True)
class Site:
    """A folder of requirement files, and the engine's sources by their names in its source tree."""

    pins: Path
    sources: dict[str, Path]
    version: str

    def pin(self, name: str) -> str:
        """The path of a requirements file."""
        return str(self.pins / f"{name}.txt")

    def fingerprint(self) -> str:
        """Changes with the plugin's version and with every pin."""
        digest = hashlib.sha256(self.version.encode())
        for name in _PINS:
            digest.update((self.pins / f"{name}.txt").read_bytes())
        return digest.hexdigest()[:16]

    def put_together(self, folder: Path) -> None:
        """Copy the engine's sources to `folder`, as pip wants them."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        left_out = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
        for name, source in self.sources.items():
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=left_out)
            else:
                shutil.copy2(source, folder / name)


def shipped_site() -> Site:
    """The site of this plugin: staged, or in a checkout."""
    staged = (PLUGIN_FOLDER / "_bundled").is_dir()
    places = {
        name: PLUGIN_FOLDER / place if staged else PLUGIN_FOLDER.parent / name
        for name, place in _SOURCES.items()
    }
    return Site(resource("requirements"), places, plugin_version())
