"""Which hits of a batch scan to look through: a query on a raster."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QMenu, QToolButton, QWidget

from msa_model.protocol.errors import MsaError
from qgis_msa_plugin.batch.job import BatchJob
from qgis_msa_plugin.batch.results import QueryAndRaster, pairs_of
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording


class ReviewButton(QToolButton):
    """Its menu lists the queries that have hits, and of each the rasters; `job` gives the chosen scan."""

    wanted = pyqtSignal(object, object)  # BatchJob, Pair

    def __init__(self, job: Callable[[], Optional[BatchJob]], parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._job = job
        self.setObjectName("msaBatchReview")
        self.setText(tr("Review"))
        self.setIcon(QgsApplication.getThemeIcon("/mActionFormView.svg"))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setToolTip(
            tr("List the hits of a query on a raster in the Search tab, to accept or reject them")
        )
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.setObjectName("msaBatchReviewMenu")
        menu.aboutToShow.connect(self.fill)
        self.setMenu(menu)

    def fill(self) -> None:
        """Make the menu anew."""
        menu, job = self.menu(), self._job()
        menu.clear()
        pairs = _pairs_of(job) if job is not None else []
        rasters = {pair.source for pair in pairs}
        for query in dict.fromkeys(pair.query for pair in pairs):
            own = [pair for pair in pairs if pair.query == query]
            title = _entry(wording.brief(own[0].name or query), sum(pair.hits for pair in own))
            inner = menu if len(rasters) == 1 else menu.addMenu(title)
            for pair in own:
                text = title if inner is menu else _entry(Path(pair.source).stem, pair.hits)
                action = inner.addAction(text)
                action.triggered.connect(lambda _, job=job, pair=pair: self.wanted.emit(job, pair))
        if menu.isEmpty():
            menu.addAction(tr("No hits yet")).setEnabled(False)


def _pairs_of(job: BatchJob) -> list[QueryAndRaster]:
    try:
        return [pair for pair in pairs_of(job.request.out) if not pair.source_after]
    except MsaError:
        return []


def _entry(name: str, hits: int) -> str:
    return f"{name} ({wording.count(hits)})".replace("&", "&&")
