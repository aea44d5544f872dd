"""Describe: the map tool's button, the window's size, phrases by scale, and where they can go."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsApplication, QgsProject, QgsVectorLayer
from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import (
    QApplication,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from msa_model.protocol.errors import MsaError
from msa_model.protocol.messages import Progress
from qgis_msa_plugin.describe.describe_words import copy_text, keyword_line, title
from qgis_msa_plugin.describe.describer import Describer, Description
from qgis_msa_plugin.describe.features_dialog import FeaturesDialog
from qgis_msa_plugin.describe.field_writer import add_to_table
from qgis_msa_plugin.describe.many import DescribeMany, FeaturesJob
from qgis_msa_plugin.describe.phrase_list import PhraseList
from qgis_msa_plugin.plugin_files import resource
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.widgets.observed import NoticeLevel, Notices
from qgis_msa_plugin.widgets.wrapped_label import WrappedLabel


class DescribePanel(QWidget):
    """`toggled` asks for the map tool."""

    toggled = pyqtSignal(bool)

    def __init__(
        self,
        describer: Describer,
        features: DescribeMany,
        notices: Notices,
        iface: QgisInterface,
        parent: Optional[QWidget] = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("msaDescribePanel")
        self._describer, self._many, self._notices, self._iface = describer, features, notices, iface
        self._dialog: Optional[FeaturesDialog] = None
        self._make_parts()
        self._lay_out()
        self._connect()
        self._show_scales(self._describer.scales)
        self.update_text()
        self._on_busy(False)

    def set_tool_active(self, active: bool) -> None:
        """Show whether the map tool is the one in use."""
        self.button.setChecked(active)
        self.update_text()

    def update_text(self, *_: object) -> None:
        """Show what the state says."""
        description = self._describer.description
        for part in (self.phrases, self.copy, self.table):
            part.setVisible(description is not None)
        words = keyword_line(description.reply.keywords) if description is not None else ""
        self.keywords.setText(tr("Keywords: {words}").format(words=words))
        self.keywords.setVisible(bool(words))
        if description is not None:
            self.phrases.show_description(description)
        self.text.setText(self._text(description))
        self.text.setVisible(bool(self.text.text()))

    def release(self) -> None:
        """Close what stands open beside it."""
        if self._dialog is not None:
            self._dialog.close()

    def _make_parts(self) -> None:
        self.button = self._tool_button("msaDescribe", tr("Descri&be a place"), "describe.svg")
        self.button.setCheckable(True)
        self.button.setToolTip(tr("Click on the map, or drag a box, and read which phrases fit it best"))
        self.scales = QComboBox(self)
        self.scales.setObjectName("msaDescribeScale")
        self.scales.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.scales.setToolTip(tr("Side of the square around a click, on the ground"))
        self.scales.setAccessibleName(tr("Size of the described square"))
        self.selected = self._tool_button("msaDescribeSelected", tr("Selection"), "/mActionSelect.svg")
        self.selected.setToolTip(tr("Describe the selected polygon of the active layer"))
        icon = "/mActionCalculateField.svg"
        self.features = self._tool_button("msaDescribeFeatures", tr("Layer…"), icon)
        self.features.setToolTip(tr("Describe every feature of a polygon layer into one of its fields"))
        self.text = self._label("msaDescribeText")
        self.keywords = self._label("msaKeywords")
        self.phrases = PhraseList(self)
        self.copy = self._tool_button("msaDescribeCopy", tr("Copy"), "/mActionEditCopy.svg")
        self.copy.setToolTip(tr("Copy the description as text"))
        self.table = self._tool_button("msaDescribeTable", tr("Add to table"), "/mActionNewAttribute.svg")
        self.table.setToolTip(
            tr("Write the phrases into the polygon's attributes, or the place into the layer 'Descriptions'")
        )
        self.bar = QProgressBar(self)
        self.bar.setObjectName("msaDescribeProgress")
        self.cancel = self._tool_button("msaDescribeCancel", tr("Ca&ncel"), "/mActionStop.svg")
        self.cancel.setToolTip(tr("Stop describing features; what is written stays"))

    def _lay_out(self) -> None:
        above, polygons = QHBoxLayout(), QHBoxLayout()
        above.addWidget(self.button)
        above.addWidget(self.scales)
        above.addStretch(1)
        polygons.addWidget(self.selected)
        polygons.addWidget(self.features)
        polygons.addStretch(1)
        busy, below = QHBoxLayout(), QHBoxLayout()
        busy.addWidget(self.bar, 1)
        busy.addWidget(self.cancel)
        below.addWidget(self.copy)
        below.addWidget(self.table)
        below.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(above)
        column.addLayout(polygons)
        column.addLayout(busy)
        column.addWidget(self.text)
        column.addWidget(self.keywords)
        column.addWidget(self.phrases, 1)
        column.addLayout(below)
        column.addStretch(0)

    def _connect(self) -> None:
        self.button.toggled.connect(self.toggled)
        self.scales.currentIndexChanged.connect(lambda _: self._choose_scale())
        self.selected.clicked.connect(self._describe_selected)
        self.features.clicked.connect(self._choose_features)
        self.copy.clicked.connect(self._copy)
        self.table.clicked.connect(self._add_to_table)
        self.cancel.clicked.connect(self._many.cancel)
        self._describer.scales_changed.connect(self._show_scales)
        for signal in (self._describer.description_changed, self._describer.describing_changed):
            signal.connect(self.update_text)
        self._many.busy_changed.connect(self._on_busy)
        self._many.progress_changed.connect(self._on_progress)
        self._many.finished.connect(self._on_described)
        self._many.failed.connect(self._notices.fail)

    def _choose_scale(self) -> None:
        """Metres, or nothing: then the worker chooses."""
        self._describer.choose_scale(self.scales.currentData())

    def _describe_selected(self) -> None:
        self._describer.describe_selected(self._iface.activeLayer())

    def _choose_features(self) -> None:
        if self._dialog is None:
            self._dialog = FeaturesDialog(self)
            self._dialog.chosen.connect(self._describe_features)
        self._dialog.propose(self._iface.activeLayer(), self._describer.scales)
        self._dialog.open()

    def _describe_features(self, job: FeaturesJob) -> None:
        self._notices.notice = None
        try:
            self._many.start(self._describer.layer, job)
        except MsaError as error:
            self._notices.fail(error)

    def _copy(self) -> None:
        if self._describer.description is not None:
            QApplication.clipboard().setText(copy_text(self._describer.description))

    def _add_to_table(self) -> None:
        description, spot = self._describer.description, self._describer.spot
        if description is None:
            return
        try:
            layer = add_to_table(QgsProject.instance(), description, spot, self)
        except MsaError as error:
            self._notices.fail(error)
        else:
            self._say_written(layer)

    def _say_written(self, layer: QgsVectorLayer) -> None:
        text = tr("Written to the attributes of '{name}'; save the layer's edits to keep it.")
        if not layer.isEditable():
            text = tr("Written to the layer '{name}'.")
        self._notices.say(NoticeLevel.INFO, text.format(name=layer.name()))

    def _on_busy(self, busy: bool) -> None:
        self.bar.setVisible(busy)
        self.cancel.setVisible(busy)
        self.features.setEnabled(not busy)

    def _on_progress(self, progress: Optional[Progress]) -> None:
        self.bar.setMaximum(progress.total if progress else 0)
        self.bar.setValue(progress.done if progress else 0)
        self.bar.setToolTip(wording.advance(progress) if progress else "")

    def _on_described(self, described: int, blank: int, silent: int) -> None:
        if described or blank or silent:
            text = tr("Features described: {n}. Save the layer's edits to keep it.")
            text = text.format(n=wording.count(described))
            if silent:
                left_out = tr("Features that no phrase fits: {n}.").format(n=wording.count(silent))
                text = f"{text} {left_out}"
            if blank:
                left_out = tr("Features with no pixels below them: {n}.").format(n=wording.count(blank))
                text = f"{text} {left_out}"
            self._notices.say(NoticeLevel.INFO, text)

    def _text(self, description: Optional[Description]) -> str:
        if self._describer.describing:
            return tr("Looking…")
        if description is None:
            if self.button.isChecked():
                return tr("Click on the map, or drag a box.")
            return tr("Press the button, then click on the map or drag a box: what is there is told here.")
        return title(description)

    def _show_scales(self, scales: tuple[float, ...]) -> None:
        chosen = self.scales.currentData()
        self.scales.blockSignals(True)
        self.scales.clear()
        for scale_m in scales:
            self.scales.addItem(wording.metres(scale_m), scale_m)
        if not scales:
            self.scales.addItem(tr("Auto"), None)
        self.scales.setCurrentIndex(_nearest(scales, chosen))
        self.scales.blockSignals(False)
        self._choose_scale()

    def _tool_button(self, name: str, text: str, icon: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        theme = icon.startswith("/")
        button.setIcon(QgsApplication.getThemeIcon(icon) if theme else QIcon(str(resource(f"icons/{icon}"))))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return button

    def _label(self, name: str) -> QLabel:
        label = WrappedLabel(name, self)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label


def _nearest(scales: tuple[float, ...], wanted: Optional[float]) -> int:
    if not scales:
        return 0
    if wanted is None:
        return (len(scales) - 1) // 2
    return min(range(len(scales)), key=lambda position: abs(scales[position] - wanted))
