"""Where the plugin's own files lie: staged inside its folder, in a checkout beside it."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

PLUGIN_FOLDER = Path(__file__).resolve().parent
_RESOURCES = next(
    folder / "resources"
    for folder in (PLUGIN_FOLDER, PLUGIN_FOLDER.parent)
    if (folder / "resources").is_dir()
)


def resource(name: str) -> Path:
    """The path of a file below `resources/`, whether it exists or not."""
    return _RESOURCES / name


def plugin_version() -> str:
    """The version of this plugin, from its metadata.txt."""
    folder = PLUGIN_FOLDER if (PLUGIN_FOLDER / "metadata.txt").is_file() else PLUGIN_FOLDER.parent
    metadata = ConfigParser(interpolation=None)
    metadata.read(folder / "metadata.txt", encoding="utf-8")
    return metadata.get("general", "version", fallback="?")
