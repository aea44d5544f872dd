"""What becomes of judged places and of answers: layers of files, points and boxes for other plugins.

Where the user wants places to go: file dialogs around `map.place_layers`, and what came of it in words.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Callable, Optional

from qgis.core import (
    QgsApplication,
    QgsProject,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from msa_model.protocol.errors import MsaError
from qgis_msa_plugin.gis.marks import is_made
from qgis_msa_plugin.gis.vector_file import gpkg_path
from qgis_msa_plugin.map.packaged import package
from qgis_msa_plugin.map.place_layers import accepted, append_places, save_places, save_prompts
from qgis_msa_plugin.plain_text import entry
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.judged import Judged, place_of
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.widgets.observed import NoticeLevel


class KeepButton(QToolButton):
    """A disk whose menu is made anew each time that it opens."""

    save_wanted = pyqtSignal()
    append_wanted = pyqtSignal(str)  # id of a layer
    prompts_wanted = pyqtSignal()
    hits_wanted = pyqtSignal()
    package_wanted = pyqtSignal(bool)  # with heat maps

    def __init__(self, state: SearchState, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setObjectName("msaKeep")
        self.setIcon(QgsApplication.getThemeIcon("/mActionFileSaveAs.svg"))
        self.setToolTip(tr("Save accepted places, or hits, as layers"))
        self.setAccessibleName(tr("Save places"))
        self.setAutoRaise(True)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.setObjectName("msaKeepMenu")
        menu.aboutToShow.connect(self.fill)
        self.setMenu(menu)

    def fill(self) -> None:
        """Make the menu anew."""
        menu, review = self.menu(), self._state.review
        menu.clear()
        judged = review.accepted + review.rejected > 0
        for name, text, wanted, possible in (
            ("msaSaveAccepted", tr("Save accepted as layer…"), self.save_wanted, review.accepted > 0),
            ("msaSavePrompts", tr("Save judged as points and boxes…"), self.prompts_wanted, judged),
            ("msaSaveHits", tr("Save hits as points and boxes…"), self.hits_wanted, True),
        ):
            action = menu.addAction(text)
            action.setObjectName(name)
            action.setEnabled(possible)
            action.triggered.connect(wanted.emit)
        self._add_layers(menu.addMenu(tr("Append accepted to layer")))
        menu.addSeparator()
        for name, text, maps in (
            ("msaPackage", tr("Package results with the project"), False),
            ("msaPackageMaps", tr("Package results and heat maps with the project"), True),
        ):
            action = menu.addAction(text)
            action.setObjectName(name)
            action.triggered.connect(partial(self._package, maps))

    def _add_layers(self, menu: QMenu) -> None:
        menu.setObjectName("msaAppendMenu")
        layers = sorted(_polygon_layers(QgsProject.instance()), key=lambda layer: layer.name().casefold())
        for layer in layers:
            action = menu.addAction(entry(layer.name()))
            action.setData(layer.id())
            action.triggered.connect(partial(self._append, layer.id()))
        menu.setEnabled(bool(layers) and self._state.review.accepted > 0)

    def _package(self, maps: bool, _: bool = False) -> None:
        self.package_wanted.emit(maps)

    def _append(self, layer_id: str, _: bool = False) -> None:
        self.append_wanted.emit(layer_id)


def _polygon_layers(project: QgsProject) -> list[QgsVectorLayer]:
    """Those that the plugin has not made itself."""
    vectors = [layer for layer in project.mapLayers().values() if isinstance(layer, QgsVectorLayer)]
    polygons = QgsWkbTypes.GeometryType.PolygonGeometry
    return [layer for layer in vectors if layer.geometryType() == polygons and not is_made(layer)]


class PlaceFiles(QObject):
    """Acts on the places that the answer on screen is about; what cannot be done is told as a notice."""

    def __init__(self, controller: SearchController, parent: QWidget) -> None:
        super().__init__(parent)
        self._controller, self._state, self._window = controller, controller.state, parent

    def save_accepted(self) -> None:
        """Ask for a file, and write the accepted places as a layer of the project."""
        self._save(tr("Save accepted places"), lambda path: [save_places(path, self._accepted())])

    def save_prompts(self) -> None:
        """Ask for a file, and write the judged places as points and boxes."""
        self._save(tr("Save as points and boxes"), lambda path: save_prompts(path, self._controller.judged()))

    def save_hits(self) -> None:
        """Ask for a file, and write the hits that are shown as points and boxes."""
        self._save(tr("Save as points and boxes"), lambda path: save_prompts(path, self._hits()))

    def append(self, layer_id: str) -> None:
        """Add the accepted places to a layer of the project."""
        layer = QgsProject.instance().mapLayer(layer_id)
        if not isinstance(layer, QgsVectorLayer):
            return
        places = self._accepted()
        try:
            count = append_places(layer, places)
        except MsaError as error:
            self._state.fail(error)
            return
        text = tr("{n} place(s) appended to '{name}'; {known} were there already.")
        known = wording.count(len(places) - count)
        self._state.say(NoticeLevel.INFO, text.format(n=wording.count(count), name=layer.name(), known=known))

    def package(self, heat_maps: bool) -> None:
        """Write all answers of the project into a GeoPackage beside it."""
        try:
            written = package(QgsProject.instance(), heat_maps)
        except MsaError as error:
            self._state.fail(error)
            return
        text = tr(
            "Packaged: {answers} answer(s) and {maps} heat map(s) in {path}. Save the project to use them."
        )
        answers, maps = wording.count(written.answers), wording.count(written.heat_maps)
        self._state.say(NoticeLevel.INFO, text.format(answers=answers, maps=maps, path=written.path))

    def _save(self, title: str, write: Callable[[Path], list[QgsVectorLayer]]) -> None:
        path = self._asked(title)
        if path is None:
            return
        try:
            layers = write(path)
        except MsaError as error:
            self._state.fail(error)
            return
        added = QgsProject.instance().addMapLayers(layers)
        text = tr("Saved: {path} ({layers})")
        names = ", ".join(layer.name() for layer in added)
        self._state.say(NoticeLevel.INFO, text.format(path=path, layers=names))

    def _asked(self, title: str) -> Optional[Path]:
        """A file that exists gets another layer: there is nothing to confirm."""
        flags = QFileDialog.Option.DontConfirmOverwrite
        folder = QgsProject.instance().homePath()
        kinds = tr("GeoPackage (*.gpkg)")
        name, _ = QFileDialog.getSaveFileName(self._window, title, folder, kinds, options=flags)
        return gpkg_path(name) if name else None

    def _accepted(self) -> Judged:
        return accepted(self._controller.judged())

    def _hits(self) -> Judged:
        results, state = self._state.results, self._state
        if results is None:
            return ()
        return tuple(place_of(results, row, state.judgement(row + 1)) for row in state.shown.rows)
