"""What searching by text and by example share: parameters, the scan before, filters, and the result.

A scan as several algorithms run it: what it would cost, then the scan.
"""

from __future__ import annotations

from abc import abstractmethod
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
    QgsWkbTypes,
)

from msa_model.protocol import methods
from msa_model.protocol.errors import BadArgument, IndexMissing, IndexStale
from msa_model.protocol.hit_filter import DEPTH, Filters, choose, depth_of, hit_values, memory_fields
from msa_model.protocol.hit_table import HitTable, VerdictReply
from msa_model.protocol.match import match_of
from msa_model.protocol.messages import Aoi, Example, ScanPlan, ScanRequest, ScanSummary, SearchRequest
from qgis_msa_plugin.gis.geometry import crs_of, polygon_of
from qgis_msa_plugin.gis.vector_file import fields_of
from qgis_msa_plugin.processing.algorithm import MsaAlgorithm, Parameters, Results, Run
from qgis_msa_plugin.processing.layer_style import style_hits, style_on_loading
from qgis_msa_plugin.processing.parameters import advanced, scales_of
from qgis_msa_plugin.settings import current_settings
from qgis_msa_plugin.translate import interface_language, tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.widgets.match_words import verdict_sentence
from qgis_msa_plugin.widgets.wording import warning_texts
from qgis_msa_plugin.worker.blocking import RunWorker


def plan_scan(worker: RunWorker, request: ScanRequest, feedback: QgsProcessingFeedback) -> ScanPlan:
    """What the scan would cost; told to the user."""
    plan = worker.call(methods.PLAN, request)
    for warning in warning_texts(plan.warnings):
        feedback.pushWarning(warning)
    text = tr("{missing} of {tiles} tiles are not indexed yet: about {seconds:.0f} s and {size:.1f} MB.")
    feedback.pushInfo(
        text.format(missing=plan.missing, tiles=plan.tiles, seconds=plan.seconds, size=plan.bytes / 1e6)
    )
    sides = ", ".join(f"{scale.scale_m:.0f} m" for scale in plan.scales)
    feedback.pushInfo(tr("Tile sides: {sides}").format(sides=sides))
    return plan


def index_of(
    worker: RunWorker,
    scan: ScanRequest,
    feedback: QgsProcessingFeedback,
    question: SearchRequest,
    *,
    may_scan: bool,
    partly: str,
) -> str:
    """The index of the raster; what is missing is scanned if that `may` be, else the user is told `partly`.

    A question that the model refuses costs no scan.

    Raises:
        IndexMissing: nothing is indexed, and nothing may be scanned.
        MsaError: of the scan, and of the question.
    """
    plan = plan_scan(worker, scan, feedback)
    if not plan.missing:
        return plan.index
    if may_scan:
        _check_question(worker, replace(question, indexes=(plan.index,), k=1, scales_m=()))
        return run_scan(worker, scan, feedback).index
    if plan.missing == plan.tiles:
        raise IndexMissing(tr("'{path}' has no index yet.").format(path=scan.raster.name))
    feedback.pushWarning(partly)
    return plan.index


def _check_question(worker: RunWorker, request: SearchRequest) -> None:
    """Ask what is indexed so far."""
    with suppress(IndexMissing, IndexStale):
        worker.call_for_bytes(methods.RANK, request)


def run_scan(worker: RunWorker, request: ScanRequest, feedback: QgsProcessingFeedback) -> ScanSummary:
    """Scan what is missing; progress and cancelling go through the feedback."""
    summary = worker.call(methods.BUILD, request)
    text = tr("{encoded} tiles encoded, {reused} known before, {skipped} skipped in {seconds:.1f} s: {index}")
    feedback.pushInfo(
        text.format(
            encoded=summary.encoded,
            reused=summary.reused,
            skipped=summary.skipped,
            seconds=summary.seconds,
            index=summary.index,
        )
    )
    return summary


@dataclass(frozen=True)
class Search:
    """A question to an index that exists (`scan` is None), or to that of a raster; `crs` is the raster's."""

    query: str
    examples: tuple[Example, ...]
    aoi: Optional[Aoi]
    index: str
    scan: Optional[ScanRequest]
    may_scan: bool
    crs: QgsCoordinateReferenceSystem
    filters: Filters
    scales_m: tuple[float, ...]
    min_valid: float

    def request(self, index: str) -> SearchRequest:
        """What to ask of an index."""
        return SearchRequest(
            self.query,
            (index,),
            depth_of(self.filters),
            self.aoi,
            examples=self.examples,
            language=interface_language(),
            scales_m=self.scales_m,
            min_valid=self.min_valid,
        )


