"""Over the hits: what they are, and how to look at them."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QHBoxLayout, QToolButton, QWidget

from qgis_msa_plugin.dock.elided_label import ElidedLabel
from qgis_msa_plugin.translate import tr


class AnswerBar(QWidget):
    """`filters` is the button that opens the filters; it belongs to those who filter."""

    all_wanted = pyqtSignal()
    gallery_wanted = pyqtSignal(bool)

    def __init__(self, filters: QToolButton, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.title = ElidedLabel(self)
        self.title.setObjectName("msaResultsTitle")
        extent = QgsApplication.getThemeIcon("/mActionZoomToLayer.svg")
        self.zoom = self._button("msaZoomToAll", extent, tr("Zoom to all hits (F)"))
        gallery = QgsApplication.getThemeIcon("/mActionIconView.svg")
        self.gallery = self._button("msaGallery", gallery, tr("Pictures side by side, or a list (G)"))
        self.gallery.setCheckable(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.title, 1)
        for button in (self.zoom, self.gallery, filters):
            button.setAutoRaise(True)
            row.addWidget(button)
        self._with_hits = (self.zoom, self.gallery, filters)
        self.zoom.clicked.connect(self.all_wanted)
        self.gallery.clicked.connect(self.gallery_wanted)

    def say(self, wordings: tuple[str, ...], has_hits: bool) -> None:
        """Show the title, in as many words as there is room for; the buttons only where there are hits."""
        self.title.say(*wordings)
        for button in self._with_hits:
            button.setVisible(has_hits)
        self.setVisible(bool(wordings[0]) or has_hits)

    def _button(self, name: str, icon: QIcon, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setIcon(icon)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button
