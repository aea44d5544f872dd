"""Running the plugin's algorithms as scripts do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsProcessingFeedback, QgsRectangle, QgsVectorLayer

from tests.qgis.scene import CRS, LEFT, TOP
from tools.staging import stage_plugin

ROOT = Path(__file__).resolve().parents[2]
PROCESSING = "/usr/share/qgis/python/plugins"

if PROCESSING not in sys.path:
    sys.path.append(PROCESSING)


class Feedback(QgsProcessingFeedback):
    """Keeps what was said."""

    def __init__(self) -> None:
        super().__init__(False)
        self.texts: list[str] = []

    def setProgressText(self, text: str) -> None:  # noqa: N802
        self.texts.append(text)


def run(name: str, feedback: QgsProcessingFeedback | None = None, **parameters: object) -> dict[str, Any]:
    import processing

    return processing.run(f"msa_search:{name}", parameters, feedback=feedback or Feedback())


def polygon_layer(rectangle: QgsRectangle, crs: str = f"EPSG:{CRS}") -> QgsVectorLayer:
    layer = QgsVectorLayer(f"Polygon?crs={crs}", "area", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromRect(rectangle))
    layer.dataProvider().addFeatures([feature])
    return layer


def corner(metres: float) -> QgsRectangle:
    """A square at the scene's upper left."""
    return QgsRectangle(LEFT, TOP - metres, LEFT + metres, TOP)


class QgisProcess:
    """The program `qgis_process` with the staged plugin, in a profile of its own."""

    def __init__(self, folder: Path, worker: str) -> None:
        program = shutil.which("qgis_process.bin") or shutil.which("qgis_process")
        if program is None:
            pytest.skip("qgis_process is not installed")
        self._program = program
        plugins = folder / "plugins"
        plugins.mkdir()
        stage_plugin(plugins)
        self._environment = {
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "QGIS_PLUGINPATH": str(plugins),
            "QGIS_CUSTOM_CONFIG_PATH": str(folder / "profile"),
            "MSA_SEARCH_WORKER": worker,
        }
        self("plugins", "enable", "qgis_msa_plugin")

    def __call__(self, *arguments: str) -> str:
        done = subprocess.run(
            [self._program, *arguments],
            env=self._environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
