"""What algorithms about several dates share: rasters of one place, scanned on the pixels of the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Optional, Union

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsRasterLayer,
)

from msa_model.protocol import methods
from msa_model.protocol.changing import ChangeReply, PairRequest, SeriesReply
from msa_model.protocol.errors import IndexMissing
from msa_model.protocol.messages import Aoi, ScanRequest
from qgis_msa_plugin.gis.hit_form import date_of_layer
from qgis_msa_plugin.processing.algorithm import Job, MsaAlgorithm, Parameters, Run
from qgis_msa_plugin.processing.parameters import advanced
from qgis_msa_plugin.processing.searching import plan_scan, run_scan
from qgis_msa_plugin.settings import current_settings
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets.wording import warning_texts
from qgis_msa_plugin.worker.blocking import RunWorker

_PAIR = ("BEFORE", "AFTER")


@dataclass(frozen=True)
class DatedRasters:
    """Rasters of one place, each with a scan and a date (empty: what its file tells)."""

    scans: tuple[ScanRequest, ...]
    dates: tuple[str, ...]
    may_scan: bool

    def indexes(self, worker: RunWorker, feedback: QgsProcessingFeedback) -> tuple[str, ...]:
        """Their indexes on the pixels of the first, scanned as far as that may be; errors as of scans."""
        first, *others = self.scans
        laid = [first, *(_laid_over(worker, first, other) for other in others)]
        return tuple(_index(worker, scan, feedback, self.may_scan) for scan in laid)


class DatesAlgorithm(MsaAlgorithm[Job]):
    """Subclasses say which rasters, and what is asked of them."""

    def pair(
        self, parameters: Parameters, context: QgsProcessingContext
    ) -> tuple[QgsRasterLayer, QgsRasterLayer]:
        """The layers of `pair_parameters`.

        Raises:
            BadArgument: there is none of that name.
        """
        before, after = (self.raster(parameters, context, name) for name in _PAIR)
        return before, after

    def point(
        self, parameters: Parameters, context: QgsProcessingContext, crs: QgsCoordinateReferenceSystem
    ) -> Optional[tuple[float, float]]:
        """The parameter POINT in a CRS; nothing where none is given."""
        if not parameters.get("POINT"):
            return None
        point = self.parameterAsPoint(parameters, "POINT", context, crs)
        return point.x(), point.y()

    def stack(
        self,
        layers: Sequence[QgsRasterLayer],
        dates: Sequence[str],
        aoi: Optional[Aoi],
        parameters: Parameters,
        context: QgsProcessingContext,
    ) -> DatedRasters:
        """Layers and their dates, as told or by temporal properties, and the parameters SCAN and GSD.

        Raises:
            RasterMissing: QGIS cannot open one of the layers.
            too_many_tiles: QGIS draws one that has no end, and there is no area.
        """
        gsd_m = self.parameterAsDouble(parameters, "GSD", context)
        settings = current_settings().scan()
        scans = tuple(self.scan(layer, aoi, settings, "", gsd_m) for layer in layers)
        told = (*dates, *("" for _ in layers))
        known = tuple(date.strip() or date_of_layer(layer) for date, layer in zip(told, layers))
        return DatedRasters(scans, known, self.parameterAsBoolean(parameters, "SCAN", context))


def pair_parameters() -> tuple[QgsProcessingParameterRasterLayer, ...]:
    """The parameters BEFORE and AFTER."""
    texts = (tr("Raster before"), tr("Raster after"))
    return tuple(QgsProcessingParameterRasterLayer(name, text) for name, text in zip(_PAIR, texts))


def tell_ranked(reply: Union[ChangeReply, SeriesReply], run: Run) -> None:
    """How many tiles came of how many, and what one should know of them."""
    for warning in warning_texts(reply.warnings):
        run.feedback.pushWarning(warning)
    run.tell_ranked(len(reply.results), reply)


def may_scan_parameter() -> QgsProcessingParameterDefinition:
    """The parameter SCAN."""
    return QgsProcessingParameterBoolean("SCAN", tr("Index first what is not indexed yet"), True)


def date_parameter(name: str, text: str) -> QgsProcessingParameterDefinition:
    """A parameter for a date that a raster does not tell."""
    return advanced(QgsProcessingParameterString(name, text, optional=True))


def _laid_over(worker: RunWorker, first: ScanRequest, other: ScanRequest) -> ScanRequest:
    pair = worker.call(methods.CHANGE_PAIR, PairRequest(first.raster, other.raster))
    return replace(other, raster=pair.after, index=pair.index or None)


def _index(worker: RunWorker, scan: ScanRequest, feedback: QgsProcessingFeedback, may_scan: bool) -> str:
    plan = plan_scan(worker, scan, feedback)
    if plan.missing and may_scan:
        return run_scan(worker, scan, feedback).index
    if plan.missing and plan.missing == plan.tiles:
        raise IndexMissing(tr("'{path}' has no index yet.").format(path=scan.raster.name))
    return plan.index
