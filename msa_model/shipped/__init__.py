"""Files that come with the package: in its wheel, in the checkout, or in the plugin's folder around it.

Also which checkpoint a name means.
"""

from __future__ import annotations

import importlib.metadata
from configparser import ConfigParser
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_ROOTS = (_PACKAGE.parent, _PACKAGE.parents[1])  # the checkout; the plugin that bundles the package


def resource(name: str) -> Path:
    """The path of a shipped file, whether it exists or not."""
    places = [_PACKAGE / "_resources" / name, *(root / "resources" / name for root in _ROOTS)]
    return next((place for place in places if place.exists()), places[0])


def version() -> str:
    """The version of the code that runs: from metadata.txt beside it, else as installed."""
    metadata = ConfigParser(interpolation=None)
    metadata.read([root / "metadata.txt" for root in reversed(_ROOTS)], encoding="utf-8")
    return metadata.get("general", "version", fallback="") or importlib.metadata.version("msa-model")


def checkpoint_folder(model: str | None) -> Path | None:
    """The folder of a checkpoint given by path, or by name if it is shipped; None is the default one."""
    if model is None:
        return None
    shipped = resource(f"checkpoints/{model}")
    return shipped if not Path(model).is_dir() and shipped.is_dir() else Path(model)
