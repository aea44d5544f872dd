"""Which rasters to search, and where in them.

Its mnemonics, as all of the dock, are letters that no menu of QGIS has: a letter in both would open neither.
"""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsApplication, QgsMapLayer, QgsProject, QgsRasterLayer
from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from qgis_msa_plugin.dock.layer_choice import LayerChoice
from qgis_msa_plugin.gis.areas import AreaKind, canvas_area
from qgis_msa_plugin.gis.marks import is_heat_layer
from qgis_msa_plugin.render.grid import gsd_choices, usual_gsd
from qgis_msa_plugin.search.area import AreaSource, selected_area, whole_layer
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording

_NARROWEST_CHARACTERS = 10


class TargetBar(QWidget):
    """The choosers of layers and area."""

    layers_chosen = pyqtSignal(object)  # tuple[QgsRasterLayer, ...]
    area_chosen = pyqtSignal(object)  # AreaSource
    area_moved = pyqtSignal()
    gsd_chosen = pyqtSignal(object)  # Optional[float]: metres, or as the layer suggests

    def __init__(self, iface: QgisInterface, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._iface = iface
        self._by_hand: Optional[AreaKind] = None  # the area that the user has chosen
        self.choice = self._layer_choice()
        self.pin = self._pin_button()
        self.areas = self._area_combo()
        self.gsds = self._gsd_combo()
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        layer, label = QHBoxLayout(), QLabel(tr("La&yer"), self)
        label.setBuddy(self.choice)
        layer.addWidget(self.choice, 1)
        layer.addWidget(self.pin)
        form.addRow(label, layer)
        self._of_layers = (label, self.choice, self.pin)
        form.addRow(tr("&Area"), self.areas)
        form.addRow(tr("Pi&xel"), self.gsds)
        self._gsd_label = form.labelForField(self.gsds)
        self._offer_gsds()
        self._propose_area()
        self.choice.chosen.connect(self._on_layers)
        self.gsds.currentIndexChanged.connect(lambda _: self.gsd_chosen.emit(self.gsds.currentData()))
        self.areas.activated.connect(self._on_area)
        self.areas.currentIndexChanged.connect(lambda _: self.area_chosen.emit(self.area()))
        # Methods, not lambdas: Qt lets go of them with this widget, while the canvas lives on.
        iface.mapCanvas().extentsChanged.connect(self._on_view)
        iface.mapCanvas().selectionChanged.connect(self._on_selection)
        iface.currentLayerChanged.connect(self._follow)
        self._follow(iface.activeLayer())

    def layers(self) -> tuple[QgsRasterLayer, ...]:
        """The chosen layers."""
        return self.choice.layers()

    def show_layers(self, shown: bool) -> None:
        """Leave the choice of layers to another part, or take it back."""
        for part in self._of_layers:
            part.setVisible(shown)

    @property
    def follows_view(self) -> bool:
        """Whether what the map shows is what is searched."""
        return self.kind is AreaKind.CANVAS

    @property
    def kind(self) -> AreaKind:
        """Which area is chosen."""
        return AreaKind(self.areas.currentData())

    def choose_view(self) -> None:
        """Search what the map shows, as if the user had chosen that."""
        self._by_hand = AreaKind.CANVAS
        self.areas.setCurrentIndex(self.areas.findData(AreaKind.CANVAS))

    def area(self) -> AreaSource:
        """The chosen area."""
        kind = self.kind
        if kind is AreaKind.CANVAS:
            return lambda: canvas_area(self._iface.mapCanvas(), self.layers())
        if kind is AreaKind.SELECTION:
            return lambda: selected_area(QgsProject.instance(), self._iface.activeLayer())
        return whole_layer

    def _layer_choice(self) -> LayerChoice:
        combo = LayerChoice(self)
        combo.setObjectName("msaLayer")
        combo.setToolTip(
            tr("The raster layers to search: click a name for that layer alone, a box for several at once")
        )
        _may_shrink(combo)
        return combo

    def _pin_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("msaPin")
        button.setIcon(QgsApplication.getThemeIcon("/pin.svg"))
        button.setCheckable(True)
        button.setAutoRaise(True)
        button.setToolTip(tr("Keep this layer, whichever is chosen in the layer panel"))
        button.setAccessibleName(button.toolTip())
        return button

    def _area_combo(self) -> QComboBox:
        combo = QComboBox(self)
        combo.setObjectName("msaArea")
        combo.addItem(tr("Whole layer"), AreaKind.WHOLE_LAYER)
        combo.addItem(tr("Map view"), AreaKind.CANVAS)
        combo.addItem(tr("Selected polygons"), AreaKind.SELECTION)
        combo.setToolTip(tr("Where to search: tiles that touch this area are scanned and ranked"))
        _may_shrink(combo)
        return combo

    def _gsd_combo(self) -> QComboBox:
        combo = QComboBox(self)
        combo.setObjectName("msaGsd")
        combo.setToolTip(
            tr(
                "How much ground a pixel covers when QGIS draws this layer for the search:\n"
                "small for cars and roofs, large for fields and quarters;\n"
                "half the size makes four times the work"
            )
        )
        _may_shrink(combo)
        return combo

    def _follow(self, layer: Optional[QgsMapLayer]) -> None:
        """Search the raster that is chosen in the layer panel, unless others are pinned or ticked."""
        free = not self.pin.isChecked() and len(self.layers()) <= 1
        if free and isinstance(layer, QgsRasterLayer) and not is_heat_layer(layer):
            self.choice.choose([layer])

    def _on_layers(self, layers: tuple[QgsRasterLayer, ...]) -> None:
        self._offer_gsds()
        self._propose_area()
        self.layers_chosen.emit(layers)

    def _on_area(self, _: int) -> None:
        self._by_hand = self.kind

    def _propose_area(self) -> None:
        """What the map shows of layers without end, all of others, unless the user wants another area."""
        endless = any(map(gsd_choices, self.layers()))
        usual = AreaKind.CANVAS if endless else AreaKind.WHOLE_LAYER
        unfit = self._by_hand is None or (endless and self._by_hand is AreaKind.WHOLE_LAYER)
        self.areas.setCurrentIndex(self.areas.findData(usual if unfit else self._by_hand))

    def _offer_gsds(self) -> None:
        """The pixel size is a question only where a layer has no pixels of its own."""
        offers = [choices for choices in map(gsd_choices, self.layers()) if choices]
        was = self.gsds.blockSignals(True)
        chosen = self.gsds.currentData()
        self.gsds.clear()
        for choices in offers[:1]:
            usual = tr("{gsd} (as usual)").format(gsd=wording.metres(usual_gsd(choices)))
            self.gsds.addItem(usual, None)
            for gsd in choices:
                self.gsds.addItem(wording.metres(gsd), gsd)
            self.gsds.setCurrentIndex(max(self.gsds.findData(chosen), 0))
        self.gsds.blockSignals(was)
        self.gsds.setVisible(bool(offers))
        self._gsd_label.setVisible(bool(offers))
        if self.gsds.currentData() != chosen:
            self.gsd_chosen.emit(self.gsds.currentData())

    def _on_view(self) -> None:
        self._on_moved(AreaKind.CANVAS)

    def _on_selection(self, _: object = None) -> None:
        self._on_moved(AreaKind.SELECTION)

    def _on_moved(self, kind: AreaKind) -> None:
        if self.kind is kind:
            self.area_moved.emit()


def _may_shrink(combo: QComboBox) -> None:
    combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(_NARROWEST_CHARACTERS)