class SearchAlgorithm(MsaAlgorithm[Search]):
    """Subclasses declare what is asked, and read it."""

    @abstractmethod
    def question(
        self, parameters: Parameters, context: QgsProcessingContext
    ) -> tuple[str, tuple[Example, ...]]:
        """Query and examples; raises `MsaError`."""

    def add_rest(self) -> None:
        """Declare area, number, filters and outputs."""
        polygons = [QgsProcessing.SourceType.TypeVectorPolygon]
        numbers = QgsProcessingParameterNumber.Type
        k = current_settings().k
        for parameter in (
            QgsProcessingParameterNumber("K", tr("Number of results"), numbers.Integer, k, False, 1, DEPTH),
            QgsProcessingParameterFeatureSource("AOI", tr("Area of interest"), polygons, optional=True),
            QgsProcessingParameterBoolean("MERGE", tr("Of overlapping tiles, keep only the best"), True),
            QgsProcessingParameterBoolean("SCAN", tr("Index first what is not indexed yet"), True),
            advanced(
                QgsProcessingParameterNumber(
                    "MIN_SCORE", tr("Least match score"), numbers.Double, optional=True
                )
            ),
            advanced(QgsProcessingParameterString("SCALES", tr("Only these tile sides (m)"), optional=True)),
            advanced(
                QgsProcessingParameterNumber(
                    "MIN_VALID", tr("Least share of pixels with data"), numbers.Double, 0.0, False, 0.0, 1.0
                )
            ),
            QgsProcessingParameterFeatureSink(
                "OUTPUT", tr("Matching tiles"), QgsProcessing.SourceType.TypeVectorPolygon
            ),
        ):
            self.addParameter(parameter)
        self.addOutput(QgsProcessingOutputNumber("COUNT", tr("Matching tiles")))
        self.addOutput(QgsProcessingOutputString("VERDICT", tr("Verdict (good, doubtful or nothing)")))
        self.addOutput(QgsProcessingOutputString("MATCH", tr("Best match (strong, likely, weak or none)")))
        self.addOutput(QgsProcessingOutputNumber("BEST_SCORE", tr("Match score of the best tiles")))

    def job_of(self, parameters: Parameters, context: QgsProcessingContext) -> Search:
        """Read question, raster or index, and area."""
        aoi = self.area(parameters, context)
        index = self.file(parameters, "INDEX", context)
        scan, crs = None, QgsCoordinateReferenceSystem()
        if parameters.get("RASTER") not in (None, ""):
            layer = self.raster(parameters, context)
            scan, crs = self.scan(layer, aoi, current_settings().scan(), index), layer.crs()
        elif not index:
            raise BadArgument(tr("Choose a raster or an index file."))
        query, examples = self.question(parameters, context)
        return Search(
            query=query,
            examples=examples,
            aoi=aoi,
            index=index,
            scan=scan,
            may_scan=self.parameterAsBoolean(parameters, "SCAN", context),
            crs=crs,
            filters=self._filters(parameters, context),
            scales_m=scales_of(self.parameterAsString(parameters, "SCALES", context)),
            min_valid=self.parameterAsDouble(parameters, "MIN_VALID", context),
        )

    def run_job(self, job: Search, run: Run) -> Results:
        """Index what is missing, then search and judge."""
        with self.worker(run.feedback) as worker:
            index = job.index if job.scan is None else _scanned(worker, job, job.scan, run.feedback)
            request = job.request(index)
            table = _ranked(worker, request)
        rows = list(choose(table, job.filters).rows)
        run.tell_ranked(len(rows), table.reply)
        results: Results = {"OUTPUT": self._write(table, rows, job, run), "COUNT": len(rows)}
        if table.verdict is not None:
            verdict = table.verdict.reply
            _say(verdict, bool(request.examples), run.feedback)
            match = match_of(verdict.best_score)
            results.update(VERDICT=verdict.level, MATCH=match, BEST_SCORE=verdict.best_score)
        return results

    def _filters(self, parameters: Parameters, context: QgsProcessingContext) -> Filters:
        least = parameters.get("MIN_SCORE") not in (None, "")
        return Filters(
            min_score=self.parameterAsDouble(parameters, "MIN_SCORE", context) if least else None,
            by_match=True,
            merge=self.parameterAsBoolean(parameters, "MERGE", context),
            limit=self.parameterAsInt(parameters, "K", context),
        )

    def _write(self, table: HitTable, hits: list[int], job: Search, run: Run) -> str:
        title = job.query or self.displayName()
        rows = (
            (polygon_of(table.ring(row)), _attributes(table, row, rank, title))
            for rank, row in enumerate(hits, start=1)
        )
        crs = crs_of(table.index(hits[0]).crs) if hits else job.crs
        destination = self.write(run, fields_of(memory_fields()), QgsWkbTypes.Type.Polygon, crs, rows)
        style_on_loading(run.context, destination, partial(style_hits, style="results"), title)
        return destination


def _attributes(table: HitTable, row: int, rank: int, title: str) -> list[object]:
    return list(hit_values(replace(table.hit(row), rank=rank), title).values())


def _ranked(worker: RunWorker, request: SearchRequest) -> HitTable:
    table = HitTable.of(*worker.call_for_bytes(methods.RANK, request))
    if not len(table):
        return table
    ranked = replace(request, ranked=table.reply.ranked)
    return table.with_verdict(*worker.call_for_bytes(methods.VERDICT, ranked))


def _say(verdict: VerdictReply, by_example: bool, feedback: QgsProcessingFeedback) -> None:
    match = match_of(verdict.best_score)
    tell = feedback.pushWarning if match == "none" else feedback.pushInfo
    figure = tr("The best tiles have a match score of {score}.")
    told = figure.format(score=wording.decimal(verdict.best_score, 1))
    tell(f"{verdict_sentence(match, by_example)} {told}")
    if verdict.runner_up:
        feedback.pushInfo(tr("They look most like: {phrase}").format(phrase=verdict.runner_up))
    for warning in warning_texts(verdict.warnings):
        feedback.pushWarning(warning)


def _scanned(worker: RunWorker, job: Search, scan: ScanRequest, feedback: QgsProcessingFeedback) -> str:
    return index_of(
        worker,
        scan,
        feedback,
        job.request(""),
        may_scan=job.may_scan,
        partly=tr("Only the tiles that are indexed are searched."),
    )
