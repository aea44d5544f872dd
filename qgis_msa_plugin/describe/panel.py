"""Describe a place: the button of the map tool, the window's size, the phrases."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QComboBox, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from qgis_msa_plugin.describe.phrase_list import PhraseList
from qgis_msa_plugin.places import resource
from qgis_msa_plugin.search import wording
from qgis_msa_plugin.search.state import Description, SearchState
from qgis_msa_plugin.translate import tr

_LIST_HEIGHT = 150
_WHOLE = 0.995


class DescribePanel(QWidget):
    """`toggled` asks for the map tool, `scale_chosen` tells metres or None (the worker chooses)."""

    toggled = pyqtSignal(bool)
    scale_chosen = pyqtSignal(object)

    def __init__(self, state: SearchState, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state = state
        self.button = self._make_button()
        self.scales = QComboBox(self)
        self.scales.setObjectName("msaDescribeScale")
        self.scales.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.scales.setToolTip(tr("Side of the square around the click, on the ground"))
        self.scales.setAccessibleName(tr("Size of the described square"))
        self.text = QLabel(self)
        self.text.setWordWrap(True)
        self.phrases = PhraseList(self)
        self.phrases.setMaximumHeight(_LIST_HEIGHT)
        self._lay_out()
        self.button.toggled.connect(self.toggled)
        self.scales.currentIndexChanged.connect(lambda _: self.scale_chosen.emit(self.scales.currentData()))
        state.describe_scales_changed.connect(self._show_scales)
        for signal in (state.description_changed, state.describing_changed):
            signal.connect(self.update_text)
        self._show_scales(state.describe_scales)
        self.update_text()

    def set_tool_active(self, active: bool) -> None:
        """Show whether the map tool is the one in use."""
        self.button.setChecked(active)
        self.update_text()

    def update_text(self) -> None:
        """Show what the state says."""
        description = self._state.description
        self.phrases.setVisible(description is not None)
        if description is not None:
            self.phrases.show_phrases(description.reply.phrases)
        self.text.setText(self._text(description))
        self.text.setVisible(bool(self.text.text()))

    def _make_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("msaDescribe")
        button.setText(tr("Descri&be a place"))
        button.setIcon(QIcon(str(resource("icons/describe.svg"))))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setCheckable(True)
        button.setToolTip(tr("Click on the map, and read which phrases fit what is there best"))
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.button)
        row.addStretch(1)
        row.addWidget(self.scales)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.text)
        column.addWidget(self.phrases)

    def _text(self, description: Optional[Description]) -> str:
        if self._state.describing:
            return tr("Looking…")
        if description is None:
            return tr("Click on the map.") if self.button.isChecked() else ""
        reply = description.reply
        text = tr("{side} of '{layer}' around the click:")
        text = text.format(side=wording.metres(reply.scale_m), layer=description.title)
        if reply.valid < _WHOLE:
            text += " " + tr("(only {share} % has pixels)").format(share=round(100 * reply.valid))
        return text

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
        self.scale_chosen.emit(self.scales.currentData())


def _nearest(scales: tuple[float, ...], wanted: Optional[float]) -> int:
    if not scales:
        return 0
    if wanted is None:
        return (len(scales) - 1) // 2
    return min(range(len(scales)), key=lambda position: abs(scales[position] - wanted))
