"""What becomes of judged places and of answers: layers of files, points and boxes for other plugins."""

from __future__ import annotations

from functools import partial
from typing import Optional

from qgis.core import QgsApplication, QgsProject, QgsVectorLayer, QgsWkbTypes
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QMenu, QToolButton, QWidget

from qgis_msa_plugin.gis.ours import is_made
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.translate import tr


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
            action = menu.addAction(layer.name().replace("&", "&&"))
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
