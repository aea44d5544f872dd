"""Which rasters a batch scan goes over: layers of the project and other files; two dates of one place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from qgis.core import QgsApplication, QgsMapLayer, QgsProject, QgsProviderRegistry, QgsRasterLayer
from qgis.PyQt.QtCore import QSize, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from msa_model.protocol.batch import DatedPair
from msa_model.protocol.errors import BadArgument, MsaError
from msa_model.protocol.messages import Aoi, MapStyle, RasterRef, Source
from qgis_msa_plugin.errors import error_line
from qgis_msa_plugin.gis.hit_form import date_of_layer
from qgis_msa_plugin.gis.raster_source import LayerNotAFile, raster_ref
from qgis_msa_plugin.gis.two_dates import TwoDates
from qgis_msa_plugin.plain_text import tip
from qgis_msa_plugin.render.source import bulk_source_of
from qgis_msa_plugin.render.style import map_style, shown_source
from qgis_msa_plugin.translate import tr

_HEIGHT = 96
_LAYER_ROLE = int(Qt.ItemDataRole.UserRole)


class RasterList(QWidget):
    """Follows the project's layers; what QGIS cannot open cannot be ticked, and its tooltip says why.

    `changed` tells that other rasters may be ticked.
    """

    changed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.list = QListWidget(self)
        self.list.setObjectName("msaBatchRasters")
        self.list.setAccessibleName(tr("Rasters to scan"))
        self.list.setIconSize(QSize(16, 16))
        self.list.setMaximumHeight(_HEIGHT)
        self.list.setToolTip(tr("Tick the rasters that every query is asked of"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list)
        column.addLayout(self._buttons())
        self.list.itemChanged.connect(self.changed)
        self.list.model().rowsRemoved.connect(self.changed)
        project = QgsProject.instance()
        project.layersAdded.connect(self._on_added)
        project.layersWillBeRemoved.connect(self._on_removed)
        self._on_added(list(project.mapLayers().values()))

    def sources(self, area: Optional[Aoi], gsd_m: Optional[float], shares_files: bool) -> tuple[Source, ...]:
        """The ticked rasters, each once, as a worker reads them that sees this machine's files, or does not.

        Raises:
            BadArgument: there is none, or a file is no layer that could be drawn for a worker elsewhere.
            MsaError: as `bulk_source_of`.
        """
        ticked = self._ticked()
        if not ticked:
            raise BadArgument(tr("No raster is ticked: tick layers, or add files."))
        found = [self._source(item, area, gsd_m, shares_files) for item in ticked]
        return tuple({source.address: source for source in found}.values())

    def layers(self) -> list[QgsMapLayer]:
        """The ticked layers of the project."""
        found = (_layer_of(item) for item in self._ticked())
        return [layer for layer in found if layer is not None]

    def styles(self) -> tuple[MapStyle, ...]:
        """How the map shows the ticked layers, as far as that can be told."""
        return tuple(style for style in map(map_style, self.layers()) if style is not None)

    def is_empty(self) -> bool:
        """Whether no raster is ticked."""
        return not self._ticked()

    def all_are_layers(self) -> bool:
        """Whether every ticked raster is a layer of the project."""
        return len(self.layers()) == len(self._ticked())

    def add_files(self, paths: list[str]) -> None:
        """Add rasters that are no layers, ticked."""
        for path in paths:
            self._add(path, path, "", ticked=True)
        self.changed.emit()

    def tick_layers(self, layer_ids: Iterable[str]) -> None:
        """Tick these, and nothing else."""
        wanted = set(layer_ids)
        for row in range(self.list.count()):
            item = self.list.item(row)
            ticked = item.data(_LAYER_ROLE) in wanted and item.flags() & Qt.ItemFlag.ItemIsEnabled
            item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)

    def release(self) -> None:
        """Stop following the project."""
        QgsProject.instance().layersAdded.disconnect(self._on_added)
        QgsProject.instance().layersWillBeRemoved.disconnect(self._on_removed)

    def _ticked(self) -> list[QListWidgetItem]:
        items = (self.list.item(row) for row in range(self.list.count()))
        return [item for item in items if item.checkState() == Qt.CheckState.Checked]

    def _source(
        self, item: QListWidgetItem, area: Optional[Aoi], gsd_m: Optional[float], shares_files: bool
    ) -> Source:
        layer = _layer_of(item)
        if layer is not None:
            return bulk_source_of(layer, area, gsd_m, shares_files)
        if not shares_files:
            text = tr("The worker runs on another machine and cannot read {path}: add it to the project.")
            raise BadArgument(text.format(path=item.text()))
        return RasterRef(item.text())

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        files = _button(tr("Add &files…"), "msaBatchAddFiles", tr("Scan rasters that are not in the project"))
        every = _button(tr("All"), "msaBatchAll", tr("Tick every raster"))
        none = _button(tr("None"), "msaBatchNone", tr("Tick no raster"))
        files.setIcon(QgsApplication.getThemeIcon("/mActionFileOpen.svg"))
        files.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        files.clicked.connect(self._choose_files)
        every.clicked.connect(lambda: self._tick(Qt.CheckState.Checked))
        none.clicked.connect(lambda: self._tick(Qt.CheckState.Unchecked))
        for button in (files, every, none):
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _choose_files(self) -> None:
        filters = QgsProviderRegistry.instance().fileRasterFilters()
        paths, _ = QFileDialog.getOpenFileNames(self, tr("Rasters to scan"), "", filters)
        self.add_files(paths)

    def _tick(self, state: Qt.CheckState) -> None:
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item.flags() & Qt.ItemFlag.ItemIsEnabled:
                item.setCheckState(state)

    def _on_added(self, layers: list[QgsMapLayer]) -> None:
        rasters = (layer for layer in layers if isinstance(layer, QgsRasterLayer))
        for layer in sorted(rasters, key=lambda layer: str(layer.name()).lower()):
            self._add_layer(layer)

    def _add_layer(self, layer: QgsRasterLayer) -> None:
        item = self._add(layer.name(), shown_source(layer), layer.id(), ticked=False)
        try:
            item.setToolTip(tip(raster_ref(layer).address))
        except LayerNotAFile:
            pass  # it is drawn
        except MsaError as error:
            item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
            item.setToolTip(tip(error_line(error)))
        layer.nameChanged.connect(self._on_renamed)

    def _add(self, name: str, address: str, layer_id: str, ticked: bool) -> QListWidgetItem:
        item = QListWidgetItem(QgsApplication.getThemeIcon("/mIconRaster.svg"), name, self.list)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
        item.setData(_LAYER_ROLE, layer_id)
        item.setToolTip(tip(address))
        return item

    def _on_removed(self, layer_ids: list[str]) -> None:
        for row in reversed(range(self.list.count())):
            if self.list.item(row).data(_LAYER_ROLE) in layer_ids:
                self.list.takeItem(row)

    def _on_renamed(self) -> None:
        for row in range(self.list.count()):
            item = self.list.item(row)
            layer = QgsProject.instance().mapLayer(item.data(_LAYER_ROLE) or "")
            if layer is not None:
                item.setText(layer.name())


def _layer_of(item: QListWidgetItem) -> Optional[QgsMapLayer]:
    return QgsProject.instance().mapLayer(item.data(_LAYER_ROLE) or "")


def _button(text: str, name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setObjectName(name)
    button.setToolTip(tip)
    return button


class PairBar(QWidget):
    """Before and after, shown while the tick `on`, which stands elsewhere, is set.

    A date that is left empty is what the raster tells.
    """

    changed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.on = QCheckBox(tr("Compare two dates"), parent)
        self.on.setObjectName("msaBatchPair")
        self.on.setToolTip(tr("Lines like “appeared: houses” are asked of these two layers"))
        self.two = TwoDates("msaBatch", self)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        self.two.add_to(grid)
        self.hide()
        self.on.toggled.connect(self._on_toggled)
        self.two.changed.connect(self._on_layers)

    def pairs(self, area: Optional[Aoi], gsd_m: Optional[float], shares_files: bool) -> tuple[DatedPair, ...]:
        """The pair, as a worker reads it; none without the tick.

        Raises:
            BadArgument: there are not two layers.
            MsaError: as `bulk_source_of`.
        """
        if not self.on.isChecked():
            return ()
        layers = self.two.layers()
        if len({layer.id() for layer in layers}) != 2:  # noqa: PLR2004  (before and after)
            raise BadArgument(tr("Before and after must be two layers of one place."))
        before, after = (bulk_source_of(layer, area, gsd_m, shares_files) for layer in layers)
        return (DatedPair(before, after, *self.two.dates()),)

    def release(self) -> None:
        """Follow the project no more."""
        self.two.release()

    def _on_toggled(self, on: bool) -> None:
        self.setVisible(on)
        if on:
            self.two.begin(self.two.layers()[:1])
        self._on_layers()

    def _on_layers(self) -> None:
        self.two.tell({layer.id(): date_of_layer(layer) for layer in self.two.layers()})
        self.changed.emit()
