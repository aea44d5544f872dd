"""The window of the set-up with its job and inspection, made when first wanted."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsApplication
from qgis.PyQt.QtWidgets import QWidget

from qgis_msa_plugin.setup.dialog import SetupDialog
from qgis_msa_plugin.setup.environment import Environment
from qgis_msa_plugin.setup.inspection import Inspection, interpreter_search
from qgis_msa_plugin.setup.job import SetupJob
from qgis_msa_plugin.setup.site import shipped_site


class SetupParts:
    """Window, job and inspection, made when first wanted; `program` is another worker under trial."""

    def __init__(self, window: QWidget) -> None:
        environment = Environment(Path(QgsApplication.qgisSettingsDirPath()))
        self.job = SetupJob(environment, shipped_site(), window)
        self.inspection = Inspection(interpreter_search(), window)
        self.dialog = SetupDialog(self.job, self.inspection, window)
        self.program = ""

    @property
    def gpu(self) -> str:
        """The graphics card, if one was found."""
        return self.dialog.gpu

    def close(self) -> None:
        """End what runs, and let everything go."""
        self.inspection.stop()
        self.job.release()
        for part in (self.dialog, self.inspection, self.job):
            part.deleteLater()
