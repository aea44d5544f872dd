"""How far a scan is, how fast, how long it takes yet, and the way out."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QGridLayout, QLabel, QProgressBar, QToolButton, QWidget

from qgis_msa_plugin.search.state import ScanPhase, SearchState
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording


class ProgressStrip(QWidget):
    """Visible only while a scan runs."""

    cancelled = pyqtSignal()

    def __init__(self, state: SearchState, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state = state
        self.bar = QProgressBar(self)
        self.bar.setObjectName("msaProgress")
        self.bar.setTextVisible(False)
        self.text = QLabel(self)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setObjectName("msaProgressText")
        self.text.setWordWrap(True)
        self.cancel = QToolButton(self)
        self.cancel.setObjectName("msaCancel")
        self.cancel.setText(tr("Ca&ncel"))
        self.cancel.setIcon(QgsApplication.getThemeIcon("/mActionStop.svg"))
        self.cancel.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.cancel.setToolTip(tr("Stop the scan; what is indexed is kept"))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(self.bar, 0, 0)
        grid.addWidget(self.cancel, 0, 1)
        grid.addWidget(self.text, 1, 0, 1, 2)
        self.cancel.clicked.connect(self.cancelled)
        state.phase_changed.connect(self.update_text)
        state.progress_changed.connect(self.update_text)
        self.update_text()

    def update_text(self) -> None:
        """Show what the state says."""
        phase, progress = self._state.phase, self._state.progress
        self.setVisible(phase.running)
        self.cancel.setEnabled(phase is ScanPhase.SCANNING)
        # A bar from 0 to 0 moves to and fro: something happens, nobody knows how much of it.
        self.bar.setMaximum(progress.total if progress else 0)
        self.bar.setValue(progress.done if progress else 0)
        cancelling = phase is ScanPhase.CANCELLING
        self.text.setText(tr("Stopping after this batch…") if cancelling else wording.advance(progress))
