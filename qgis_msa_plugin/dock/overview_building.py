"""Building overviews of the rasters that have none: asked about, in the background, told at the end."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsApplication, QgsProject
from qgis.PyQt.QtWidgets import QMessageBox, QWidget

from msa_model.protocol.errors import Cancelled, MsaError
from qgis_msa_plugin.gis.overviews import OverviewTask, check_buildable, most_bytes, overview_file
from qgis_msa_plugin.plain_text import message_box
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.widgets.observed import NoticeLevel


class OverviewBuilding:
    """Asks, starts a task for each raster, and has the costs told anew when it is done."""

    def __init__(self, controller: SearchController, parent: QWidget) -> None:
        self._controller, self._state, self._parent = controller, controller.state, parent
        self._tasks: dict[Path, OverviewTask] = {}

    def ask(self) -> None:
        """Build overviews of the searched rasters that have none, if the user agrees."""
        rasters = [path for path in map(Path, self._state.bare) if path not in self._tasks]
        try:
            for raster in rasters:
                check_buildable(raster)
            sizes = sum(map(most_bytes, rasters))
        except MsaError as error:
            self._state.fail(error)
            return
        if rasters:
            self._question(rasters, sizes).open()

    def release(self) -> None:
        """Stop; nothing is left of what is not done."""
        for task in self._tasks.values():
            task.ended.disconnect()
            task.cancel()
        self._tasks = {}

    def _question(self, rasters: list[Path], size: int) -> QMessageBox:
        files = "\n".join(str(overview_file(raster)) for raster in rasters)
        text = tr(
            "Build overviews in the background?\n{files}\n\nThey take at most {size}. The rasters stay as "
            "they are. Tiles that are indexed already will be compared with them once."
        )
        box = message_box(
            self._parent, tr("Build overviews"), text.format(files=files, size=wording.disk(size))
        )
        box.setObjectName("msaOverviewsConfirm")
        box.setIcon(QMessageBox.Icon.Question)
        box.setStandardButtons(QMessageBox.StandardButton.Cancel)
        button = box.addButton(tr("&Build"), QMessageBox.ButtonRole.AcceptRole)
        button.setObjectName("msaOverviewsConfirmed")
        box.buttonClicked.connect(lambda chosen: self._start(rasters) if chosen is button else None)
        return box

    def _start(self, rasters: list[Path]) -> None:
        for raster in rasters:
            task = OverviewTask(raster)
            task.ended.connect(lambda error, raster=raster: self._on_ended(raster, error))
            self._tasks[raster] = task
            QgsApplication.taskManager().addTask(task)
        text = tr("Overviews are being built; QGIS's list of tasks shows how far they are, and cancels them.")
        self._state.say(NoticeLevel.INFO, text)

    def _on_ended(self, raster: Path, error: object) -> None:
        self._tasks.pop(raster, None)
        if isinstance(error, Cancelled):
            self._state.say(NoticeLevel.INFO, error.sentence)
        elif isinstance(error, MsaError):
            self._state.fail(error)
        else:
            _reload(raster)
            self._controller.plan_anew()
            self._state.say(
                NoticeLevel.INFO, tr("The overviews of {name} are built.").format(name=raster.name)
            )


def _reload(raster: Path) -> None:
    """Have QGIS draw the layers of the raster through its overviews."""
    for layer in QgsProject.instance().mapLayers().values():
        provider = layer.dataProvider()
        if provider is not None and Path(provider.dataSourceUri()) == raster:
            provider.reloadData()
            layer.triggerRepaint()
