"""Which features to describe, and into which field."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsMapLayer, QgsMapLayerProxyModel, QgsVectorLayer
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from msa_model.protocol.errors import MsaError
from qgis_msa_plugin.describe.field_writer import FIELD, check_editable
from qgis_msa_plugin.describe.many import FeaturesJob
from qgis_msa_plugin.errors import error_line
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.widgets.keyboard import KeyboardDialog
from qgis_msa_plugin.widgets.wrapped_label import WrappedLabel

_MOST_PHRASES = 10


class FeaturesDialog(KeyboardDialog):
    """`chosen` tells a FeaturesJob."""

    chosen = pyqtSignal(object)  # FeaturesJob

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("msaFeatures")
        self.setWindowTitle(tr("Describe a polygon layer"))
        self._make_fields()
        form = QFormLayout()
        form.addRow(tr("&Layer"), self.layers)
        form.addRow("", self.selected)
        form.addRow(tr("&Field"), self.field)
        form.addRow(tr("&Write"), self.what)
        form.addRow(tr("&Phrases"), self.count)
        form.addRow(tr("&Window"), self.scales)
        buttons = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(buttons.Ok | buttons.Cancel, self)
        self.buttons.button(buttons.Ok).setObjectName("msaFeaturesOk")
        self.buttons.button(buttons.Ok).setText(tr("Describe"))
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self.problem)
        column.addWidget(self.buttons)

    def propose(self, layer: Optional[QgsMapLayer], scales: tuple[float, ...]) -> None:
        """Start from the active layer, and from the scales of the raster."""
        if isinstance(layer, QgsVectorLayer):
            self.layers.setLayer(layer)
            self.selected.setChecked(layer.selectedFeatureCount() > 0)
        self.scales.clear()
        self.scales.addItem(tr("as large as the feature"), None)
        for scale_m in scales:
            self.scales.addItem(wording.metres(scale_m), scale_m)
        self.problem.hide()

    def _make_fields(self) -> None:
        self.layers = QgsMapLayerComboBox(self)
        self.layers.setObjectName("msaFeaturesLayer")
        self.layers.setFilters(QgsMapLayerProxyModel.Filter.PolygonLayer)
        self.layers.setToolTip(tr("The polygons to describe"))
        self.selected = QCheckBox(tr("&Selected features only"), self)
        self.selected.setObjectName("msaFeaturesSelected")
        self.selected.setToolTip(tr("Leave the other features as they are"))
        self.field = QLineEdit(FIELD, self)
        self.field.setObjectName("msaFeaturesField")
        self.field.setToolTip(tr("The field that takes the description; it is added where it is missing"))
        self.what = QComboBox(self)
        self.what.setObjectName("msaFeaturesWhat")
        self.what.addItem(tr("phrases"), False)
        self.what.addItem(tr("keywords"), True)
        self.what.setToolTip(tr("The best phrases, or the words that they have in common"))
        self.count = QSpinBox(self)
        self.count.setObjectName("msaFeaturesCount")
        self.count.setRange(1, _MOST_PHRASES)
        self.count.setValue(3)
        self.count.setToolTip(tr("How many phrases or keywords"))
        self.scales = QComboBox(self)
        self.scales.setObjectName("msaFeaturesScale")
        self.scales.setToolTip(tr("Side of the windows that are looked at"))
        self.problem = WrappedLabel("msaFeaturesProblem", self)
        self.problem.hide()

    def _accept(self) -> None:
        layer, field = self.layers.currentLayer(), self.field.text().strip()
        if not isinstance(layer, QgsVectorLayer) or not field:
            self.problem.setText(tr("Choose a polygon layer, and a name for the field."))
            self.problem.show()
            return
        try:
            check_editable(layer, field)
        except MsaError as error:
            self.problem.setText(error_line(error))
            self.problem.show()
            return
        self.accept()
        job = FeaturesJob(
            layer,
            field,
            self.selected.isChecked(),
            bool(self.what.currentData()),
            self.count.value(),
            self.scales.currentData(),
        )
        self.chosen.emit(job)
