"""MSA Search: search rasters by describing what to find."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

    from qgis_msa_plugin.plugin import MsaSearchPlugin

# Staged, the contract with the worker lies in the plugin's folder; in a checkout beside it.
BUNDLE = Path(__file__).resolve().parent / "_bundled"


def classFactory(iface: QgisInterface) -> MsaSearchPlugin:
    """What QGIS calls to load the plugin."""
    add_bundle()
    from qgis_msa_plugin.plugin import MsaSearchPlugin  # noqa: PLC0415  (needs the bundle)

    return MsaSearchPlugin(iface)


def add_bundle() -> None:
    """Make the bundled `msa_model` importable, behind everything else."""
    if BUNDLE.is_dir() and str(BUNDLE) not in sys.path:
        sys.path.append(str(BUNDLE))


def remove_bundle() -> None:
    """Forget the bundle and what was imported from it, else an upgrade would keep the old protocol."""
    if str(BUNDLE) in sys.path:
        sys.path.remove(str(BUNDLE))
    for name in [name for name in sys.modules if name.partition(".")[0] == "msa_model"]:
        del sys.modules[name]
