"""What may be done about a scan that takes long: run it, cut it down, hand it over, or leave it."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QGridLayout, QPushButton, QWidget

from qgis_msa_plugin.search.planner import Coarse
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording


class WaysOut(QWidget):
    """Buttons, of which those are shown that lead anywhere now; Enter in the query says *Scan now*, too."""

    consented = pyqtSignal()
    declined = pyqtSignal()
    coarse_wanted = pyqtSignal()
    view_wanted = pyqtSignal()
    batch_wanted = pyqtSignal()
    all_wanted = pyqtSignal()
    overviews_wanted = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.consent = self._button("msaConsent", tr("Sca&n now"), "/mActionStart.svg")
        self.consent.setDefault(True)
        self.consent.setToolTip(tr("Scan all of it; Enter in the query says the same"))
        self.decline = self._button("msaDecline", tr("No&t now"))
        self.coarse = self._button("msaCoarse", tr("Coarse sizes only"))
        self.view = self._button("msaScanView", tr("Map view"))
        self.view.setToolTip(tr("Search only what the map shows"))
        self.batch = self._button("msaAsBatch", tr("As batch…"))
        self.batch.setToolTip(tr("Take query, layers and area to the Batch tab: its scans outlive QGIS"))
        self.all_sizes = self._button("msaAllSizes", tr("All sizes"))
        self.all_sizes.setToolTip(tr("Search small tiles, too, which have to be scanned first"))
        self.overviews = self._button("msaOverviews", tr("Build overviews…"))
        self.overviews.setToolTip(
            tr("Write coarser pixels into a file beside the raster, which stays as it is")
        )
        self._lay_out()
        for button, signal in (
            (self.consent, self.consented),
            (self.decline, self.declined),
            (self.coarse, self.coarse_wanted),
            (self.view, self.view_wanted),
            (self.batch, self.batch_wanted),
            (self.all_sizes, self.all_wanted),
            (self.overviews, self.overviews_wanted),
        ):
            button.clicked.connect(lambda _, signal=signal: signal.emit())

    def offer(self, asking: bool, coarse: Optional[Coarse], view: bool, batch: bool) -> None:
        """Show what there is to choose while the dock asks; `view`: whether the map shows less."""
        for button in (self.consent, self.decline):
            button.setVisible(asking)
        self.batch.setVisible(asking and batch)
        self.coarse.setVisible(asking and coarse is not None)
        self.view.setVisible(asking and view)
        if coarse is not None:
            text = tr("Coarse sizes only: {time}")
            self.coarse.setText(text.format(time=wording.duration(coarse.seconds)))
            tip, sizes = tr("Scan only tiles of {scales}"), map(wording.metres, coarse.scales_m)
            self.coarse.setToolTip(tip.format(scales=", ".join(sizes)))

    def _button(self, name: str, text: str, icon: str = "") -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        if icon:
            button.setIcon(QgsApplication.getThemeIcon(icon))
        return button

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(self.consent, 0, 0)
        grid.addWidget(self.decline, 0, 1)
        grid.addWidget(self.coarse, 1, 0, 1, 2)
        grid.addWidget(self.view, 2, 0)
        grid.addWidget(self.batch, 2, 1)
        grid.addWidget(self.all_sizes, 3, 0, 1, 2)
        grid.addWidget(self.overviews, 4, 0, 1, 2)
