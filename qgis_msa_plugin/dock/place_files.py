"""Where the user wants places to go: file dialogs around `map.place_layers`, and what came of it in words."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Optional

from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject
from qgis.PyQt.QtWidgets import QFileDialog, QWidget

from msa_model.protocol.errors import MsaError
from qgis_msa_plugin.gis.vector_file import gpkg_path
from qgis_msa_plugin.map.packaged import package
from qgis_msa_plugin.map.place_layers import accepted, append_places, save_places, save_prompts
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.judged import Judged, place_of
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.widgets.notices import NoticeLevel


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
