"""The hits of a batch scan in the list of searches, where they are reviewed as any others."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

from qgis.core import QgsMapLayer, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QObject

from msa_model.protocol.errors import BadArgument, MsaError
from msa_model.protocol.hit_filter import Filters
from qgis_msa_plugin.batch.job import BatchJob
from qgis_msa_plugin.batch.results import QueryAndRaster
from qgis_msa_plugin.render.source import layer_showing
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.question import Dates, Question
from qgis_msa_plugin.search.target import Target, scan_request
from qgis_msa_plugin.translate import tr


class BatchReview(QObject):
    """Asks what the batch asked, of what it has indexed: the same rule chooses the same hits."""

    def __init__(
        self, controller: SearchController, shares_files: Callable[[], bool], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._controller, self._shares_files = controller, shares_files

    def review(self, job: BatchJob, pair: QueryAndRaster) -> bool:
        """List the hits of a query on a raster, or two; whether it can be asked. The project gets these."""
        try:
            targets = tuple(self._target(job, source) for source in pair.sources)
        except MsaError as error:
            self._controller.state.fail(error)
            return False
        dates = _dates_of(job, pair) if pair.source_after else None
        filters = Filters(merge=job.request.merge, limit=pair.hits)
        self._controller.review(Question(pair.query, layers=targets, dates=dates), filters)
        return True

    def _target(self, job: BatchJob, source: str) -> Target:
        layer, asked = _layer_of(source), job.request
        shares = self._shares_files()
        request = scan_request(layer, asked.aoi, asked.settings, shares_files=shares)
        return Target(layer.id(), layer.name(), request)


def _dates_of(job: BatchJob, pair: QueryAndRaster) -> Dates:
    """The dates that the batch was given for its two rasters."""
    sources = (pair.source, pair.source_after)
    asked = (own for own in job.request.pairs if (own.before.address, own.after.address) == sources)
    return next((Dates(own.date_before, own.date_after) for own in asked), Dates())


def _layer_of(source: str) -> QgsMapLayer:
    """The project's layer of a raster; a file that has none gets one.

    Raises:
        BadArgument: neither is there.
    """
    layer = layer_showing(QgsProject.instance(), source)
    if layer is not None:
        return layer
    made = QgsRasterLayer(source, Path(source).stem)
    if not made.isValid():
        text = tr("The project has no layer that shows {path}, and there is no such file any more.")
        raise BadArgument(text.format(path=source))
    added: QgsRasterLayer = QgsProject.instance().addMapLayer(made)
    return added
