"""Two layers of one place that a batch's questions about two dates are asked of."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QCheckBox, QGridLayout, QWidget

from msa_model.protocol.batch import DatedPair
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.messages import Aoi
from qgis_msa_plugin.gis.hit_form import date_of_layer
from qgis_msa_plugin.gis.two_dates import TwoDates
from qgis_msa_plugin.render.source import bulk_source_of
from qgis_msa_plugin.translate import tr


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
