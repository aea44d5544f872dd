"""The window of the set-up with its job and survey, made when first wanted."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsApplication
from qgis.PyQt.QtWidgets import QWidget

from qgis_msa_plugin.setup.dialog import SetupDialog
from qgis_msa_plugin.setup.environment import Environment
from qgis_msa_plugin.setup.job import SetupJob
from qgis_msa_plugin.setup.site import shipped_site
from qgis_msa_plugin.setup.survey import Survey, surroundings


class SetupParts:
    """Window, job and survey; made when first wanted. `program` is the worker under trial, if not ours."""

    def __init__(self, window: QWidget) -> None:
        environment = Environment(Path(QgsApplication.qgisSettingsDirPath()))
        self.job = SetupJob(environment, shipped_site(), window)
        self.survey = Survey(surroundings(), window)
        self.dialog = SetupDialog(self.job, self.survey, window)
        self.program = ""

    @property
    def gpu(self) -> str:
        """The graphics card, if one was found."""
        return self.dialog.gpu

    def close(self) -> None:
        """End what runs, and let everything go."""
        self.survey.stop()
        self.job.release()
        for part in (self.dialog, self.survey, self.job):
            part.deleteLater()
